/**
 * Values' tasks: what runs on Heddle's threads in the rows of objects and bytes. They live, are ordered and report as those of channels-tasks.ts.
 */
import { CLOSED, type Receiver, type Sender } from "../../src/index.ts";
import { nowNs } from "../contenders/clock.ts";
import { type Kind, type KindName, kindOf, stamp } from "../contenders/kinds.js";
import { Ledger } from "../contenders/numbers.ts";
import { markOf } from "../contenders/witness.ts";

/** For each order makes and sends that many values; reports when it began. */
export function sendValues(orders: Receiver<number>, out: Sender<unknown>, name: KindName, report: Sender<number>): void {
  const kind = kindOf(name);
  for (const count of orders) {
    const begun = nowNs();
    sendAll(out, kind, count);
    report.sendSync(begun);
  }
}

function sendAll(out: Sender<unknown>, kind: Kind<unknown>, count: number): void {
  for (let i = 0; i < count; i++) out.sendSync(kind.make(i));
}

/** For each order writes that many values where they are to be sent from: a copy out of shared memory and a stamp each; reports when it began. */
export function reserveValues(orders: Receiver<number>, out: Sender<Uint8Array>, name: KindName, report: Sender<number>): void {
  const made = kindOf(name).make(0) as Uint8Array;
  const source = new Uint8Array(new SharedArrayBuffer(made.length));
  source.set(made);
  for (const count of orders) {
    const begun = nowNs();
    reserveAll(out, source, count);
    report.sendSync(begun);
  }
}

function reserveAll(out: Sender<Uint8Array>, source: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const room = out.reserve(source.length);
    const { bytes } = room;
    bytes.set(source);
    stamp(bytes, i);
    room.commitSync();
  }
}

/** For each order receives that many values, the first time looking at all of each; reports when it ended, then count, sum, disorder and who. */
export function receiveValues(orders: Receiver<number>, input: Receiver<unknown>, name: KindName, report: Sender<number>): void {
  const kind = kindOf(name);
  let isProof = true;
  for (const count of orders) {
    const ledger = new Ledger(1);
    receiveAll(input, ledger, kind, count, isProof);
    for (const figure of [nowNs(), ledger.count, ledger.sum, ledger.disorder, markOf(input)]) report.sendSync(figure);
    isProof = false;
  }
}

/** The same of bytes, each received into the same buffer. */
export function receiveInto(orders: Receiver<number>, input: Receiver<Uint8Array>, name: KindName, report: Sender<number>): void {
  const kind = kindOf(name);
  const buffer = new Uint8Array((kind.make(0) as Uint8Array).length);
  let isProof = true;
  for (const count of orders) {
    const ledger = new Ledger(1);
    for (let i = 0; i < count; i++) {
      const value = input.recvIntoSync(buffer);
      if (value !== CLOSED) ledger.add(kind.numberOf(value, isProof));
    }
    for (const figure of [nowNs(), ledger.count, ledger.sum, ledger.disorder, markOf(input)]) report.sendSync(figure);
    isProof = false;
  }
}

function receiveAll(input: Receiver<unknown>, ledger: Ledger, kind: Kind<unknown>, count: number, isProof: boolean): void {
  for (let i = 0; i < count; i++) {
    const value = input.recvSync();
    if (value !== CLOSED) ledger.add(kind.numberOf(value, isProof));
  }
}
