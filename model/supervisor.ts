// What the supervisor does when a thread has died or must go (PROTOCOL §7): fence, repair at once what the zombie cannot write, and after the
// exit repair again and give back its memory and its slot.

import * as L from "../src/runtime/memory/layout.ts";
import { BUFFER_BYTES } from "./bulk.ts";
import { broken } from "./park.ts";
import { orphansOf } from "./records.ts";
import * as R from "./registers.ts";
import { begin } from "./run.ts";
import { IN_HAND, isGone, nextVictim, SWEPT, staff, sweptSlots, victim } from "./staff.ts";
import { fn, repeat } from "./supervisor-calls.ts";
import { failTasks, whenNoneIsLeft } from "./supervisor-fail.ts";
import { sweepLeasedNode, sweepLeases } from "./supervisor-lease.ts";
import { serveSyncs, sweepSyncNode } from "./supervisor-sync.ts";
import * as T from "./thread.ts";
import { step, type Thread } from "./thread.ts";

/** Operations the model's programs use at most; a sweep of the real thing looks at all of a chunk. */
const OPS = 6;
/** Stands for the victim when only late tasks are collected. */
const NOBODY = 15;

/** The supervisor's loop: deaths and exits come as events; whatever else concerns it wakes it. It looks again after it has said that it idles. */
export const startSupervisor = step("supervise", (t) => t.goTo(rest));
const rest = step("rest", (t) => t.store(t.slot + L.SLOT_PARK, L.PARK_IDLE, lookLate));
const lookLate = step("look for late tasks", (t) => {
  const slot = broken.noLateCollect ? 0 : sweptSlots().find((at) => t.world.m[(at + L.SLOT_READY) >> 2] !== 0);
  if (slot === undefined || slot === 0) return t.await(turn);
  t.setRegister(R.VICTIM, NOBODY);
  t.setRegister(R.SLOT, slot);
  t.goTo(scanThenTake);
});
const turn = step("turn of the supervisor's loop", (t) => t.goTo(nextVictim() === undefined ? rest : idle));
const idle = step("a victim", (t) => {
  const v = nextVictim();
  if (v === undefined) return t.goTo(lookLate);
  t.setRegister(R.VICTIM, v.index);
  v.swept = IN_HAND;
  t.goTo(fencing);
});
const fencing = step("fence", (t) => t.call(fn.fence!, fenced, victim(t).slot));
const fenced = step("fenced", (t, status) => {
  if (repeat(t, status, fencing, L.OK)) return;
  const { slot } = victim(t);
  // Nobody writes these any more: the fence took the lock they are written under.
  t.setRegister(R.INTENT, broken.noIntent ? 0 : t.read(slot + L.SLOT_INTENT));
  t.setRegister(R.INTENT_GEN, t.read(slot + L.SLOT_INTENT_GEN));
  if (t.history.model.isCrowded) t.goTo(fencingAgain);
  else t.goTo(t.register(R.INTENT) === 0 ? sweepingSlot : closing);
});
const fencingAgain = step("fence again", (t) => t.call(fn.fence!, fencedAgain, victim(t).slot));
const fencedAgain = step("fenced again", (t, status) => {
  if (!repeat(t, status, fencingAgain, L.NONE)) t.goTo(t.register(R.INTENT) === 0 ? sweepingSlot : closing);
});
const closing = step("go on closing", (t) => t.call(fn.close!, closed, t.register(R.INTENT), t.register(R.INTENT_GEN), t.slot, t.epoch, 1));
const closed = step("went on closing", (t, status) => {
  if (status === L.AGAIN) return t.goTo(closing);
  if (repeat(t, status, closing, L.OK, L.STALE)) return;
  t.setRegister(R.INTENT, 0);
  t.setRegister(R.INTENT_GEN, 0);
  t.goTo(sweepingSlot);
});
const sweepingSlot = step("sweep the slot", (t) => t.call(fn.sweepSlot!, sweptSlot, victim(t).slot));
const sweptSlot = step("swept the slot", (t, status) => {
  if (!repeat(t, status, sweepingSlot, L.OK)) sweepOps(t, 0);
});

// ── Its operations: cancelled, then unlinked ──
function sweepOps(t: Thread, from: number): void {
  t.setRegister(R.CASE, from);
  const { ops } = victim(t);
  if (from === 0 && isGone(victim(t))) noteHanded(t);
  const isSkipped = broken.noSweep || (broken.noSecondSweep && t.register(R.AFTER_EXIT) === 1);
  if (from >= OPS || ops === 0 || isSkipped) {
    t.goTo(afterOps);
    return;
  }
  const op = ops + from * L.OP_SIZE;
  // Untouched, or released long ago: nothing of it is linked, and a call of the zombie that links it now is met after its exit.
  const state = t.world.m[(op + L.OP_STATE) >> 2];
  if (state === L.OP_WAITING || state === L.OP_LOCKED) t.goTo(cancelling);
  else takeInHand(t);
}
const opInHand = (t: Thread) => victim(t).ops + t.register(R.CASE) * L.OP_SIZE;
const cancelling = step("cancel for the dead", (t) => t.call(fn.cancel!, cancelled, opInHand(t)));
const cancelled = step("cancelled for the dead", (t, status) => {
  if (repeat(t, status, cancelling, L.OK, L.FIRED, L.NONE)) return;
  takeInHand(t);
});
/** A value the dead was handed and never took counts as received by it. */
function noteHanded(t: Thread): void {
  const v = victim(t);
  for (let i = 0; i < OPS && v.ops !== 0; i++) {
    const op = v.ops + i * L.OP_SIZE;
    const state = t.world.m[(op + L.OP_STATE) >> 2]!;
    if (state >= L.OP_FIRED) v.history.handed(v.index, op, state);
  }
}
function takeInHand(t: Thread): void {
  if (isGone(victim(t))) noteHanded(t);
  t.goTo(unlinkIfLinked);
}
const unlinkIfLinked = step("still linked?", (t) => {
  const channel = t.read(opInHand(t) + L.OP_NODE + L.NODE_CHANNEL);
  t.setRegister(R.INTENT, channel);
  if (channel === 0) sweepSyncNode(t, opInHand(t) + L.OP_NODE, leasedNode);
  else t.goTo(unlinking);
});
const unlinking = step("unlink for the dead", (t) =>
  t.call(fn.unlink!, unlinked, t.register(R.INTENT), t.slot, t.epoch, opInHand(t) + L.OP_NODE),
);
const unlinked = step("unlinked for the dead", (t, status) => {
  if (repeat(t, status, unlinking, L.OK)) return;
  t.setRegister(R.INTENT, 0);
  sweepOps(t, t.register(R.CASE) + 1);
});
const leasedNode = step("waits at a leased queue?", (t) => sweepLeasedNode(t, opInHand(t) + L.OP_NODE, nextOp));
const nextOp = step("next operation", (t) => sweepOps(t, t.register(R.CASE) + 1));
const afterOps = step("operations swept", (t) => {
  t.setRegister(R.CASE, 0);
  serveSyncs(t, afterSyncs);
});
const afterSyncs = step("sync records served", (t) => sweepLeases(t, afterLeases));
const afterLeases = step("leased queues served", (t) => {
  if (t.register(R.AFTER_EXIT) === 1) t.goTo(drainDead);
  else failTasks(t);
});

// ── Its tasks, and the wakes it may have eaten ──
const kickLight = step("kick", (t) => {
  if (broken.noKick || !t.history.hasTasks) t.goTo(awaitExit);
  else t.call(fn.taskKick!, kickedLight, L.QUEUE_LIGHT_AT);
});
whenNoneIsLeft(kickLight);
const kickedLight = step("kicked", (t, status) => {
  if (!repeat(t, status, kickLight, L.OK)) t.goTo(kickDedicated);
});
const kickDedicated = step("kick dedicated", (t) => t.call(fn.taskKick!, kickedDedicated, L.QUEUE_DEDICATED_AT));
const kickedDedicated = step("kicked dedicated", (t, status) => {
  if (!repeat(t, status, kickDedicated, L.OK)) t.goTo(awaitExit);
});

// ── After its exit ──
const awaitExit = step("await the exit", (t) => (isGone(victim(t)) ? t.goTo(exited) : t.hold(exited)));
const exited = step("exited", (t) => {
  t.setRegister(R.AFTER_EXIT, 1);
  t.history.forgetBlocks(victim(t).index);
  sweepOps(t, 0);
});
// Ended tasks it will never collect: those it had taken from its list and those still in it. Two traps:
// - It may have taken a list with a task whose pusher was still inside its call: not DONE yet, and in no list any more. The pusher holds its own
//   slot's lock until the task is DONE, so once every slot's lock was seen free after the exit, there is no such task left (grace).
// - A task enters the list before it is DONE. So whatever is seen DONE first is out of the list once that is taken afterwards. The other way round a
//   task that ends in between would be freed while it stands in the list.
const drainDead = step("ended tasks of the dead", (t) => {
  t.setRegister(R.SLOT, victim(t).slot);
  t.setRegister(R.CASE, 0);
  t.goTo(t.history.hasTasks && !broken.noGrace ? grace : scanThenTake);
});
const grace = step("grace", (t) => {
  const others = staff().filter((v) => v.slot !== 0 && v.slot !== t.register(R.SLOT) && !v.isOver);
  const other = others.find((v) => v.index >= t.register(R.CASE));
  if (other === undefined) {
    t.setRegister(R.CASE, 0);
    return t.goTo(scanThenTake);
  }
  t.setRegister(R.CASE, other.index);
  t.load(other.slot + L.SLOT_LOCK, graced);
});
const graced = step("graced", (t, lock) => {
  if (lock === 0) t.setRegister(R.CASE, t.register(R.CASE) + 1);
  t.goTo(grace);
});
const scanThenTake = step("scan, then take", (t) => {
  if (!broken.listBeforeScan) scan(t);
  t.exchange(t.register(R.SLOT) + L.SLOT_READY, 0, tookList);
});
function scan(t: Thread): void {
  for (const task of orphansOf(t.world, t.register(R.SLOT))) addOrphan(t, task);
}
function addOrphan(t: Thread, task: number): void {
  for (let i = R.ORPHANS; i < R.ORPHANS + 4; i++) {
    if (t.register(i) === task) return;
    if (t.register(i) !== 0) continue;
    t.setRegister(i, task);
    return;
  }
  t.fail("more ended tasks than expected");
}
const tookList = step("took the list", (t, chain) => {
  t.setRegister(R.CHAIN, chain);
  t.goTo(deadEntry);
});
const deadEntry = step("an entry of the dead", (t) => {
  const chain = t.register(R.CHAIN);
  if (chain !== 0) return t.load(chain + L.READY_STATE, deadEntryState);
  if (broken.listBeforeScan) scan(t);
  t.goTo(nextOrphan);
});
const deadEntryState = step("its state", (t, state) => {
  const record = t.register(R.CHAIN);
  const isTask = t.read(record + L.READY_RECORD) === L.RECORD_TASK;
  if (isTask ? state !== L.TASK_DONE : state < L.OP_FIRED) return t.goTo(deadEntry);
  t.setRegister(R.CHAIN, t.read(record + L.READY_NEXT));
  if (isTask) addOrphan(t, record);
  t.goTo(deadEntry);
});
const nextOrphan = step("next ended task", (t) => {
  const task = t.register(R.ORPHANS);
  for (let i = R.ORPHANS; i < R.ORPHANS + 3; i++) t.setRegister(i, t.register(i + 1));
  t.setRegister(R.ORPHANS + 3, 0);
  t.setRegister(R.TASK, task);
  t.setRegister(R.RESULT, t.history.pendingTask(task, -1) + 1);
  if (task !== 0) t.goTo(collecting);
  else if (t.register(R.VICTIM) === NOBODY) done(t);
  else t.goTo(sweepingBlocks);
});
const collecting = step("collect for the dead", (t) => t.call(fn.taskCollect!, collected, t.slot, t.epoch, t.register(R.TASK)));
const collected = step("collected for the dead", (t, status) => {
  if (repeat(t, status, collecting, L.OK)) return;
  const result = t.read(t.slot + L.SLOT_RESULT);
  const k = t.register(R.RESULT) - 1;
  if (k >= 0) t.history.taskEnded(k, t.read(t.slot + L.SLOT_RESULT_GEN));
  t.setRegister(R.TASK, 0);
  t.setRegister(R.HELD, result);
  t.goTo(result === 0 ? nextOrphan : freeing);
});
const freeing = step("free its result", (t) => t.call(fn.blockFree!, freed, t.slot, t.epoch, t.register(R.HELD)));
const freed = step("freed its result", (t, status) => {
  if (repeat(t, status, freeing, L.OK)) return;
  t.setRegister(R.HELD, 0);
  t.goTo(nextOrphan);
});
function sweepOneMore(t: Thread, again: number): void {
  t.setRegister(R.CASE, t.register(R.CASE) + 1);
  if (t.register(R.CASE) > 12) t.fail("sweeps without an end");
  t.goTo(again);
}
const sweepingBlocks = step("sweep a block", (t) => t.call(fn.sweepBlock!, sweptBlock, victim(t).slot));
const sweptBlock = step("swept a block", (t, status) => {
  if (status === L.AGAIN) return sweepOneMore(t, sweepingBlocks);
  if (!repeat(t, status, sweepingBlocks, L.NONE)) t.goTo(sweepingChunks);
});
const sweepingChunks = step("sweep a chunk", (t) => t.call(fn.sweepChunk!, sweptChunk, victim(t).slot));
const sweptChunk = step("swept a chunk", (t, status) => {
  if (status === L.AGAIN) return sweepOneMore(t, sweepingChunks);
  if (!repeat(t, status, sweepingChunks, L.NONE)) t.goTo(closingSlot);
});
const closingSlot = step("close the slot", (t) => t.call(fn.slotClose!, closedSlot, victim(t).slot));
const closedSlot = step("closed the slot", (t, status) => {
  if (repeat(t, status, closingSlot, L.OK)) return;
  const v = victim(t);
  v.swept = SWEPT;
  v.ops = 0;
  const heir = staff().find((other) => other.status === T.UNBORN);
  if (heir === undefined) return done(t);
  t.setRegister(R.RESULT, heir.index);
  t.goTo(opening);
});
const opening = step("open the slot again", (t) => t.call(fn.slotOpen!, opened, victim(t).slot));
const opened = step("opened again", (t, status) => {
  if (repeat(t, status, opening, L.OK)) return;
  const { slot } = victim(t);
  const heir = staff()[t.register(R.RESULT)]!;
  heir.become(slot, t.read(slot + L.SLOT_RESULT));
  heir.goTo(firstChunk);
  done(t);
});
function done(t: Thread): void {
  t.clearRegisters(R.LOCAL, R.END);
  t.goTo(nextVictim() === undefined ? rest : idle);
}
const firstChunk = step("first chunk", (t) => t.call(fn.opChunk!, gotChunk, t.slot, t.epoch));
const gotChunk = step("got its first chunk", (t, status) => {
  if (status === L.BUSY) return t.goTo(firstChunk);
  if (status === L.FENCED) return t.stop(T.ENDED);
  if (status !== L.OK) t.fail(`opChunk answered ${status}`);
  t.ops = t.read(t.slot + L.SLOT_RESULT) + L.LINE;
  if (t.history.hasBuffer(t.index)) t.goTo(buffer);
  else begin(t);
});
const buffer = step("its buffer", (t) => t.call(fn.blockAlloc!, gotBuffer, t.slot, t.epoch, BUFFER_BYTES));
const gotBuffer = step("got its buffer", (t, status) => {
  if (status === L.BUSY) return t.goTo(buffer);
  if (status === L.FENCED) return t.stop(T.ENDED);
  if (status !== L.OK) t.fail(`blockAlloc answered ${status}`);
  t.setRegister(R.BUFFER, t.read(t.slot + L.SLOT_RESULT));
  begin(t);
});
