/**
 * Tasks of the suite of patterns. Work is a chain of numbers that must be computed one after another: as long as it is to take, the same on every thread.
 */
import { type Context, type Limiter, type Pulse, type QueueHandle, queueOf, type Receiver, type Sender } from "../../src/index.ts";
import { nowNs } from "../contenders/clock.ts";
import { markOf } from "../contenders/witness.ts";

/** The number at the end of a chain that begins with `index`. */
export function chain(index: number, links: number): number {
  let state = (index + 1) | 0;
  for (let i = 0; i < links; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}

/** An answer: about half a millisecond. */
export const ANSWER_LINKS = 300_000;
/** One replica of a request in so many is slow, and takes so many times as long. */
const SLOW_ONE_IN = 20;
const SLOW_TIMES = 60;

/** One replica of a request. Which of them are slow follows from their numbers. */
export function answer(index: number, ctx: Context): number {
  const isSlow = Math.abs(chain(index * 8 + (ctx.value("replica") as number), 64)) % SLOW_ONE_IN === 0;
  for (let i = 0, detour = index; isSlow && i < SLOW_TIMES; i++) {
    detour = chain(detour, ANSWER_LINKS);
    if (ctx.cancelled) throw ctx.error;
  }
  return chain(index, ANSWER_LINKS);
}

/** Of a queue's consumer: how long the jobs it served had waited, and what they were. */
export interface Served {
  readonly waitedMs: number[];
  readonly sum: number;
}

export async function serveAll(jobs: QueueHandle<number>, links: number): Promise<Served> {
  const waitedMs: number[] = [];
  let sum = 0;
  for await (const job of queueOf(jobs)) {
    waitedMs.push(job.waitedMs);
    sum += chain(job.value, links) === 0 ? 0 : job.value; // a chain never comes to zero
    job.ack();
  }
  return { waitedMs, sum };
}

/** How long such a job takes, in milliseconds. */
export function serviceMs(jobs: number, links: number): number {
  const begun = nowNs();
  for (let i = 0; i < jobs; i++) chain(i, links);
  return (nowNs() - begun) / 1e6 / jobs;
}

export interface Taken {
  readonly taken: number;
  readonly refused: number;
}

/** Takes tokens one by one for so long, asking again and again. */
export function takeByAsking(limiter: Limiter, ms: number): Taken {
  let [taken, refused] = [0, 0];
  for (const end = performance.now() + ms; performance.now() < end; ) {
    if (limiter.allow()) taken++;
    else refused++;
  }
  return { taken, refused };
}

/** The same, waiting for each. */
export function takeByWaiting(limiter: Limiter, ms: number): Taken {
  let taken = 0;
  for (const end = performance.now() + ms; ; taken++) {
    try {
      limiter.waitSync(1, { timeoutMs: Math.max(0, end - performance.now()) });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_TIMEOUT") throw error;
      return { taken, refused: 0 };
    }
  }
}

/** A ward that tells when it begins and when it ends, which it does at once: by an error, or with its thread. */
export async function crash(by: "throw" | "death", out: Sender<number>): Promise<void> {
  await out.send(nowNs());
  await out.send(nowNs());
  if (by === "death") process.exit(1);
  throw new Error("a ward that fails");
}

/** For each order that many beats: reports the nanoseconds they took, then their number, their sum and who. */
export function beatTurns(orders: Receiver<number>, report: Sender<number>, tells: boolean, pulse: Pulse<number>): void {
  for (const turns of orders) {
    const begun = nowNs();
    let sum = 0;
    for (let i = 0; i < turns; i++) {
      pulse.beat(tells ? i : undefined);
      sum += i;
    }
    const ns = nowNs() - begun;
    for (const figure of [ns, turns, sum, markOf(pulse)]) report.sendSync(figure);
  }
}

/** The same with one Atomics.add a turn. */
export function addTurns(orders: Receiver<number>, report: Sender<number>): void {
  const word = new Int32Array(new SharedArrayBuffer(4));
  for (const turns of orders) {
    const begun = nowNs();
    let sum = 0;
    for (let i = 0; i < turns; i++) {
      Atomics.add(word, 0, 1);
      sum += i;
    }
    const ns = nowNs() - begun;
    for (const figure of [ns, turns, sum, markOf(word)]) report.sendSync(figure);
  }
}
