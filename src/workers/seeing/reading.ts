// Reading the heap without anybody's help: what lies there may change under our eyes, so every walk is bounded and every answer is a snapshot.

import type { SharedHeap } from "../../runtime/memory/heap.ts";
import { blockPayload } from "../../runtime/memory/heap.ts";
import * as L from "../../runtime/memory/layout.ts";
import { slotAt, slotIndex } from "../../runtime/memory/thread.ts";

const MOST_WAITERS = 100_000;
const MOST_CHUNKS = 100_000;
const TEXT_MAX = 8_192;
const utf8 = new TextDecoder();

/** Slots of threads that are alive or on their way out. */
export function* slots(heap: SharedHeap): Generator<number> {
  const opened = Atomics.load(heap.i32, L.HEAP_SLOTS_AT >> 2);
  for (let index = 0; index < opened; index++) {
    const slot = slotAt(index);
    if (Atomics.load(heap.i32, (slot + L.SLOT_STATE) >> 2) !== L.SLOT_FREE) yield slot;
  }
}

/** Node's id of a slot's thread; 0 for the supervising thread. */
export function threadIdOf(heap: SharedHeap, slot: number): number {
  return slotIndex(slot) === 0 ? 0 : heap.i32[(slot + L.SLOT_THREAD) >> 2]!;
}

/** Every operation a slot's thread has ever used. */
export function* operations({ u32 }: SharedHeap, slot: number): Generator<number> {
  let chunks = 0;
  for (let chunk = u32[(slot + L.SLOT_CHUNKS) >> 2]!; chunk !== 0 && chunks++ < MOST_CHUNKS; chunk = u32[(chunk + L.CHUNK_NEXT) >> 2]!) {
    for (let i = 0; i < L.OPS_PER_CHUNK; i++) yield chunk + L.LINE + i * L.OP_SIZE;
  }
}

/** The nodes of a queue, oldest first. */
export function* queued({ u32 }: SharedHeap, head: number): Generator<number> {
  let left = MOST_WAITERS;
  for (let node = u32[head >> 2]!; node !== 0 && left-- > 0; node = u32[(node + L.NODE_NEXT) >> 2]!) yield node;
}

/** The thread whose operation a node belongs to. */
export function waiterOf(heap: SharedHeap, node: number): number {
  return threadIdOf(heap, heap.u32[(heap.u32[(node + L.NODE_OP) >> 2]! + L.OP_SLOT) >> 2]!);
}

/** What a record is called beside its kind: its number, the same for all who look. */
export function numberOf(record: number): number {
  return (record - L.RECORDS_AT) / 64;
}

/** The name a record was given, if it was given one in this life of it. */
export function givenName(heap: SharedHeap, record: number, nameAt: number, bytes: number, genAt: number): string | undefined {
  const { u32, i32 } = heap;
  const at = record + nameAt;
  if (u32[(at + 4) >> 2] === 0 || i32[at >> 2] !== i32[(record + genAt) >> 2]) return undefined;
  return textAt(heap, at + 4, bytes);
}

/** Text of at most `size` bytes, zero at its end. */
export function textAt({ u8 }: SharedHeap, at: number, size: number): string {
  const bytes = u8.slice(at, at + size);
  const end = bytes.indexOf(0);
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end)).replace(/\uFFFD+$/, "");
}

/** The text of a block somebody else may free at any moment: what makes no sense is left out. */
export function textOf({ u32, u8 }: SharedHeap, block: number): string | undefined {
  if (block === 0) return undefined;
  const start = blockPayload(block);
  const length = u32[start >> 2]!;
  if (length === 0 || length > TEXT_MAX || start + 8 + length > u8.length) return undefined;
  return utf8.decode(u8.slice(start + 8, start + 8 + length));
}
