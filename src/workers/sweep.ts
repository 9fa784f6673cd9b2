// What a dead thread leaves behind, and its mending. Each step is transitions only, so a sweep may stop anywhere and be done again.
//
// Order    fence → sweepShared at once → exit → sweepExited: sweepShared once more, then what only the dead thread could reach
// Why twice: a call that was inside when the fence came has passed its epoch check; it may link a waiter or take a task after the first sweep has
// looked. Meanwhile others pass over what it linked (they see the epoch). After the exit no call is inside any more, and only then is what the
// thread could write by plain JavaScript used again.

import { HeapExhaustedError } from "../runtime/errors.ts";
import { sweepLeases, withdrawLeased } from "../runtime/lease/index.ts";
import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";

/**
 * What others can see of it: a close cut in half, its waiters, after its exit what it held, its place in the idle list, its running tasks. `cause` tells the joiners why.
 * Answers how many tasks it ended; `spared`, if it runs there, is left for later.
 */
export function sweepShared(thread: Thread, dead: number, cause: Uint8Array, hasExited = false, spared = 0): number {
  resumeClose(thread, dead);
  freeDrained(thread);
  thread.call("sweep", (fn) => fn.sweepSlot(dead));
  sweepWaiters(thread, dead, hasExited);
  serveSyncs(thread);
  sweepLeases(thread, dead, cause, hasExited);
  const tasks = failTasks(thread, dead, cause, spared);
  thread.call("kick", (fn) => fn.taskKick(L.QUEUE_LIGHT_AT));
  thread.call("kick", (fn) => fn.taskKick(L.QUEUE_DEDICATED_AT));
  const served = thread.heap.u32[(dead + L.SLOT_QUEUE) >> 2]!;
  if (served >= L.CREW_QUEUES_AT) thread.call("kick", (fn) => fn.taskKick(served));
  return tasks;
}

/** Ends the tasks a fenced thread was running, but for `spared`; answers how many. */
export function failTasks(thread: Thread, dead: number, cause: Uint8Array, spared = 0): number {
  const { heap } = thread;
  let failed = 0;
  for (const task of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    if (task === spared) continue;
    if (Atomics.load(heap.i32, (task + L.TASK_STATE) >> 2) !== L.TASK_RUNNING || heap.u32[(task + L.TASK_OWNER) >> 2] !== dead) continue;
    const block = storeIfRoom(thread, cause);
    const status = thread.call("fail", (fn) => fn.taskFail(thread.slot, thread.epoch, task, block));
    if (status === L.OK) failed++;
    else if (block !== 0) thread.free(block); // it ended before the fence
  }
  return failed;
}

/** A full heap does not keep the news of a death from anyone: 0, and the joiner is told without the cause. */
function storeIfRoom(thread: Thread, bytes: Uint8Array): number {
  try {
    return thread.store("a cause of death", bytes);
  } catch (error) {
    if (error instanceof HeapExhaustedError) return 0;
    throw error;
  }
}

function resumeClose(thread: Thread, dead: number): void {
  const { u32, i32 } = thread.heap;
  const channel = u32[(dead + L.SLOT_INTENT) >> 2]!;
  if (channel === 0) return;
  const gen = i32[(dead + L.SLOT_INTENT_GEN) >> 2]!;
  let status: number;
  do status = thread.call("close", (fn) => fn.close(channel, gen, thread.slot, thread.epoch, 1));
  while (status === L.AGAIN);
  thread.call("free", (fn) => fn.chanFree(channel, gen, thread.slot, thread.epoch, 0));
}

/** Channels that are closed and empty: whoever closed or drained one may have died before it freed it. */
function freeDrained(thread: Thread): void {
  const { u32, i32 } = thread.heap;
  for (const channel of thread.heap.records(L.KIND_CHANNEL, L.CHANNEL_SIZE)) {
    if (u32[(channel + L.CHANNEL_LIVE) >> 2] !== 1 || (u32[(channel + L.CHANNEL_FLAGS) >> 2]! & L.FLAG_CLOSED) === 0) continue;
    const gen = i32[(channel + L.CHANNEL_GEN) >> 2]!;
    thread.call("free", (fn) => fn.chanFree(channel, gen, thread.slot, thread.epoch, 0)); // refused while it holds values
  }
}

function sweepWaiters(thread: Thread, dead: number, hasExited: boolean): void {
  const { u32 } = thread.heap;
  for (let chunk = u32[(dead + L.SLOT_CHUNKS) >> 2]!; chunk !== 0; chunk = u32[(chunk + L.CHUNK_NEXT) >> 2]!) {
    for (let i = 0; i < L.OPS_PER_CHUNK; i++) {
      const op = chunk + L.LINE + i * L.OP_SIZE;
      thread.call("cancel", (fn) => fn.cancel(op));
      const node = op + L.OP_NODE;
      const channel = u32[(node + L.NODE_CHANNEL) >> 2]!;
      if (channel !== 0) thread.call("unlink", (fn) => fn.unlink(channel, thread.slot, thread.epoch, node));
      const leased = u32[(node + L.NODE_LEASED) >> 2]!;
      if (leased !== 0) withdrawLeased(thread, leased, node);
      const sync = u32[(node + L.NODE_SYNC) >> 2]!; // final, since the operation is cancelled or fired
      if (sync !== 0) sweepSyncNode(thread, sync, node, hasExited);
    }
  }
}

/** It waits, or it holds: what it holds goes to the next only after the exit, for until then the dead one may still be running inside. */
function sweepSyncNode(thread: Thread, record: number, node: number, hasExited: boolean): void {
  const { slot, epoch } = thread;
  if (hasExited && thread.call("release", (fn) => fn.syncRelease(record, slot, epoch, node, L.ABANDON)) !== L.NONE) return;
  thread.call("unlink", (fn) => fn.syncServe(record, slot, epoch, node));
}

/** A zombie may never exit: what it holds goes to the next after all, locks as abandoned. */
export function abandonHeld(thread: Thread, dead: number): void {
  sweepWaiters(thread, dead, true);
  serveSyncs(thread);
}

/** Goes on with whatever a thread was in the middle of: waiters that can be served, conditions whose lock is abandoned or gone, records that are to be freed. */
function serveSyncs(thread: Thread): void {
  const { slot, epoch } = thread;
  const { u32, i32 } = thread.heap;
  for (const record of thread.heap.records(L.KIND_SYNC, L.SYNC_SIZE)) {
    if (u32[(record + L.SYNC_LIVE) >> 2] !== 1) continue;
    const gen = i32[(record + L.SYNC_GEN) >> 2]!;
    const lock = u32[(record + L.SYNC_LOCK_OF) >> 2]!;
    const isAlarmed =
      lock !== 0 &&
      (i32[(lock + L.SYNC_GEN) >> 2] !== i32[(record + L.SYNC_LOCK_GEN) >> 2] || // it was closed, and freed with its last holder
        (u32[(lock + L.SYNC_FLAGS) >> 2]! & L.SYNC_ABANDONED) !== 0);
    let status = isAlarmed ? thread.call("signal", (fn) => fn.syncSignal(record, gen, slot, epoch, 1)) : L.AGAIN;
    while (status === L.AGAIN) status = thread.call("serve", (fn) => fn.syncServe(record, slot, epoch, 0));
    if (status === L.CLOSED) thread.call("free", (fn) => fn.syncFree(record, gen, slot, epoch));
  }
}

/** All that is left, after its exit: the shared things once more, then what only it could reach. The slot is free afterwards. */
export function sweepExited(thread: Thread, dead: number, cause: Uint8Array): number {
  const tasks = sweepShared(thread, dead, cause, true);
  collectOrphans(thread, dead);
  while (thread.call("sweep", (fn) => fn.sweepBlock(dead)) === L.AGAIN);
  while (thread.call("sweep", (fn) => fn.sweepChunk(dead)) === L.AGAIN);
  thread.heap.u32[(dead + L.SLOT_WORKSPACE) >> 2] = 0;
  thread.heap.i32[(dead + L.SLOT_THREAD) >> 2] = 0;
  thread.call("slotClose", (fn) => fn.slotClose(dead));
  return tasks;
}

/**
 * Drops the results of ended tasks whose joiner had this slot and is gone: those in its ready list, and those it had taken from there itself.
 * A task may end at any moment meanwhile. One that is DONE was pushed before, so whatever the scan finds is out of the list after the second take.
 */
function collectOrphans(thread: Thread, slot: number): void {
  const { heap } = thread;
  const epoch = Atomics.load(heap.i32, (slot + L.SLOT_EPOCH) >> 2);
  const orphans = new Set(thread.parker.takeReadyOf(slot).filter((record) => isTask(thread, record)));
  for (const task of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    if (Atomics.load(heap.i32, (task + L.TASK_STATE) >> 2) !== L.TASK_DONE) continue;
    if (heap.u32[(task + L.TASK_JOINER) >> 2] === slot && heap.i32[(task + L.TASK_JOINER_EPOCH) >> 2] !== epoch) orphans.add(task);
  }
  for (const record of thread.parker.takeReadyOf(slot)) if (isTask(thread, record)) orphans.add(record);
  for (const task of orphans) collect(thread, task);
}

/** Supervisor, whenever it was woken: tasks that ended after their joiner's slot was swept. */
export function collectLate(thread: Thread, slot: number): void {
  for (const record of thread.parker.takeReadyOf(slot)) if (isTask(thread, record)) collect(thread, record);
}

function isTask(thread: Thread, record: number): boolean {
  return thread.heap.u32[(record + L.READY_RECORD) >> 2] === L.RECORD_TASK;
}

function collect(thread: Thread, task: number): void {
  const status = thread.call("collect", (fn) => fn.taskCollect(thread.slot, thread.epoch, task));
  if (status === L.OK && thread.answered !== 0) thread.free(thread.answered);
}

/** Ends every unstarted task, or every one of a queue, as cancelled (its joiner gets ERR_TASK_CANCELLED); answers how many. */
export function refuseQueued(thread: Thread, queue?: number): number {
  const { heap } = thread;
  let refused = 0;
  for (const task of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    if (Atomics.load(heap.i32, (task + L.TASK_STATE) >> 2) !== L.TASK_QUEUED) continue;
    if (queue !== undefined && heap.u32[(task + L.TASK_QUEUE) >> 2] !== queue) continue;
    const gen = heap.i32[(task + L.TASK_GEN) >> 2]!;
    const status = thread.call("cancel", (fn) => fn.taskCancel(thread.slot, thread.epoch, task, gen));
    if (status !== L.OK) continue;
    thread.free(thread.answered);
    refused++;
  }
  return refused;
}

/**
 * Ends every unstarted task of a queue that nobody will serve with an error (encoded): takes each as if to run it. The supervising thread leaves the idle
 * list of its reports for that, and looks at them again on its next turn.
 */
export function failQueued(thread: Thread, queue: number, error: Uint8Array): void {
  const { slot, epoch } = thread;
  thread.call("take", (fn) => fn.taskTake(slot, epoch, L.QUEUE_REPORTS_AT, L.LEAVE_IDLE));
  thread.parker.stir();
  while (thread.call("take", (fn) => fn.taskTake(slot, epoch, queue, L.TAKE)) === L.OK) {
    const task = thread.answeredGen >>> 0;
    thread.free(thread.answered);
    const block = storeIfRoom(thread, error);
    thread.call("finish", (fn) => fn.taskFinish(slot, epoch, task, L.OUTCOME_ERROR, block));
  }
}
