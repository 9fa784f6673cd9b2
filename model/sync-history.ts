// What happened at sync records so far, kept among the world's words, and what must hold at each event: who is inside, who waits since when.

import * as L from "../src/runtime/memory/layout.ts";
import type { History } from "./history.ts";
import type { SyncPlan } from "./program-sync.ts";
import type { Thread } from "./thread.ts";
import { MODEL_WORDS, Violation } from "./world.ts";

const MOST = 4;
const THREADS = 4;
const INSIDE = MODEL_WORDS + 224;
const TICKETS = MODEL_WORDS + 240;
const RECORDS = MODEL_WORDS + 208;
const CLOSED = MODEL_WORDS + 216;
const COUNTS = MODEL_WORDS + 220;

const wordOf = (base: number, sync: number, thread: number) => base + sync * THREADS + thread;
const peek = (history: History, word: number) => history.world.m[word]!;

export const planOf = (history: History, sync: number): SyncPlan => history.model.syncs![sync]!;
export const recordOf = (history: History, sync: number): number => peek(history, RECORDS + 2 * sync);
export const generationOf = (history: History, sync: number): number => peek(history, RECORDS + 2 * sync + 1);
export const isCurrent = (history: History, sync: number): boolean =>
  recordOf(history, sync) !== 0 && peek(history, (recordOf(history, sync) + L.SYNC_GEN) >> 2) === generationOf(history, sync);
export const field = (history: History, sync: number, offset: number): number => peek(history, (recordOf(history, sync) + offset) >> 2);

export function madeSync(history: History, sync: number, address: number, generation: number): void {
  if (sync >= MOST) throw new Error("the model has room for four sync records");
  for (let other = 0; other < MOST; other++) {
    if (recordOf(history, other) === address && generationOf(history, other) === generation && address !== 0)
      throw new Violation(`sync record ${sync} was made with the handle of record ${other}`);
  }
  history.world.set(RECORDS + 2 * sync, address);
  history.world.set(RECORDS + 2 * sync + 1, generation);
  history.world.set(CLOSED + sync, 0);
  history.world.set(COUNTS + sync, planOf(history, sync).count ?? 0);
  for (let t = 0; t < THREADS; t++) history.world.set(wordOf(INSIDE, sync, t), 0);
}

export const insideOf = (history: History, sync: number, thread: number): number => peek(history, wordOf(INSIDE, sync, thread));
export const isClosedSync = (history: History, sync: number): boolean => peek(history, CLOSED + sync) === 1;
export const countOf = (history: History, sync: number): number => peek(history, COUNTS + sync);

/** Nobody has closed it yet, as the record itself says. */
export const isOpen = (history: History, sync: number): boolean =>
  isCurrent(history, sync) && (field(history, sync, L.SYNC_FLAGS) & L.SYNC_CLOSED) === 0;

/** A number was changed from `before`; exact only where calls are atomic. The count of its record is what it should be. */
export function changed(t: Thread, sync: number, before: number, what: number, a: number, b: number): void {
  const { history } = t;
  if (!history.isExact || hadFaults(history)) return;
  const value = countOf(history, sync);
  if (before !== value) t.fail(`found ${before} in record ${sync}, where ${value} was`);
  const after = { [L.NUMBER_STORE]: a, [L.NUMBER_ADD]: value + a, [L.NUMBER_COMPARE]: value === a ? b : value }[what] ?? value;
  history.world.set(COUNTS + sync, after);
}

/** Signals of a condition that are on their way: each lets one through, and those for nobody are gone. */
export function signalled(history: History, sync: number, isAll: boolean): void {
  if (!isAll) history.world.set(COUNTS + sync, countOf(history, sync) + 1);
}
/** Who was let through without a signal of its own heard a broadcast. */
export function letThrough(t: Thread, sync: number): void {
  const { model } = t.history;
  const isHeard = model.threads.some(({ program }) => program.some((one) => one.do === "signal" && one.all && one.sync === sync));
  if (!isHeard && !hadFaults(t.history)) t.fail(`was let through at condition ${sync} without a signal`);
}
/** Somebody has a signal, or gives it back. */
export function signalUsed(t: Thread, sync: number, by: number): void {
  const { history } = t;
  const left = countOf(history, sync) - by;
  if (history.isExact && !hadFaults(history) && left < 0) t.fail(`has a signal of condition ${sync} that nobody sent`);
  history.world.set(COUNTS + sync, left);
}

export function closingSync(history: History, sync: number): void {
  history.world.set(CLOSED + sync, 1);
}
export function counted(history: History, sync: number, amount: number): void {
  history.world.set(COUNTS + sync, countOf(history, sync) + amount);
}

export function hadFaults(history: History): boolean {
  return history.deathsLeft < history.startDeaths || history.fencesLeft < history.startFences;
}

/** A thread waits, behind whoever waits already. */
export function queued({ history, index }: Thread, sync: number): void {
  let last = 0;
  for (let t = 0; t < THREADS; t++) last = Math.max(last, peek(history, wordOf(TICKETS, sync, t)));
  history.world.set(wordOf(TICKETS, sync, index), last + 1);
}
export function waitsNoLonger({ history, index }: Thread, sync: number): void {
  history.world.set(wordOf(TICKETS, sync, index), 0);
}

/** Who waited longer and is still linked and waiting has been passed over. */
function checkOrder(t: Thread, sync: number): void {
  const { history } = t;
  const own = peek(history, wordOf(TICKETS, sync, t.index)) || Number.POSITIVE_INFINITY;
  for (const other of history.threads) {
    const ticket = peek(history, wordOf(TICKETS, sync, other.index));
    if (other === t || ticket === 0 || ticket > own || other.isOver || other.isFenced) continue;
    for (let place = 1; place <= 3; place++) {
      const op = other.ops + place * L.OP_SIZE;
      const isWaiting =
        peek(history, (op + L.OP_NODE + L.NODE_SYNC) >> 2) === recordOf(history, sync) &&
        peek(history, (op + L.OP_NODE + L.NODE_HELD) >> 2) === 0 &&
        peek(history, (op + L.OP_STATE) >> 2) === L.OP_WAITING;
      if (isWaiting) throw new Violation(`thread ${t.index} passed thread ${other.index}, which waits longer at record ${sync}`);
    }
  }
}

/** A thread has what it asked for. */
export function entered(t: Thread, sync: number, weight: number, wish: number, isHeld: boolean): void {
  const { history } = t;
  const { policy, permits } = planOf(history, sync);
  if (isHeld && !isCurrent(history, sync)) t.fail(`holds of record ${sync}, which was freed`);
  if (!(wish & L.SYNC_BARGES) && policy !== L.SYNC_GATHERING) checkOrder(t, sync);
  waitsNoLonger(t, sync);
  if (policy !== L.SYNC_LOCKING && policy !== L.SYNC_SEMAPHORE) return;
  let inside = weight;
  for (const other of history.threads) {
    const theirs = insideOf(history, sync, other.index);
    if (theirs === 0) continue;
    if (!other.isOver) inside += theirs;
    else if (policy === L.SYNC_LOCKING && theirs === permits) {
      if (!(wish & L.SYNC_RECOVERS)) t.fail(`was let in by record ${sync}, whose holder has died`);
      history.world.set(wordOf(INSIDE, sync, other.index), 0);
    }
  }
  if (inside > permits) t.fail(`record ${sync} of ${permits} permits has let in ${inside}`);
  history.world.set(wordOf(INSIDE, sync, t.index), insideOf(history, sync, t.index) + weight);
}
export function left({ history, index }: Thread, sync: number, weight: number): void {
  const { policy } = planOf(history, sync);
  if (policy !== L.SYNC_LOCKING && policy !== L.SYNC_SEMAPHORE) return;
  history.world.set(wordOf(INSIDE, sync, index), insideOf(history, sync, index) - weight);
}
export function refused(t: Thread, sync: number): void {
  waitsNoLonger(t, sync);
  const { policy } = planOf(t.history, sync);
  const mayBeAbandoned = hadFaults(t.history) && (policy === L.SYNC_LOCKING || policy === L.SYNC_GATHERING);
  if (!isClosedSync(t.history, sync) && !mayBeAbandoned) t.fail(`was refused by record ${sync}, which is open`);
}
/** Exact only where calls are atomic: a try that failed found too little free, or somebody who waits. */
export function triedInVain(t: Thread, sync: number, weight: number): void {
  const { history } = t;
  if (!history.isExact || !isCurrent(history, sync)) return;
  if (field(history, sync, L.SYNC_HEAD) === 0 && field(history, sync, L.SYNC_FREE) >= weight)
    t.fail(`was told to wait at record ${sync}, which is free`);
}
