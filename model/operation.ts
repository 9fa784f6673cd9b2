// send, recv, select and their try forms as one machine (PROTOCOL §3): the fast path, pass 1 (is a case ready?), pass 2 (link each case in the call
// that saw it was not), park, and the unlinking of what is left.

import * as L from "../src/runtime/memory/layout.ts";
import { indexOf } from "./interpreter.ts";
import { broken, drainOnce, park, whenFired } from "./park.ts";
import type { Instruction, SelectCase } from "./program.ts";
import * as R from "./registers.ts";
import { finish } from "./run.ts";
import * as T from "./thread.ts";
import { step, type Thread } from "./thread.ts";

const [trySend, tryRecv] = [indexOf("trySend"), indexOf("tryRecv")];
const [trySendMany, tryRecvMany] = [indexOf("trySendMany"), indexOf("tryRecvMany")];
const [chanOp, unlink, cancel] = [indexOf("chanOp"), indexOf("unlink"), indexOf("cancel")];
const NO_CASE = 8;
/** Operation (and its nodes: one lies in each operation record) that a started operation uses; the others begin at 0. */
const STARTED_OP = 4;

whenFired((t, op, state) => noteFired(t, op, state));

type Operation = Extract<Instruction, { do: "op" }>;

let parts: (t: Thread) => Operation | undefined = () => undefined;
let partOver: (t: Thread) => void = finish;
/** Operations that are part of another instruction: which one now, and what follows it. */
export function whenPart(next: typeof parts, over: typeof partOver): void {
  parts = next;
  partOver = over;
}
/** The operation a thread's instruction is, or is in. */
export function operationUnder(t: Thread): Operation | undefined {
  return t.instruction.do === "op" ? t.instruction : parts(t);
}
let blocks: { make: (t: Thread, operation: Operation, next: number) => void; drop: (t: Thread, next: number) => void };
/** What goes on before and after an operation on channels of blocks. */
export function whenBlocks(hooks: typeof blocks): void {
  blocks = hooks;
}

let cells: {
  make: (t: Thread, operation: Operation, next: number) => void;
  fill: (t: Thread, operation: Operation, at: number) => void;
  take: (t: Thread, at: number) => number;
  cellOf: (t: Thread, at: number) => number;
  checkAfter: (t: Thread, operation: Operation) => void;
};
/** Where the values of an operation on channels of cells lie, and what must hold of that memory. */
export function whenCells(hooks: typeof cells): void {
  cells = hooks;
}

function operationOf(t: Thread): Operation {
  const { instruction } = t;
  const under = operationUnder(t);
  if (under !== undefined) return under;
  if (instruction.do === "await") return t.program[t.register(R.STARTED_AT) - 1] as Operation;
  return t.fail("is not in an operation");
}
const firstOp = (t: Thread) => (operationOf(t).started ? STARTED_OP : 0);
const opAt = (t: Thread) => t.ops + firstOp(t) * L.OP_SIZE;
const nodeAt = (t: Thread, at: number) => opAt(t) + at * L.OP_SIZE + L.OP_NODE;
const caseAt = (t: Thread): SelectCase => operationOf(t).cases[t.register(R.CASE)]!;

export const startOperation = step("operation", (t) => {
  const { cases, fast } = operationOf(t);
  for (const { direction, value } of cases) if (direction === L.SENDING) t.history.sending(value!);
  blocks.make(t, operationOf(t), fast ? fastPath : makeCells);
});
const makeCells = step("cells", (t) => cells.make(t, operationOf(t), prepare));

const fastPath = step("fast path", (t) => {
  const { channel, direction, value } = operationOf(t).cases[0]!;
  const [address, generation] = [t.history.channel(channel), t.history.generation(channel)];
  if (t.history.isCells(channel)) {
    cells.fill(t, operationOf(t), 0);
    const fn = direction === L.SENDING ? trySendMany : tryRecvMany;
    t.call(fn, fastDone, address, generation, t.slot, t.epoch, cells.cellOf(t, 0), 1);
  } else if (direction === L.SENDING) t.call(trySend, fastDone, address, generation, t.slot, t.epoch, value);
  else t.call(tryRecv, fastDone, address, generation, t.slot, t.epoch);
});
const fastDone = step("fast path done", (t, status) => {
  const operation = operationOf(t);
  if (status === L.BUSY) return t.goTo(fastPath);
  if (status === L.FENCED) return t.stop(T.ENDED);
  if (status === L.OK || status === L.CLOSED) return complete(t, 0, status === L.CLOSED, t.slot + L.SLOT_VALUE);
  if (status === L.BLOCK && operation.try) return nothingReady(t);
  if (status !== L.BLOCK && status !== L.SLOW) t.fail(`the fast path answered ${status}`);
  t.goTo(makeCells);
});

/** Writes the operation and its nodes: they are linked nowhere, so nobody else reads them. */
const prepare = step("prepare", (t) => {
  const op = opAt(t);
  t.write(op + L.READY_RECORD, L.RECORD_OP);
  t.write(op + L.OP_SLOT, t.slot);
  t.write(op + L.OP_EPOCH, t.epoch);
  const { cases } = operationOf(t);
  cases.forEach(({ channel, direction, value }, i) => {
    const node = nodeAt(t, i);
    t.write(node + L.NODE_OP, op);
    t.write(node + L.NODE_KIND, (i << 1) | direction);
    const isCell = t.history.isCells(channel);
    if (isCell) cells.fill(t, operationOf(t), i);
    const address = isCell ? cells.cellOf(t, i) : t.register(R.BLOCKS + i);
    if (address === 0) t.world.stF64(node + L.NODE_VALUE, value ?? 0);
    else {
      t.write(node + L.NODE_VALUE, address);
      t.write(node + L.NODE_VALUE + 4, 0);
    }
  });
  t.setRegister(R.SETTLED + firstOp(t), 0);
  t.setRegister(R.CHOSEN, NO_CASE);
  // One case needs no first look: the call that would see "not ready" links it. Whoever only tries looks once and links nothing.
  t.goTo(cases.length > 1 || operationOf(t).try ? passOne : passTwo);
});

function chanOpOf(t: Thread, goOn: number, mode: number): void {
  const { channel } = caseAt(t);
  t.call(chanOp, goOn, t.history.channel(channel), t.history.generation(channel), t.slot, t.epoch, nodeAt(t, t.register(R.CASE)), mode);
}
function nextCase(t: Thread): boolean {
  t.setRegister(R.CASE, t.register(R.CASE) + 1);
  return t.register(R.CASE) < operationOf(t).cases.length;
}

const passOne = step("pass 1", (t) => chanOpOf(t, passOneDone, 0));
const passOneDone = step("pass 1 done", (t, status) => {
  if (status === L.BUSY || status === L.AGAIN) return t.goTo(passOne);
  if (status === L.FENCED) return t.stop(T.ENDED);
  if (status === L.OK || status === L.CLOSED) return complete(t, t.register(R.CASE), status === L.CLOSED, opAt(t) + L.OP_VALUE);
  if (status !== L.BLOCK) t.fail(`chanOp without LINK answered ${status}`);
  if (nextCase(t)) return t.goTo(passOne);
  if (operationOf(t).try) return nothingReady(t);
  t.setRegister(R.CASE, 0);
  t.goTo(passTwo);
});

const passTwo = step("pass 2", (t) => chanOpOf(t, passTwoDone, t.register(R.CASE) > 0 && !broken.noSelfLock ? L.LINK | L.VISIBLE : L.LINK));
const passTwoDone = step("pass 2 done", (t, status) => {
  if (status === L.BUSY || status === L.AGAIN) return t.goTo(passTwo);
  if (status === L.FENCED) return t.stop(T.ENDED);
  const at = t.register(R.CASE);
  t.setRegister(R.LAST_LINKED, at);
  if (status === L.OK || status === L.CLOSED) {
    t.setRegister(R.CHOSEN, at);
    record(t, at, status === L.CLOSED, opAt(t) + L.OP_VALUE);
    t.setRegister(R.CASE, 0);
    return t.goTo(unlinkRest);
  }
  if (status === L.FIRED) return park(t, firstOp(t), settled, false);
  if (status !== L.PARKED) t.fail(`chanOp with LINK answered ${status}`);
  t.setRegister(R.LAST_LINKED, at + 1);
  if (nextCase(t)) return t.goTo(passTwo);
  if (operationOf(t).started) {
    t.setRegister(R.STARTED_AT, t.at + 1);
    return finish(t);
  }
  park(t, firstOp(t), settled, operationOf(t).timer);
});

export const awaitStarted = step("await what was started", (t) => {
  if (t.register(R.STARTED_AT) === 0) return finish(t); // it had completed at once
  const started = operationOf(t);
  t.setRegister(R.LAST_LINKED, started.cases.length);
  park(t, STARTED_OP, settled, started.timer);
});

/** Parking is over: the operation was fired, or its timer came first. */
const settled = step("settled", (t) => {
  const state = t.register(R.SETTLED + firstOp(t));
  if (state === 0) return t.goTo(timedOut);
  t.setRegister(R.CHOSEN, (state - L.OP_FIRED) >> 2);
  t.setRegister(R.CASE, 0);
  t.goTo(unlinkRest);
});

const timedOut = step("timed out", (t) => t.call(cancel, cancelled, opAt(t)));
const cancelled = step("cancelled", (t, status) => {
  if (status === L.BUSY) return t.goTo(timedOut);
  // Somebody was faster: the operation succeeded and stands in the ready list.
  if (status === L.FIRED) return drainOnce(t, afterLateFire);
  if (status === L.NONE && !t.isFenced) t.fail("its own waiting operation was not waiting");
  t.setRegister(R.CHOSEN, NO_CASE);
  t.setRegister(R.CASE, 0);
  t.goTo(unlinkRest);
});
const afterLateFire = step("after a late fire", (t) => park(t, firstOp(t), settled, false));

const unlinkRest = step("unlink the rest", (t) => {
  const at = t.register(R.CASE);
  if (at >= t.register(R.LAST_LINKED) || broken.noUnlink) return t.goTo(decided);
  if (at === t.register(R.CHOSEN)) {
    t.setRegister(R.CASE, at + 1);
    return t.goTo(unlinkRest);
  }
  t.call(unlink, unlinked, t.history.channel(caseAt(t).channel), t.slot, t.epoch, nodeAt(t, at));
});
const unlinked = step("unlinked", (t, status) => {
  if (status === L.FENCED) return t.stop(T.ENDED);
  if (status === L.OK) t.setRegister(R.CASE, t.register(R.CASE) + 1);
  else if (status !== L.BUSY) t.fail(`unlink answered ${status}`);
  t.goTo(unlinkRest);
});
const decided = step("decided", (t) => {
  if (t.register(R.CHOSEN) === NO_CASE) nothingDone(t);
  else completed(t, t.register(R.CHOSEN));
});

const notes: ((t: Thread, op: number, state: number) => boolean)[] = [];
/** Fired operations that wait at records of other kinds are noted elsewhere: `next` answers whether it was one of its own. */
export function whenSync(next: (typeof notes)[number]): void {
  notes.push(next);
}

/** A peer completed an operation of this thread: noted as it is taken from the ready list. */
function noteFired(t: Thread, op: number, state: number): void {
  if (notes.some((note) => note(t, op, state))) return;
  const at = t.register(R.STARTED_AT);
  const operation = op === STARTED_OP && at > 0 ? (t.program[at - 1] as Operation) : operationUnder(t);
  const chosen = operation?.cases[(state - L.OP_FIRED) >> 2];
  if (chosen === undefined || chosen.direction !== ((state >> 1) & 1)) t.fail(`was fired with state ${state}`);
  note(t, chosen, (state - L.OP_FIRED) >> 2, (state & 1) === 1, t.ops + op * L.OP_SIZE + L.OP_VALUE);
}

/** The value received; of a channel of blocks, the mark in the block that is this thread's now. */
function taken(t: Thread, channel: number, at: number, valueAt: number): number {
  if (t.history.isCells(channel)) return cells.take(t, at);
  if (!t.history.isBlocks(channel)) return t.world.ldF64(valueAt);
  const block = t.read(valueAt);
  if (t.world.m[(block + L.BLOCK_OWNER) >> 2] !== t.slot) t.fail("received a block that is not its own");
  t.setRegister(R.RECEIVED_BLOCK, block);
  return t.read(block + L.BLOCK_HEADER);
}

function record(t: Thread, chosen: number, isClosed: boolean, valueAt: number): void {
  note(t, operationOf(t).cases[chosen]!, chosen, isClosed, valueAt);
}
function note(t: Thread, { channel, direction, value }: SelectCase, at: number, isClosed: boolean, valueAt: number): void {
  if (isClosed && !t.history.isClosed(channel)) t.fail(`met "closed" on channel ${channel}, which is open`);
  if (isClosed) t.setRegister(R.OUTCOME, R.MET_CLOSED);
  if (direction === L.SENDING) {
    if (isClosed) t.history.rejected(value!);
    else {
      t.history.accepted(value!);
      if (t.history.isBlocks(channel)) t.setRegister(R.BLOCKS + at, 0); // it belongs to the channel, or to who received it
    }
  } else if (!isClosed) t.history.received(taken(t, channel, at, valueAt), t.index, channel);
  else if (t.history.channelIsCurrent(channel) && t.history.length(channel) > 0)
    t.fail(`met the end of channel ${channel}, which holds values`);
}

/** One case is done, all others are not. */
function completed(t: Thread, chosen: number): void {
  operationOf(t).cases.forEach((other, i) => {
    if (i !== chosen && other.direction === L.SENDING) t.history.rejected(other.value!);
  });
  over(t);
}
function complete(t: Thread, chosen: number, isClosed: boolean, valueAt: number): void {
  record(t, chosen, isClosed, valueAt);
  completed(t, chosen);
}

function nothingDone(t: Thread): void {
  t.setRegister(R.OUTCOME, R.GAVE_UP);
  for (const { direction, value } of operationOf(t).cases) if (direction === L.SENDING) t.history.rejected(value!);
  over(t);
}
function nothingReady(t: Thread): void {
  const { cases } = operationOf(t);
  if (cases.length === 1) t.history.triedInVain(t.index, cases[0]!);
  nothingDone(t);
}

/** Blocks it did not send and the block it received are freed, then it is over. */
function over(t: Thread): void {
  cells.checkAfter(t, operationOf(t));
  scrub(t);
  blocks.drop(t, ended);
}
const ended = step("the operation is over", (t) => (t.instruction.do === "op" || t.instruction.do === "await" ? finish(t) : partOver(t)));

/**
 * Releases the operation (its state goes back to idle, as the runtime does it) and overwrites what has been taken: equal situations shall look equal
 * to the explorer, and a value read once too often is nonsense. Links stay as they are: what is stale there must do no harm.
 */
function scrub(t: Thread): void {
  const TAKEN = 0x7ff80000;
  const set = (address: number, value: number) => t.world.set(address >> 2, value);
  const clear = (address: number) => {
    set(address, TAKEN);
    set(address + 4, TAKEN);
  };
  clear(t.slot + L.SLOT_VALUE);
  if (t.world.m[(opAt(t) + L.READY_RECORD) >> 2] === 0) return; // the fast path did it
  set(opAt(t) + L.OP_STATE, L.OP_IDLE);
  operationOf(t).cases.forEach((_, i) => {
    clear(opAt(t) + i * L.OP_SIZE + L.OP_VALUE);
    clear(nodeAt(t, i) + L.NODE_VALUE);
  });
}
