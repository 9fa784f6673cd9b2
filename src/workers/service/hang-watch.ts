// HangWatch: sees a thread that has stopped turning its event loop, and tells what it does instead, without its help: from its slot and the operations it
// has linked in the heap.
//
// The thread counts a word up on its event loop; the watch looks at it LOOKS times in hangMs. So many looks without a change are a hang, however long each
// took to come: a process that was asleep as a whole wakes with one look, not with a hang.

import { type Later, later } from "../../runtime/clock.ts";
import type { SharedHeap } from "../../runtime/memory/heap.ts";
import * as L from "../../runtime/memory/layout.ts";
import type { AtomicInt } from "../../runtime/sync/index.ts";

const LOOKS = 8;

export class HangWatch {
  readonly #beat: AtomicInt;
  readonly #everyMs: number;
  readonly #onHang: (forMs: number) => void;
  #timer: Later;
  #seen: number;
  #still = 0;

  constructor(beat: AtomicInt, hangMs: number, onHang: (forMs: number) => void) {
    this.#beat = beat;
    this.#everyMs = hangMs / LOOKS;
    this.#onHang = onHang;
    this.#seen = beat.load();
    this.#timer = later(() => this.#look(), this.#everyMs);
  }

  /** How often the thread is to count. */
  get beatMs(): number {
    return Math.max(1, Math.floor(this.#everyMs));
  }

  stop(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const beat = this.#beat.load();
    const isOpen = this.#seen !== 0 || beat !== 0; // until the first beat the thread has not opened the service: that has a limit of its own
    this.#still = beat === this.#seen && isOpen ? this.#still + 1 : 0;
    this.#seen = beat;
    this.#timer = later(() => this.#look(), this.#everyMs);
    if (this.#still < LOOKS) return;
    this.stop();
    this.#onHang(Math.round(this.#still * this.#everyMs));
  }

  /** As whatOf below. */
  whatOf(heap: SharedHeap, threadId: number): string {
    return whatOf(heap, threadId);
  }
}

/** What a thread does that does not turn its event loop: it waits for something of the heap's, or it computes. */
export function whatOf(heap: SharedHeap, threadId: number): string {
  const slot = slotOf(heap, threadId);
  if (slot === 0) return "gone";
  if (Atomics.load(heap.i32, (slot + L.SLOT_PARK) >> 2) !== L.PARK_BLOCKED) return "in a loop or a native call";
  const waits = waitsOf(heap, threadId);
  return waits.length > 0 ? `waiting ${waits.slice(0, 3).join(", or ")}` : "waiting";
}

function slotOf(heap: SharedHeap, threadId: number): number {
  const slots = Atomics.load(heap.i32, L.HEAP_SLOTS_AT >> 2);
  for (let index = 1; index < slots; index++) {
    const slot = L.SLOTS_AT + index * L.SLOT_SIZE;
    if (heap.i32[(slot + L.SLOT_THREAD) >> 2] === threadId) return slot;
  }
  return 0;
}

/** What a thread has linked itself to wait for. Newest first: the one it blocks in is the last it linked. */
export function waitsOf(heap: SharedHeap, threadId: number): string[] {
  const { u32 } = heap;
  const waits: string[] = [];
  const slot = slotOf(heap, threadId);
  if (slot === 0) return waits;
  for (let chunk = u32[(slot + L.SLOT_CHUNKS) >> 2]!; chunk !== 0; chunk = u32[(chunk + L.CHUNK_NEXT) >> 2]!) {
    for (let i = 0; i < L.OPS_PER_CHUNK; i++) {
      const op = chunk + L.LINE + i * L.OP_SIZE;
      if (Atomics.load(heap.i32, (op + L.OP_STATE) >> 2) !== L.OP_WAITING) continue;
      const what = waitOf(heap, op + L.OP_NODE);
      if (what) waits.push(what);
    }
  }
  return waits;
}

function waitOf({ u32 }: SharedHeap, node: number): string | undefined {
  const channel = u32[(node + L.NODE_CHANNEL) >> 2]!;
  if (channel !== 0) {
    const isSend = (u32[(node + L.NODE_KIND) >> 2]! & 1) === L.SENDING;
    return `to ${isSend ? "send to" : "receive from"} a channel of capacity ${u32[(channel + L.CHANNEL_CAPACITY) >> 2]}`;
  }
  return u32[(node + L.NODE_SYNC) >> 2] !== 0 ? "for a lock or another sync object" : undefined;
}
