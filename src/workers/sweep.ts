// What a dead thread leaves behind, and its mending. Each step is transitions only, so a sweep may stop anywhere and be done again.
//
// Order    fence → sweepShared at once (a zombie may still run: nothing it can write by plain JavaScript is reused yet) → exit → sweepPrivate
//          (its operations, blocks and ready list; then the slot is free for another thread)

import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";

/** What others can see of it: a close cut in half, its waiters, its place in the idle list, its running tasks. `cause` tells the joiners why. */
export function sweepShared(thread: Thread, dead: number, cause: Uint8Array): { waiters: number; tasks: number } {
  const { heap } = thread;
  resumeClose(thread, dead);
  thread.call("sweep", (fn) => fn.sweepSlot(dead));
  const waiters = sweepWaiters(thread, dead);
  let tasks = 0;
  for (const task of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    if (Atomics.load(heap.i32, (task + L.TASK_STATE) >> 2) !== L.TASK_RUNNING || heap.u32[(task + L.TASK_OWNER) >> 2] !== dead) continue;
    const block = thread.store("a cause of death", cause);
    const status = thread.call("fail", (fn) => fn.taskFail(thread.slot, thread.epoch, task, block));
    if (status === L.OK) tasks++;
    else thread.free(block); // it ended before the fence
  }
  thread.call("kick", (fn) => fn.taskKick(L.QUEUE_LIGHT_AT));
  thread.call("kick", (fn) => fn.taskKick(L.QUEUE_DEDICATED_AT));
  return { waiters, tasks };
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

function sweepWaiters(thread: Thread, dead: number): number {
  const { u32 } = thread.heap;
  let waiters = 0;
  for (let chunk = u32[(dead + L.SLOT_CHUNKS) >> 2]!; chunk !== 0; chunk = u32[(chunk + L.CHUNK_NEXT) >> 2]!) {
    for (let i = 0; i < L.OPS_PER_CHUNK; i++) {
      const op = chunk + L.LINE + i * L.OP_SIZE;
      if (thread.call("cancel", (fn) => fn.cancel(op)) === L.OK) waiters++;
      const node = op + L.OP_NODE;
      const channel = u32[(node + L.NODE_CHANNEL) >> 2]!;
      if (channel !== 0) thread.call("unlink", (fn) => fn.unlink(channel, thread.slot, thread.epoch, node));
    }
  }
  return waiters;
}

/** What only it could reach: after its exit. The slot is free afterwards. */
export function sweepPrivate(thread: Thread, dead: number): void {
  thread.parker.takeReadyOf(dead);
  collectOrphans(thread, dead); // whether it came through the list or the dead thread had taken it already
  while (thread.call("sweep", (fn) => fn.sweepBlock(dead)) === L.AGAIN);
  while (thread.call("sweep", (fn) => fn.sweepChunk(dead)) === L.AGAIN);
  thread.heap.i32[(dead + L.SLOT_THREAD) >> 2] = 0;
  thread.call("slotClose", (fn) => fn.slotClose(dead));
}

/** Supervisor, whenever it was woken: tasks that ended after their joiner's slot was swept. */
export function collectLate(thread: Thread, slot: number): void {
  if (thread.parker.takeReadyOf(slot).length > 0) collectOrphans(thread, slot);
}

/** Drops the results of ended tasks whose joiner had this slot and is gone. Their ready list must have been taken before. */
function collectOrphans(thread: Thread, slot: number): void {
  const { heap } = thread;
  const epoch = Atomics.load(heap.i32, (slot + L.SLOT_EPOCH) >> 2);
  for (const task of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    if (Atomics.load(heap.i32, (task + L.TASK_STATE) >> 2) !== L.TASK_DONE) continue;
    if (heap.u32[(task + L.TASK_JOINER) >> 2] !== slot || heap.i32[(task + L.TASK_JOINER_EPOCH) >> 2] === epoch) continue;
    if (thread.call("collect", (fn) => fn.taskCollect(thread.slot, thread.epoch, task)) !== L.OK) continue;
    if (thread.answered !== 0) thread.free(thread.answered);
  }
}

/** Ends every unstarted task as cancelled (its joiner gets ERR_TASK_CANCELLED); answers how many. */
export function refuseQueued(thread: Thread): number {
  const { heap } = thread;
  let refused = 0;
  for (const task of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    if (Atomics.load(heap.i32, (task + L.TASK_STATE) >> 2) !== L.TASK_QUEUED) continue;
    const gen = heap.i32[(task + L.TASK_GEN) >> 2]!;
    const status = thread.call("cancel", (fn) => fn.taskCancel(thread.slot, thread.epoch, task, gen));
    if (status !== L.OK) continue;
    thread.free(thread.answered);
    refused++;
  }
  return refused;
}
