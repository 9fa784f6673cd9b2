// A task queue's two lists: unstarted tasks, oldest first, and the threads that wait for one. The queue's lock is held by the caller. All inline.

import * as L from "../layout";

// @ts-ignore: decorator
@inline export function idleDrop(queue: usize, slot: usize): void {
  const before: usize = load<u32>(slot, L.SLOT_IDLE_PREV);
  const after: usize = load<u32>(slot, L.SLOT_IDLE_NEXT);
  if (before) store<u32>(before, <u32>after, L.SLOT_IDLE_NEXT);
  else store<u32>(queue, <u32>after, L.QUEUE_IDLE);
  if (after) store<u32>(after, <u32>before, L.SLOT_IDLE_PREV);
  store<u32>(slot, 0, L.SLOT_IDLE_QUEUE);
}

// @ts-ignore: decorator
@inline export function idlePush(queue: usize, slot: usize): void {
  const first: usize = load<u32>(queue, L.QUEUE_IDLE);
  store<u32>(slot, 0, L.SLOT_IDLE_PREV);
  store<u32>(slot, <u32>first, L.SLOT_IDLE_NEXT);
  store<u32>(slot, <u32>queue, L.SLOT_IDLE_QUEUE);
  if (first) store<u32>(first, <u32>slot, L.SLOT_IDLE_PREV);
  store<u32>(queue, <u32>slot, L.QUEUE_IDLE);
}

/** A thread to wake because tasks are queued, or 0. The queue's lock is held. */
// @ts-ignore: decorator
@inline export function idlePop(queue: usize): usize {
  const slot: usize = load<u32>(queue, L.QUEUE_HEAD) ? load<u32>(queue, L.QUEUE_IDLE) : 0;
  if (slot) idleDrop(queue, slot);
  return slot;
}

// @ts-ignore: decorator
@inline export function dequeue(queue: usize, task: usize): void {
  const before: usize = load<u32>(task, L.TASK_QUEUE_PREV);
  const after: usize = load<u32>(task, L.TASK_QUEUE_NEXT);
  if (before) store<u32>(before, <u32>after, L.TASK_QUEUE_NEXT);
  else store<u32>(queue, <u32>after, L.QUEUE_HEAD);
  if (after) store<u32>(after, <u32>before, L.TASK_QUEUE_PREV);
  else store<u32>(queue, <u32>before, L.QUEUE_TAIL);
  store<u32>(queue, load<u32>(queue, L.QUEUE_LENGTH) - 1, L.QUEUE_LENGTH);
}
