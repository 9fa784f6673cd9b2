// Two moments of a death that random kills find only once in some hundred: made on purpose.

import { beforeEach, expect, test } from "vitest";
import { SharedHeap } from "../../src/runtime/memory/heap.ts";
import * as L from "../../src/runtime/memory/layout.ts";
import { slotAt, Thread } from "../../src/runtime/memory/thread.ts";
import { collectLate, sweepExited, sweepShared } from "../../src/workers/sweep.ts";
import { heldLocks, tornStructures } from "../support/kill-probe-check.js";

const NO_CAUSE = new Uint8Array();
let heap: SharedHeap;
let boss: Thread;
let dying: Thread;
let other: Thread;

beforeEach(() => {
  heap = SharedHeap.create(8 << 20, 1);
  [boss, dying, other] = [0, 1, 2].map((index) => new Thread(heap, slotAt(index), Thread.open(heap, slotAt(index)))) as [
    Thread,
    Thread,
    Thread,
  ];
});

const whole = () => {
  expect(heldLocks(L, heap.memory)).toEqual([]);
  expect(tornStructures(L, heap.memory)).toEqual([]);
};

/** The first record of a slot's ready list, without taking it. */
const ready = (thread: Thread) => heap.u32[(thread.slot + L.SLOT_READY) >> 2]!;

test("a task that ends while its joiner's slot is swept is never freed out of a ready list that still names it", () => {
  const queue = L.QUEUE_LIGHT_AT;
  const payload = dying.store("a call", new Uint8Array(8));
  dying.call("go", (fn) => fn.taskGo(dying.slot, dying.epoch, queue, payload));
  other.call("take", (fn) => fn.taskTake(other.slot, other.epoch, queue, L.TAKE));
  const task = other.answeredGen >>> 0;
  other.free(other.answered);
  boss.call("fence", (fn) => fn.fence(dying.slot));
  sweepShared(boss, dying.slot, NO_CAUSE);

  // The other thread ends the task just after the supervisor has taken the dead thread's ready list.
  const take = boss.parker.takeReadyOf.bind(boss.parker);
  let ended = false;
  boss.parker.takeReadyOf = (slot) => {
    const records = take(slot);
    if (!ended) other.call("finish", (fn) => fn.taskFinish(other.slot, other.epoch, task, L.OUTCOME_RESULT, 0));
    ended = true;
    return records;
  };
  sweepExited(boss, dying.slot, NO_CAUSE);
  boss.parker.takeReadyOf = take;

  // Whoever takes the list waits for every record in it to be final: one that was freed meanwhile would never be.
  const left = ready(dying);
  if (left !== 0) expect({ left, state: heap.i32[(left + L.TASK_STATE) >> 2] }).toEqual({ left: task, state: L.TASK_DONE });
  collectLate(boss, dying.slot);
  expect(ready(dying)).toBe(0);
  expect(heap.use().tasks).toBe(0);
  whole();
});

test("a wait that was linked by a call already inside when its thread was fenced is swept after the exit", () => {
  boss.call("make", (fn) => fn.chanMake(boss.slot, boss.epoch, 0, 0, 8));
  const channel = boss.answered;
  const op = dying.ops.acquire();
  op.prepare(L.RECEIVING, 0);
  boss.call("fence", (fn) => fn.fence(dying.slot));
  sweepShared(boss, dying.slot, NO_CAUSE);

  // The call had read its epoch before the fence, lost its core, and goes on now: chanOp takes no lock that the fence takes.
  const epoch = (dying.slot + L.SLOT_EPOCH) >> 2;
  const retired = Atomics.exchange(heap.i32, epoch, dying.epoch);
  expect(heap.fn.chanOp(channel, 0, dying.slot, dying.epoch, op.node, L.LINK)).toBe(L.PARKED);
  Atomics.store(heap.i32, epoch, retired);

  sweepExited(boss, dying.slot, NO_CAUSE);
  whole();
  // The memory of its operations serves the next thread: nothing may still point into it.
  const next = new Thread(heap, slotAt(1), Thread.open(heap, slotAt(1)));
  next.tryOp.prepare(L.SENDING, 1);
  expect(heap.fn.chanOp(channel, 0, next.slot, next.epoch, next.tryOp.node, 0)).toBe(L.BLOCK);
  whole();
});

test("a heap without room for the news of a death still ends the tasks of the dead", () => {
  const queue = L.QUEUE_LIGHT_AT;
  const payload = other.store("a call", new Uint8Array(8));
  other.call("go", (fn) => fn.taskGo(other.slot, other.epoch, queue, payload));
  dying.call("take", (fn) => fn.taskTake(dying.slot, dying.epoch, queue, L.TAKE));
  const task = dying.answeredGen >>> 0;
  for (const bytes of [1 << 20, 1 << 16, 1 << 12, 1 << 8, 1]) {
    while (heap.fn.blockAlloc(other.slot, other.epoch, bytes) === L.OK);
  }
  boss.call("fence", (fn) => fn.fence(dying.slot));
  sweepShared(boss, dying.slot, new Uint8Array(300));
  expect(heap.i32[(task + L.TASK_STATE) >> 2]).toBe(L.TASK_DONE);
  expect(heap.i32[(task + L.TASK_OUTCOME) >> 2]).toBe(L.OUTCOME_DIED);
  sweepExited(boss, dying.slot, NO_CAUSE);
  whole();
});
