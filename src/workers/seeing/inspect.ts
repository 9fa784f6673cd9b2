// rt.inspect(): everything in the heap at this moment, read without any thread's help, so it works while all of them are stuck.

import type { HeapUse, SharedHeap } from "../../runtime/memory/heap.ts";
import * as L from "../../runtime/memory/layout.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";
import { slotIndex, type Thread } from "../../runtime/memory/thread.ts";
import type {
  Inspected,
  InspectedChannel,
  InspectedLeasedQueue,
  InspectedQueue,
  InspectedSync,
  InspectedTask,
  InspectedThread,
  ThreadState,
} from "./inspected.ts";
import { inspectionText } from "./inspection-text.ts";
import { channelLabel, kindOf, leasedLabel, syncLabel } from "./naming.ts";
import { numberOf, queued, slots, textAt, threadIdOf, waiterOf } from "./reading.ts";
import { type Hold, readWaits, type Wait } from "./waits.ts";

/** A snapshot as plain data, for JSON.stringify; as a string, text to read: `console.error(String(rt.inspect()))`. */
export class Inspection implements Inspected {
  readonly at: number;
  readonly runtime: number;
  readonly threads: readonly InspectedThread[];
  readonly queues: readonly InspectedQueue[];
  readonly queuedTasks: number;
  readonly channels: readonly InspectedChannel[];
  readonly syncs: readonly InspectedSync[];
  readonly leasedQueues: readonly InspectedLeasedQueue[];
  readonly heap: HeapUse;

  /** @internal */
  constructor({ heap, timers, slot: own }: Thread) {
    this.at = Date.now();
    this.runtime = heap.runtimeId;
    const { waits, holds } = readWaits(heap);
    const tasks = readTasks(heap);
    this.threads = [...slots(heap)].map((slot) => {
      const inspected = threadOf(heap, slot, waits, tasks);
      return slot === own ? { ...inspected, timers: timers.size } : inspected;
    });
    this.queues = [
      { of: "light", length: heap.u32[(L.QUEUE_LIGHT_AT + L.QUEUE_LENGTH) >> 2]! },
      { of: "dedicated", length: heap.u32[(L.QUEUE_DEDICATED_AT + L.QUEUE_LENGTH) >> 2]! },
      { of: "reports", length: heap.u32[(L.QUEUE_REPORTS_AT + L.QUEUE_LENGTH) >> 2]! },
    ];
    this.queuedTasks = tasks.filter(({ task }) => task.state === "queued").length;
    this.channels = readChannels(heap);
    this.syncs = readSyncs(heap, holds);
    this.leasedQueues = readLeasedQueues(heap);
    this.heap = heap.use();
  }

  toString(): string {
    return inspectionText(this);
  }
}

interface ReadTask {
  readonly slot: number;
  readonly task: InspectedTask;
}

function readTasks(heap: SharedHeap): ReadTask[] {
  const tasks: ReadTask[] = [];
  for (const record of heap.records(L.KIND_TASK, L.TASK_SIZE)) {
    const state = Atomics.load(heap.i32, (record + L.TASK_STATE) >> 2);
    if (state === L.TASK_FREE || heap.u32[(record + L.TASK_QUEUE) >> 2] === L.QUEUE_REPORTS_AT) continue;
    const isQueued = state === L.TASK_QUEUED;
    const slot = isQueued ? 0 : heap.u32[(record + L.TASK_OWNER) >> 2]!;
    tasks.push({
      slot,
      task: {
        name: isQueued || slot === 0 ? "" : textAt(heap, record + S.TASK_NAME, S.TASK_NAME_BYTES),
        state: isQueued ? "queued" : state === L.TASK_RUNNING ? "running" : "ended",
        threadId: slot === 0 ? undefined : threadIdOf(heap, slot),
        since: slot === 0 ? undefined : heap.f64[(record + L.TASK_STARTED) >> 3]!,
      },
    });
  }
  return tasks;
}

function threadOf(heap: SharedHeap, slot: number, waits: readonly Wait[], tasks: readonly ReadTask[]): InspectedThread {
  const { u32, f64 } = heap;
  const own = waits.filter((wait) => wait.slot === slot && wait.end !== S.IN_BACKGROUND);
  const state = stateOf(heap, slot);
  const blocked = own.find((wait) => wait.isBlocking);
  return {
    slot: slotIndex(slot),
    threadId: threadIdOf(heap, slot),
    serves: servesOf(heap, slot),
    state,
    since: state === "idle" ? f64[(slot + S.SLOT_SINCE) >> 3]! : state === "blocked" ? blocked?.since : undefined,
    waits: own.map((wait) => ({
      on: wait.on.map(({ text }) => text),
      isBlocking: wait.isBlocking,
      mayEndByItself: wait.end === S.BY_ITSELF || wait.hasContext,
      since: wait.since,
      where: wait.where,
    })),
    tasks: tasks.filter((one) => one.slot === slot && one.task.state === "running").map(({ task }) => task),
    tasksEnded: u32[(slot + S.SLOT_TASKS) >> 2]!,
    timers: u32[(slot + S.SLOT_TIMERS) >> 2]!,
  };
}

export function stateOf({ i32 }: SharedHeap, slot: number): ThreadState {
  if (Atomics.load(i32, (slot + L.SLOT_STATE) >> 2) === L.SLOT_RETIRED) return "retired";
  const park = Atomics.load(i32, (slot + L.SLOT_PARK) >> 2);
  return park === L.PARK_BLOCKED ? "blocked" : park === L.PARK_IDLE ? "idle" : "running";
}

function servesOf({ u32 }: SharedHeap, slot: number): InspectedThread["serves"] {
  if (slotIndex(slot) === 0) return "nobody";
  const queue = u32[(slot + L.SLOT_QUEUE) >> 2];
  return queue === L.QUEUE_LIGHT_AT ? "light" : queue === L.QUEUE_DEDICATED_AT ? "dedicated" : "crew";
}

function readChannels(heap: SharedHeap): InspectedChannel[] {
  const { u32, i32 } = heap;
  const channels: InspectedChannel[] = [];
  for (const record of heap.records(L.KIND_CHANNEL, L.CHANNEL_SIZE)) {
    if (u32[(record + L.CHANNEL_LIVE) >> 2] !== 1) continue;
    const send = Atomics.load(i32, (record + L.CHANNEL_SEND_WORD) >> 2) & -2;
    const recv = Atomics.load(i32, (record + L.CHANNEL_RECV_WORD) >> 2) & -2;
    channels.push({
      number: numberOf(record),
      name: channelLabel(heap, record),
      capacity: u32[(record + L.CHANNEL_CAPACITY) >> 2]!,
      length: (send - recv) >>> 1,
      isClosed: (u32[(record + L.CHANNEL_FLAGS) >> 2]! & L.FLAG_CLOSED) !== 0,
      madeBy: threadIdOf(heap, u32[(record + L.CHANNEL_MAKER) >> 2]!),
      receivers: waitersAt(heap, record + L.CHANNEL_RECV_HEAD),
      senders: waitersAt(heap, record + L.CHANNEL_SEND_HEAD),
    });
  }
  return channels;
}

function waitersAt(heap: SharedHeap, head: number): number[] {
  return [...queued(heap, head)].map((node) => waiterOf(heap, node));
}

function readSyncs(heap: SharedHeap, holds: readonly Hold[]): InspectedSync[] {
  const { u32 } = heap;
  const syncs: InspectedSync[] = [];
  for (const record of heap.records(L.KIND_SYNC, L.SYNC_SIZE)) {
    if (u32[(record + L.SYNC_LIVE) >> 2] !== 1) continue;
    const flags = u32[(record + L.SYNC_FLAGS) >> 2]!;
    const isSignal = u32[(record + L.SYNC_POLICY) >> 2] === L.SYNC_SIGNALLING;
    syncs.push({
      number: numberOf(record),
      kind: kindOf(heap, record),
      name: syncLabel(heap, record),
      taken: isSignal ? 0 : u32[(record + L.SYNC_PERMITS) >> 2]! - u32[(record + L.SYNC_FREE) >> 2]!,
      isClosed: (flags & L.SYNC_CLOSED) !== 0,
      isAbandoned: (flags & L.SYNC_ABANDONED) !== 0,
      madeBy: threadIdOf(heap, u32[(record + L.SYNC_MAKER) >> 2]!),
      holders: holds.filter((hold) => hold.record === record).map(({ slot }) => threadIdOf(heap, slot)),
      waiters: waitersAt(heap, record + L.SYNC_HEAD),
    });
  }
  return syncs;
}

function readLeasedQueues(heap: SharedHeap): InspectedLeasedQueue[] {
  const { u32 } = heap;
  const queues: InspectedLeasedQueue[] = [];
  for (const record of heap.records(L.KIND_LEASED, L.LEASED_SIZE)) {
    if (u32[(record + L.LEASED_LIVE) >> 2] !== 1) continue;
    const [attempts, dead] = [u32[(record + L.LEASED_ATTEMPTS) >> 2]!, u32[(record + L.LEASED_DEAD) >> 2]!];
    const leased = [...queued(heap, record + L.LEASED_LEASES)];
    queues.push({
      number: numberOf(record),
      name: leasedLabel(heap, record),
      capacity: u32[(record + L.LEASED_CAPACITY) >> 2]!,
      attempts: attempts === 0 ? Number.POSITIVE_INFINITY : attempts,
      queued: u32[(record + L.LEASED_QUEUED) >> 2]!,
      isClosed: (u32[(record + L.LEASED_FLAGS) >> 2]! & L.LEASED_CLOSED) !== 0,
      madeBy: threadIdOf(heap, u32[(record + L.LEASED_MAKER) >> 2]!),
      deadLetters: dead === 0 ? undefined : numberOf(dead),
      holders: leased.map((job) => threadIdOf(heap, u32[(job + L.JOB_OWNER) >> 2]!)),
      takers: waitersAt(heap, record + L.LEASED_TAKERS),
      senders: waitersAt(heap, record + L.LEASED_PUTTERS),
    });
  }
  return queues;
}
