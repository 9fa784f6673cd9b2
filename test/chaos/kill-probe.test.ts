// A small share of the kill probe, and proof that its eyes are open: every kind of damage that it looks for, done on purpose, must be named.

import { describe, expect, test } from "vitest";
import * as L from "../../src/runtime/memory/layout.ts";
import { heldLocks, tornStructures } from "../support/kill-probe-check.js";
import { readTransitions } from "../support/kill-probe-load.js";
import { supervisor } from "../support/kill-probe-sweep.js";
import { killProbe } from "./kill-probe.js";

// The part of WebAssembly used here; its types live in lib dom.
// biome-ignore lint/suspicious/noExplicitAny: a global without types
const wasm = (globalThis as any).WebAssembly;

/** A small heap in use: a channel with values and a waiter, private blocks, queued tasks, free lists. */
function busyHeap() {
  const memory = new wasm.Memory({ initial: 64, maximum: 64, shared: true });
  const u32 = new Uint32Array(memory.buffer);
  const f64 = new Float64Array(memory.buffer);
  u32[L.HEAP_CEILING_AT >> 2] = memory.buffer.byteLength;
  u32[(L.BUMP_AT + L.BUMP_NEXT) >> 2] = L.RECORDS_AT;
  u32[L.HEAP_SUPERVISOR_AT >> 2] = L.SLOTS_AT;
  u32[L.HEAP_MAGIC_AT >> 2] = L.HEAP_MAGIC;
  const boss = supervisor(L, memory, new wasm.Instance(new wasm.Module(readTransitions()), { env: { memory } }).exports);
  const call = (name: string, ...args: number[]) => boss.call(name, boss.self, boss.epoch, ...args);
  const answer = () => u32[(boss.self + L.SLOT_RESULT) >> 2]!;
  const made = (name: string, ...args: number[]) => {
    expect(call(name, ...args)).toBe(L.OK);
    return answer();
  };
  const channel = made("chanMake", 4, 0, 8);
  const rendezvous = made("chanMake", 0, 0, 8);
  boss.call("trySend", channel, 0, boss.self, boss.epoch, 1);
  const freed = [made("blockAlloc", 40), made("blockAlloc", 40), made("blockAlloc", 40)];
  for (const block of freed) call("blockFree", block);
  const blocks = [made("blockAlloc", 100), made("blockAlloc", 100), made("blockAlloc", 100)];
  const tasks = [0, 1, 2].map(() => made("taskGo", L.QUEUE_LIGHT_AT, made("blockAlloc", 20)));
  const ops = [0, 1].map((i) => made("opChunk") + L.LINE + i * L.OP_SIZE);
  for (const op of ops) {
    u32[(op + L.READY_RECORD) >> 2] = L.RECORD_OP;
    u32[(op + L.OP_SLOT) >> 2] = boss.self;
    u32[(op + L.OP_EPOCH) >> 2] = boss.epoch!;
    u32[(op + L.OP_NODE + L.NODE_OP) >> 2] = op;
    u32[(op + L.OP_NODE + L.NODE_KIND) >> 2] = L.RECEIVING;
    f64[(op + L.OP_NODE + L.NODE_VALUE) >> 3] = 0;
    expect(boss.call("chanOp", rendezvous, 0, boss.self, boss.epoch, op + L.OP_NODE, L.LINK)).toBe(L.PARKED);
  }
  const ofBlocks = made("chanMake", 1, L.CODEC_BLOCKS, 8);
  const sender = made("opChunk") + L.LINE;
  u32[(sender + L.OP_NODE + L.NODE_OP) >> 2] = sender;
  u32[(sender + L.OP_NODE + L.NODE_KIND) >> 2] = L.SENDING;
  u32[(sender + L.OP_NODE + L.NODE_VALUE) >> 2] = made("blockAlloc", 200);
  expect(boss.call("chanOp", ofBlocks, 0, boss.self, boss.epoch, sender + L.OP_NODE, 0)).toBe(L.OK);
  made("schemaAdd", made("blockAlloc", 200), 0);
  return { memory, u32, channel, rendezvous, ofBlocks, blocks, freed, tasks, ops, self: boss.self };
}
type Heap = ReturnType<typeof busyHeap>;

test("a heap in use is whole", () => {
  const heap = busyHeap();
  expect(heldLocks(L, heap.memory)).toEqual([]);
  expect(tornStructures(L, heap.memory)).toEqual([]);
});

describe("a held lock is named", () => {
  const locks: Record<string, (heap: Heap) => number> = {
    "slot lock": (heap) => heap.self + L.SLOT_LOCK,
    "class lock": () => L.CLASSES_AT + 3 * L.CLASS_SIZE + L.CLASS_LOCK,
    "queue lock": () => L.QUEUE_DEDICATED_AT + L.QUEUE_LOCK,
    "bump lock": () => L.BUMP_AT + L.BUMP_LOCK,
    "send word": (heap) => heap.channel + L.CHANNEL_SEND_WORD,
    "schema word": () => L.SCHEMAS_AT + L.SCHEMA_WORD,
    "recv word": (heap) => heap.rendezvous + L.CHANNEL_RECV_WORD,
  };
  test.each(Object.entries(locks))("%s", (name, at) => {
    const heap = busyHeap();
    const index = at(heap) >> 2;
    heap.u32[index] = heap.u32[index]! | 1;
    expect(heldLocks(L, heap.memory)).toEqual([expect.stringContaining(name)]);
  });
});

describe("a torn structure is named", () => {
  const damage: Record<string, (heap: Heap) => [address: number, value: number]> = {
    "a queue's back link": (heap) => [heap.ops[1]! + L.OP_NODE + L.NODE_PREV, 0],
    "a queue's tail": (heap) => [heap.rendezvous + L.CHANNEL_RECV_TAIL, heap.ops[0]! + L.OP_NODE],
    "a queue's flag": (heap) => [heap.rendezvous + L.CHANNEL_FLAGS, 0],
    "a waiter on a closed channel": (heap) => [heap.rendezvous + L.CHANNEL_FLAGS, L.FLAG_RECEIVERS | L.FLAG_CLOSED],
    "a waiter that stays claimed": (heap) => [heap.ops[0]! + L.OP_STATE, L.OP_LOCKED],
    "an index beyond the capacity": (heap) => [heap.channel + L.CHANNEL_SEND_WORD, 20],
    "a private list's back link": (heap) => [heap.blocks[0]! + L.BLOCK_PREV, 0],
    "a block's owner": (heap) => [heap.blocks[1]! + L.BLOCK_OWNER, 0],
    "a private list cut short": (heap) => [heap.blocks[1]! + L.BLOCK_NEXT, 0],
    "a free list with a cycle": (heap) => [heap.freed[0]! + L.BLOCK_NEXT, heap.freed[2]!],
    "a free list cut short": (heap) => [heap.freed[2]! + L.BLOCK_NEXT, 0],
    "a block free and in use": (heap) => [heap.freed[0]! + L.BLOCK_NEXT, heap.blocks[0]!],
    "a block in a ring that is somebody's": (heap) => [
      heap.u32[(heap.ofBlocks + L.CHANNEL_BUFFER) >> 2]! + L.BLOCK_HEADER,
      heap.blocks[0]!,
    ],
    "a schema that is nowhere": () => [L.SCHEMAS_AT + L.SCHEMA_WORD, 0],
    "a class's count": () => [L.CLASSES_AT + L.KIND_TASK * L.CLASS_SIZE + L.CLASS_USED, 2],
    "a task queue's length": () => [L.QUEUE_LIGHT_AT + L.QUEUE_LENGTH, 2],
    "a task queue's link": (heap) => [heap.tasks[1]! + L.TASK_QUEUE_NEXT, 0],
    "a task's state": (heap) => [heap.tasks[1]! + L.TASK_STATE, L.TASK_RUNNING],
    "memory taken and lost": () => [L.BUMP_AT + L.BUMP_NEXT, L.RECORDS_AT + 1_000_000],
  };
  test.each(Object.entries(damage))("%s", (_, at) => {
    const heap = busyHeap();
    const [address, value] = at(heap);
    expect(heap.u32[address >> 2]).not.toBe(value);
    heap.u32[address >> 2] = value;
    expect(tornStructures(L, heap.memory)).not.toEqual([]);
  });
});

test("40 kills leave nothing held or torn, and the control with a loop tears", async () => {
  const result = await killProbe({ kills: 40, seed: 7, threads: 3, control: 24 });
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ kills: 40, held: 0, torn: 0, stuck: 0, ok: true });
  expect(result.control!.held + result.control!.torn).toBeGreaterThan(0);
}, 180_000);
