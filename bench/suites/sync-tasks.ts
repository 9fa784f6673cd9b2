/**
 * Tasks of the suite of sync primitives: loops on one thread.
 */
import type { Context, Mutex, Receiver, Sender } from "../../src/index.ts";
import { nowNs } from "../contenders/clock.ts";
import { markOf } from "../contenders/witness.ts";

/** Does `turns` turns and answers the sum of their numbers. */
type Turns = (turns: number) => number;

/** For each order that many turns: reports the nanoseconds they took, then their number, their sum and who. */
function rounds(orders: Receiver<number>, report: Sender<number>, mark: number, turn: Turns): void {
  for (const turns of orders) {
    const begun = nowNs();
    const sum = turn(turns);
    const ns = nowNs() - begun;
    for (const figure of [ns, turns, sum, mark]) report.sendSync(figure);
  }
}

/** Slices of a round, the bare and the watched loop in turn: what disturbs the machine for a while disturbs both. */
const SLICES = 20;

/** The same with what `watched` takes longer than `bare`, which is the same loop without its check. */
function addedRounds(orders: Receiver<number>, report: Sender<number>, mark: number, bare: Loop, watched: Loop): void {
  for (const turns of orders) {
    let ns = 0;
    let sum = 0;
    let done = 0;
    for (let slice = 1; slice <= SLICES; slice++) {
      const to = Math.floor((turns * slice) / SLICES);
      const begun = nowNs();
      const plain = bare(done, to);
      const between = nowNs();
      const looked = watched(done, to);
      ns += nowNs() - between - (between - begun);
      if (plain !== looked) throw new Error(`expected both loops to come to the same sum, got ${plain} and ${looked}`);
      sum += looked;
      done = to;
    }
    for (const figure of [ns, done, sum, mark]) report.sendSync(figure);
  }
}
type Loop = (from: number, to: number) => number;

export function mutexTurns(orders: Receiver<number>, mutex: Mutex, report: Sender<number>): void {
  rounds(orders, report, markOf(mutex), (turns) => {
    let sum = 0;
    for (let i = 0; i < turns; i++) {
      const guard = mutex.lockSync();
      sum += i;
      guard.unlock();
    }
    return sum;
  });
}

export function rawLockTurns(orders: Receiver<number>, report: Sender<number>): void {
  const word = new Int32Array(new SharedArrayBuffer(4));
  rounds(orders, report, markOf(word), (turns) => {
    let sum = 0;
    for (let i = 0; i < turns; i++) {
      if (Atomics.compareExchange(word, 0, 0, 1) !== 0) throw new Error("expected the lock to be free");
      sum += i;
      if (Atomics.compareExchange(word, 0, 1, 0) !== 1) throw new Error("expected the lock to be held");
    }
    return sum;
  });
}

function bare(from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += i;
  return sum;
}

export function cancelledTurns(orders: Receiver<number>, ctx: Context, report: Sender<number>): void {
  addedRounds(orders, report, markOf(ctx), bare, (from, to) => {
    let sum = 0;
    for (let i = from; i < to && !ctx.cancelled; i++) sum += i;
    return sum;
  });
}

export function loadTurns(orders: Receiver<number>, report: Sender<number>): void {
  const word = new Int32Array(new SharedArrayBuffer(4));
  addedRounds(orders, report, markOf(word), bare, (from, to) => {
    let sum = 0;
    for (let i = from; i < to && Atomics.load(word, 0) === 0; i++) sum += i;
    return sum;
  });
}
