// What a runtime still holds, read off the heap: tasks, waiters, channels. Any thread can look, also while others are stuck.

import type { SharedHeap } from "../runtime/memory/heap.ts";
import * as L from "../runtime/memory/layout.ts";
import { slotIndex, type Thread } from "../runtime/memory/thread.ts";

/** A channel that is still there. */
export interface LeftChannel {
  readonly capacity: number;
  /** Values accepted and not received. */
  readonly length: number;
  /** Those that wait to receive from it, and to send to it. */
  readonly receivers: number;
  readonly senders: number;
  readonly isClosed: boolean;
  /** Node's id of the thread that made it; 0 for the supervising thread. */
  readonly madeBy: number;
}

/** A task that was not collected. */
export interface LeftTask {
  readonly state: "queued" | "running" | "ended";
  /** Node's id of the thread that runs it or ran it; 0 for the supervising thread, undefined while it is queued. */
  readonly threadId: number | undefined;
}

/** A wait that has not ended. */
export interface LeftWaiter {
  readonly threadId: number;
  /** Channels it is linked with: more than one for a select. */
  readonly channels: number;
}

/** What is still there when perhaps nothing should be: rt.leftovers(). */
export interface Leftovers {
  readonly channels: readonly LeftChannel[];
  readonly tasks: readonly LeftTask[];
  readonly waiters: readonly LeftWaiter[];
  /** Timeouts and deadlines that this thread waits for. */
  readonly timers: number;
  /** Node's ids of the threads that are there. */
  readonly threads: readonly number[];
}

/** A snapshot: exact while nobody else works. */
export function leftovers(thread: Thread, threads: readonly number[]): Leftovers {
  const { heap } = thread;
  return {
    channels: leftChannels(heap),
    tasks: leftTasks(heap),
    waiters: leftWaiters(heap),
    timers: thread.timers.size,
    threads,
  };
}

export function leftChannels(heap: SharedHeap): LeftChannel[] {
  const left: LeftChannel[] = [];
  for (const channel of heap.records(L.KIND_CHANNEL, L.CHANNEL_SIZE)) {
    if (heap.u32[(channel + L.CHANNEL_LIVE) >> 2] !== 1) continue;
    const send = heap.i32[(channel + L.CHANNEL_SEND_WORD) >> 2]! & -2;
    const recv = heap.i32[(channel + L.CHANNEL_RECV_WORD) >> 2]! & -2;
    left.push({
      capacity: heap.u32[(channel + L.CHANNEL_CAPACITY) >> 2]!,
      length: (send - recv) >>> 1,
      receivers: queueLength(heap, channel + L.CHANNEL_RECV_HEAD),
      senders: queueLength(heap, channel + L.CHANNEL_SEND_HEAD),
      isClosed: (heap.u32[(channel + L.CHANNEL_FLAGS) >> 2]! & L.FLAG_CLOSED) !== 0,
      madeBy: threadIdOf(heap, heap.u32[(channel + L.CHANNEL_MAKER) >> 2]!),
    });
  }
  return left;
}

/** Bounded: another thread may change the queue under our eyes. */
function queueLength(heap: SharedHeap, head: number): number {
  let length = 0;
  for (let node = heap.u32[head >> 2]!; node !== 0 && length < 1_000_000; node = heap.u32[(node + L.NODE_NEXT) >> 2]!) length++;
  return length;
}

function threadIdOf(heap: SharedHeap, slot: number): number {
  return slotIndex(slot) === 0 ? 0 : heap.i32[(slot + L.SLOT_THREAD) >> 2]!;
}

function leftTasks(heap: SharedHeap): LeftTask[] {
  const left: LeftTask[] = [];
  for (const task of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    const state = Atomics.load(heap.i32, (task + L.TASK_STATE) >> 2);
    if (state === L.TASK_QUEUED) left.push({ state: "queued", threadId: undefined });
    else if (state === L.TASK_RUNNING || state === L.TASK_DONE) {
      const threadId = threadIdOf(heap, heap.u32[(task + L.TASK_OWNER) >> 2]!);
      left.push({ state: state === L.TASK_RUNNING ? "running" : "ended", threadId });
    }
  }
  return left;
}

/** Operations that wait, by their linked nodes; several nodes of one operation are a select. */
function leftWaiters(heap: SharedHeap): LeftWaiter[] {
  const channels = new Map<number, number>();
  const slots = Atomics.load(heap.i32, L.HEAP_SLOTS_AT >> 2);
  for (let index = 0; index < slots; index++) {
    const slot = L.SLOTS_AT + index * L.SLOT_SIZE;
    for (let chunk = heap.u32[(slot + L.SLOT_CHUNKS) >> 2]!; chunk !== 0; chunk = heap.u32[(chunk + L.CHUNK_NEXT) >> 2]!) {
      for (let i = 0; i < L.OPS_PER_CHUNK; i++) {
        const node = chunk + L.LINE + i * L.OP_SIZE + L.OP_NODE;
        if (heap.u32[(node + L.NODE_CHANNEL) >> 2] === 0) continue;
        const op = heap.u32[(node + L.NODE_OP) >> 2]!;
        channels.set(op, (channels.get(op) ?? 0) + 1);
      }
    }
  }
  return [...channels].map(([op, count]) => ({ threadId: threadIdOf(heap, heap.u32[(op + L.OP_SLOT) >> 2]!), channels: count }));
}
