// The heap: block classes, private lists, exhaustion, and the same bytes again after everything was freed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockClassBytes, blockPayload, SharedHeap } from "../../../src/runtime/memory/heap.ts";
import * as L from "../../../src/runtime/memory/layout.ts";
import { Thread } from "../../../src/runtime/memory/thread.ts";

function newThread(ceilingBytes = 8 * 1024 * 1024): Thread {
  const heap = SharedHeap.create(ceilingBytes, 1);
  return new Thread(heap, L.SLOTS_AT, Thread.open(heap, L.SLOTS_AT));
}

const classOf = (thread: Thread, block: number) => thread.heap.u32[(block + L.BLOCK_CLASS) >> 2]!;

describe("layout", () => {
  it("control words lie at offsets that leave 60, and nothing plain does", () => {
    const control = Object.entries(L).filter(
      ([name]) => /(_LOCK|_WORD|_EPOCH|_STATE|_READY|_PARK)$/.test(name) && !/^(TASK|OWNER|OP)_.*EPOCH/.test(name),
    );
    expect(control.length).toBeGreaterThan(10);
    for (const [name, offset] of control) {
      if (name.startsWith("SLOT_") || name.startsWith("CHANNEL_") || name.endsWith("_LOCK") || name.endsWith("_STATE")) {
        expect([name, offset % L.CONTROL_MODULUS]).toEqual([name, L.CONTROL_REMAINDER]);
      }
    }
    for (const size of [L.SLOT_SIZE, L.CHANNEL_SIZE, L.TASK_SIZE, L.OP_SIZE, L.NODE_SIZE, L.CLASS_SIZE, L.LINE]) expect(size % 64).toBe(0);
  });
});

describe("blocks", () => {
  it("every size gets the smallest class that holds it, whose neighbours are as the layout says", () => {
    const thread = newThread();
    for (let bytes = 1; bytes <= 70_000; bytes += bytes < 300 ? 1 : 997) {
      const block = thread.alloc("test", bytes);
      const index = classOf(thread, block);
      expect(blockClassBytes(index)).toBeGreaterThanOrEqual(bytes + L.BLOCK_HEADER);
      if (index > 0) expect(blockClassBytes(index - 1)).toBeLessThan(bytes + L.BLOCK_HEADER);
      expect(block % 8).toBe(0);
      thread.free(block);
    }
  });

  it("random allocations and frees: payloads never overlap, use is exact and returns to where it began", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5_000 }), fc.nat()), { maxLength: 120 }), (steps) => {
        const thread = newThread();
        const start = thread.heap.use();
        const live = new Map<number, { bytes: number; fill: number }>();
        for (const [isAlloc, bytes, pick] of steps) {
          if (isAlloc || live.size === 0) {
            const block = thread.alloc("test", bytes);
            const fill = pick & 255;
            thread.heap.u8.fill(fill, blockPayload(block), blockPayload(block) + bytes);
            live.set(block, { bytes, fill });
          } else {
            const block = [...live.keys()][pick % live.size]!;
            thread.free(block);
            live.delete(block);
          }
          let expected = start.usedBytes;
          for (const block of live.keys()) expected += blockClassBytes(classOf(thread, block));
          if (thread.heap.use().usedBytes !== expected) return false;
        }
        for (const [block, { bytes, fill }] of live) {
          const payload = thread.heap.u8.subarray(blockPayload(block), blockPayload(block) + bytes);
          if (payload.some((byte) => byte !== fill)) return false;
          thread.free(block);
        }
        return thread.heap.use().usedBytes === start.usedBytes;
      }),
      { numRuns: 60, seed: 20 },
    );
  });

  it("large blocks are reused oldest first, and not before enough of them are free", () => {
    const thread = newThread(); // of 8 MiB a 32nd part is left alone: four blocks of 64 KiB
    const bytes = 65_536 - L.BLOCK_HEADER;
    const alloc = () => thread.alloc("test", bytes);
    const first = Array.from({ length: 3 }, alloc);
    for (const block of first) thread.free(block);
    const fourth = alloc();
    expect(first).not.toContain(fourth);
    thread.free(fourth);
    expect([alloc(), alloc()]).toEqual([first[0], expect.not.toSatisfy((block: number) => [...first, fourth].includes(block))]);
  });

  it("in a full heap a large block is reused at once", () => {
    const thread = newThread(2 * 1024 * 1024);
    const kept: number[] = [];
    expect(() => {
      for (;;) kept.push(thread.alloc("test", 60_000));
    }).toThrow(expect.objectContaining({ code: "ERR_HEAP_EXHAUSTED" }));
    const last = kept.at(-1)!;
    thread.free(last);
    expect(thread.alloc("test", 60_000)).toBe(last);
  });

  it("a second free of a block changes nothing", () => {
    const thread = newThread();
    const block = thread.alloc("test", 100);
    thread.free(block);
    const use = thread.heap.use();
    expect(thread.heap.fn.blockFree(thread.slot, thread.epoch, block)).toBe(L.NONE);
    expect(thread.heap.use()).toEqual(use);
  });

  it("a full heap: a coded error that names ceiling and users; what was there is whole and can be freed", () => {
    const thread = newThread(4 * 1024 * 1024);
    const blocks: number[] = [];
    const fill = () => {
      for (;;) blocks.push(thread.alloc("test", 30_000));
    };
    expect(fill).toThrow(
      expect.objectContaining({ code: "ERR_HEAP_EXHAUSTED", message: expect.stringContaining("blocks of 32768 bytes") }),
    );
    const full = thread.heap.use().touchedBytes;
    for (const block of blocks) thread.free(block);
    const again = blocks.map(() => thread.alloc("test", 30_000));
    expect(thread.heap.use().touchedBytes).toBe(full);
    expect(new Set(again)).toEqual(new Set(blocks));
  });

  it("more than the largest block is refused before anything is asked for", () => {
    expect(() => newThread().alloc("a value", 2 ** 31)).toThrow(expect.objectContaining({ code: "ERR_HEAP_EXHAUSTED" }));
  });
});

describe("fenced thread", () => {
  it("none of its calls changes anything, and its blocks are found by the sweep", () => {
    const heap = SharedHeap.create(8 * 1024 * 1024, 1);
    const supervisor = new Thread(heap, L.SLOTS_AT, Thread.open(heap, L.SLOTS_AT));
    const dead = new Thread(heap, L.SLOTS_AT + L.SLOT_SIZE, Thread.open(heap, L.SLOTS_AT + L.SLOT_SIZE));
    dead.alloc("test", 100);
    dead.alloc("test", 5_000);
    expect(heap.fn.fence(dead.slot)).toBe(L.OK);
    const use = heap.use();
    expect(() => dead.alloc("test", 1)).toThrow(expect.objectContaining({ code: "ERR_FENCED" }));
    expect(heap.fn.chanMake(dead.slot, dead.epoch, 4, 1, 8)).toBe(L.FENCED);
    expect(heap.fn.taskTake(dead.slot, dead.epoch, L.QUEUE_LIGHT_AT, L.TAKE_OR_IDLE)).toBe(L.FENCED);
    expect(heap.use()).toEqual(use);
    expect(heap.fn.slotClose(dead.slot)).toBe(L.REFUSED);
    while (supervisor.call("sweep", (fn) => fn.sweepBlock(dead.slot)) === L.AGAIN);
    while (supervisor.call("sweep", (fn) => fn.sweepChunk(dead.slot)) === L.AGAIN);
    expect(heap.use().blocks).toBe(0);
    expect(heap.fn.slotClose(dead.slot)).toBe(L.OK);
    expect(heap.fn.slotOpen(dead.slot)).toBe(L.OK);
  });
});
