/**
 * Channels' tasks: what runs on Heddle's threads in the channels suite.
 *
 * The blocking ones live as long as their scenario, one role a thread, so that each thread keeps the compiled code of its role; an order starts a
 * round. They report when it is over: a report in the middle would wake the main thread on one of the cores that are being measured.
 */
import { threadId } from "node:worker_threads";
import { CLOSED, type Receiver, type Sender } from "../../src/index.ts";
import { nowNs } from "../contenders/clock.ts";
import { Ledger, SPAN } from "../contenders/numbers.ts";
import { markOf } from "../contenders/witness.ts";

/** For each order sends that many values as sender `id`; reports when it began. */
export function sendRounds(orders: Receiver<number>, out: Sender<number>, id: number, report: Sender<number>): void {
  for (const count of orders) {
    const begun = nowNs();
    sendAll(out, id * SPAN, count);
    report.sendSync(begun);
  }
}

function sendAll(out: Sender<number>, from: number, count: number): void {
  for (let i = 0; i < count; i++) out.sendSync(from + i);
}

/** For each order receives that many values of `senders` senders; reports when it ended, then count, sum, disorder and who. */
export function receiveRounds(orders: Receiver<number>, input: Receiver<number>, senders: number, report: Sender<number>): void {
  for (const count of orders) {
    const ledger = new Ledger(senders);
    receiveAll(input, ledger, count);
    for (const figure of [nowNs(), ledger.count, ledger.sum, ledger.disorder, markOf(input)]) report.sendSync(figure);
  }
}

function receiveAll(input: Receiver<number>, ledger: Ledger, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = input.recvSync();
    if (value !== CLOSED) ledger.add(value);
  }
}

/** As sendRounds, `batch` values at a time. */
export function sendManyRounds(orders: Receiver<number>, out: Sender<number>, batch: number, report: Sender<number>): void {
  for (const count of orders) {
    const begun = nowNs();
    sendBatches(out, count, batch);
    report.sendSync(begun);
  }
}

function sendBatches(out: Sender<number>, count: number, batch: number): void {
  const values = new Float64Array(batch);
  for (let from = 0; from < count; from += batch) {
    const length = Math.min(batch, count - from);
    for (let i = 0; i < length; i++) values[i] = from + i;
    out.sendManySync(length === batch ? values : values.subarray(0, length));
  }
}

/** As receiveRounds from one sender, at most `batch` values at a time. */
export function receiveManyRounds(orders: Receiver<number>, input: Receiver<number>, batch: number, report: Sender<number>): void {
  for (const count of orders) {
    const ledger = new Ledger(1);
    receiveBatches(input, ledger, count, batch);
    for (const figure of [nowNs(), ledger.count, ledger.sum, ledger.disorder, markOf(input)]) report.sendSync(figure);
  }
}

function receiveBatches(input: Receiver<number>, ledger: Ledger, count: number, batch: number): void {
  while (ledger.count < count) {
    const values = input.recvManySync(Math.min(batch, count - ledger.count));
    if (values === CLOSED) return;
    ledger.addAll(values);
  }
}

/** What a light task did, and where. */
export interface LightRound {
  readonly threadId: number;
  /** What the values went through. */
  readonly mark: number;
  readonly begun: number;
  readonly ended: number;
  readonly count: number;
  readonly sum: number;
  readonly disorder: number;
}

export async function sendLight(out: Sender<number>, id: number, count: number): Promise<LightRound> {
  const begun = nowNs();
  for (let i = 0; i < count; i++) await out.send(id * SPAN + i);
  return { threadId, mark: markOf(out), begun, ended: nowNs(), count: 0, sum: 0, disorder: 0 };
}

export async function receiveLight(input: Receiver<number>, senders: number, quota: number): Promise<LightRound> {
  const begun = nowNs();
  const ledger = new Ledger(senders);
  for (let i = 0; i < quota; i++) {
    const value = await input.recv();
    if (value !== CLOSED) ledger.add(value);
  }
  const { count, sum, disorder } = ledger;
  return { threadId, mark: markOf(input), begun, ended: nowNs(), count, sum, disorder };
}

/** Sends every value it receives back, plus one, until there are none. */
export function echoRounds(input: Receiver<number>, out: Sender<number>): void {
  for (const value of input) out.sendSync(value + 1);
}

const nap = new Int32Array(new SharedArrayBuffer(4));

/** Trips before the first order: a peer that sleeps between trips makes too few of them for its code to be compiled. */
const WARM_UP_TRIPS = 20_000;

/**
 * For each order makes that many round trips; reports the nanoseconds of one, then count, sum and who. With restMs it rests before each, so that the peer is
 * parked, and reports the median trip; without, the mean.
 */
export function tripRounds(
  orders: Receiver<number>,
  out: Sender<number>,
  input: Receiver<number>,
  restMs: number,
  report: Sender<number>,
): void {
  for (let i = 0; i < WARM_UP_TRIPS; i++) trip(out, input, i);
  for (const count of orders) {
    let sum = 0;
    let ns: number;
    if (restMs === 0) {
      const begun = nowNs();
      for (let i = 0; i < count; i++) sum += trip(out, input, i);
      ns = (nowNs() - begun) / count;
    } else {
      const trips = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        Atomics.wait(nap, 0, 0, restMs);
        const begun = nowNs();
        sum += trip(out, input, i);
        trips[i] = nowNs() - begun;
      }
      ns = trips.sort()[count >> 1]!;
    }
    for (const figure of [ns, count, sum, markOf(input)]) report.sendSync(figure);
  }
}

function trip(out: Sender<number>, input: Receiver<number>, value: number): number {
  out.sendSync(value);
  const answer = input.recvSync();
  return answer === CLOSED ? Number.NaN : answer;
}
