// What this thread notes of itself in its slot for whoever looks, and what its supervisor asks of it there (layout-seeing.ts).

import type { SharedHeap } from "./heap.ts";
import * as S from "./layout-seeing.ts";

export class Notes {
  /** Somebody watches for deadlocks: where a wait began is worth its cost. */
  readonly isWatched: boolean;
  readonly #u32: Uint32Array;
  readonly #f64: Float64Array;
  readonly #slot: number;

  constructor(heap: SharedHeap, slot: number) {
    this.#u32 = heap.u32;
    this.#f64 = heap.f64;
    this.#slot = slot;
    this.isWatched = (heap.u32[S.HEAP_WATCHED_AT >> 2]! & S.WATCH_DEADLOCKS) !== 0;
    // The slot may have been another thread's.
    for (const word of [S.SLOT_BLOCKED_OP, S.SLOT_QUIET, S.SLOT_TIMERS, S.SLOT_TASKS, S.SLOT_ASKED, S.SLOT_DOOMED]) this.#put(word, 0);
  }

  #put(word: number, value: number): void {
    this.#u32[(this.#slot + word) >> 2] = value;
  }

  #get(word: number): number {
    return this.#u32[(this.#slot + word) >> 2]!;
  }

  /** About to park: published by the store of the park word that follows. What it blocks on learns since when, the first time: a wait that only looks asks no clock. */
  parks(timers: number): void {
    this.#put(S.SLOT_PARKS, this.#get(S.SLOT_PARKS) + 1);
    this.#put(S.SLOT_TIMERS, timers);
    const since = (this.#get(S.SLOT_BLOCKED_OP) + S.OP_SINCE) >> 3;
    if (this.#get(S.SLOT_BLOCKED_OP) !== 0 && this.#f64[since] === 0) this.#f64[since] = Date.now();
  }

  /** The same, in the event loop. */
  goesIdle(timers: number): void {
    this.parks(timers);
    this.#f64[(this.#slot + S.SLOT_SINCE) >> 3] = Date.now();
  }

  /** It will block on this operation; 0: it no longer does. */
  blocksOn(op: number): void {
    this.#put(S.SLOT_BLOCKED_OP, op);
  }

  taskEnded(): void {
    this.#put(S.SLOT_TASKS, this.#get(S.SLOT_TASKS) + 1);
  }

  /** Nothing but the heap can wake it from the sleep it is in. */
  isQuiet(): void {
    this.#put(S.SLOT_QUIET, this.#get(S.SLOT_PARKS));
    this.#put(S.SLOT_ASKED, 0);
  }

  get isAsked(): boolean {
    return this.#get(S.SLOT_ASKED) !== 0;
  }

  get isDoomed(): boolean {
    return this.#get(S.SLOT_DOOMED) !== 0;
  }

  /** It has given up what it waited for. */
  doomOver(): void {
    this.#put(S.SLOT_DOOMED, 0);
  }
}
