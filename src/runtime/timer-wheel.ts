// One timer wheel per thread: every timeout of the thread hangs in it, and one unref'd Node timer serves the earliest.
//
// A bucket holds the entries that fall due in one millisecond. Adding and cancelling are O(1) but for a bucket's first entry (O(log buckets)); a
// cancelled entry leaves its bucket at once, so 100,000 timeouts made and cancelled leave nothing behind but empty buckets until they fall due.
// A wheel never keeps the process alive: whoever waits is counted by the parker.

import { type Later, later, now } from "./clock.ts";

export interface TimerEntry {
  readonly dueMs: number;
  readonly run: () => void;
}

const MAX_DELAY_MS = 2 ** 31 - 1;
/** Entries run in one turn of the event loop at most: the rest of what is due waits for the next, and so does an entry that adds itself anew as due. */
const MOST_PER_TURN = 2_000;

export class TimerWheel {
  readonly #buckets = new Map<number, Set<TimerEntry>>();
  /** Binary heap of the due times of the buckets. */
  readonly #due: number[] = [];
  #timer: Later | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #size = 0;

  /** Entries not yet run or cancelled. */
  get size(): number {
    return this.#size;
  }

  /** Runs `run` once on this thread's event loop at `dueMs` (performance.now()'s clock) or as soon after as the loop turns. */
  add(dueMs: number, run: () => void): TimerEntry {
    const entry = { dueMs: Math.ceil(dueMs), run };
    const bucket = this.#buckets.get(entry.dueMs);
    if (bucket) bucket.add(entry);
    else {
      this.#buckets.set(entry.dueMs, new Set([entry]));
      this.#push(entry.dueMs);
      if (entry.dueMs < this.#armedFor) this.#arm();
    }
    this.#size++;
    return entry;
  }

  /** Second call and a call after it ran do nothing. */
  cancel(entry: TimerEntry): void {
    if (this.#buckets.get(entry.dueMs)?.delete(entry)) this.#size--;
    if (this.#size === 0) this.#clear();
  }

  #clear(): void {
    this.#buckets.clear();
    this.#due.length = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#timer?.cancel();
    const next = this.#due[0];
    if (next === undefined) {
      this.#armedFor = Number.POSITIVE_INFINITY;
      return;
    }
    this.#armedFor = next;
    const delayMs = Math.min(Math.max(1, Math.ceil(next - now())), MAX_DELAY_MS);
    this.#timer = later(() => this.#runDue(), delayMs);
  }

  #runDue(): void {
    const instant = now();
    let left = MOST_PER_TURN;
    while (left > 0 && this.#due.length > 0 && this.#due[0]! <= instant) {
      const due = this.#pop();
      const bucket = this.#buckets.get(due);
      if (!bucket) continue;
      for (const entry of bucket) {
        if (left-- === 0) break;
        bucket.delete(entry); // one at a time: what runs may cancel those behind it
        this.#size--;
        entry.run();
      }
      if (this.#buckets.get(due) !== bucket) continue; // what ran has emptied the wheel, and begun anew
      if (bucket.size === 0) this.#buckets.delete(due);
      else this.#push(due);
    }
    this.#arm();
  }

  #push(due: number): void {
    const heap = this.#due;
    let child = heap.length;
    heap.push(due);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (heap[parent]! <= due) break;
      heap[child] = heap[parent]!;
      child = parent;
    }
    heap[child] = due;
  }

  #pop(): number {
    const heap = this.#due;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= last) break;
      heap[parent] = heap[child]!;
      parent = child;
    }
    heap[parent] = last;
    return first;
  }
}
