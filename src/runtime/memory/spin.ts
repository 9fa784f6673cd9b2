// How long a thread may spin before it parks. Spinning pays only while some other thread runs that may bring what is waited for, and while there is
// a core for it: the bound is read off the heap, at least one other thread running and fewer than cores the process may use.

import { usableCores } from "./cores.ts";
import type { SharedHeap } from "./heap.ts";
import * as L from "./layout.ts";

/** Looks before a sleep at most: some 80 µs, longer than a wake takes. */
const MOST_LOOKS = 8_000;
const FIRST_GUESS = 3_000;
/** Every so many sleeps it spins as long as it may, however seldom that has helped of late. */
const PROBE_EVERY = 64;

/** Other threads of the runtime that are running rather than parked, at most `limit` counted. */
function othersRunning(heap: SharedHeap, limit: number): number {
  const slots = Atomics.load(heap.i32, L.HEAP_SLOTS_AT >> 2);
  let running = -1; // this thread is one of them
  for (let i = 0; i < slots && running < limit; i++) {
    const slot = L.SLOTS_AT + i * L.SLOT_SIZE;
    if (
      Atomics.load(heap.i32, (slot + L.SLOT_STATE) >> 2) === L.SLOT_LIVE &&
      Atomics.load(heap.i32, (slot + L.SLOT_PARK) >> 2) === L.PARK_RUNNING
    ) {
      running++;
    }
  }
  return running;
}

/** Spinning pays at this moment. */
export function maySpin(heap: SharedHeap): boolean {
  const limit = usableCores();
  if (limit === 1) return false;
  const others = othersRunning(heap, limit);
  return others > 0 && others < limit;
}

/**
 * How often a thread looks before it sleeps: twice as often as it has lately taken until something came. A peer that has just been woken answers after
 * some 25 µs on a free core, and not at all while this thread has the only core there is; which of the two it is shows in whether looking has helped.
 */
export class SpinLimit {
  #expected = FIRST_GUESS;
  #sleeps = 0;

  /** Looks until `isThere`, if that pays at this moment. */
  spin(heap: SharedHeap, isThere: () => boolean): void {
    if (!maySpin(heap)) return;
    const isProbe = ++this.#sleeps % PROBE_EVERY === 0;
    const most = isProbe ? MOST_LOOKS : Math.min(MOST_LOOKS, 2 * this.#expected + 100);
    for (let looks = 0; looks < most; looks++) {
      if (!isThere()) continue;
      this.#expected += (looks - this.#expected) / 8;
      return;
    }
    if (!isProbe) this.#expected -= this.#expected / 4;
  }
}

let pauses = 0;

/** Passes the time: `iterations` of about 2 ns, and up to seven more, never quite the same, so that two threads do not meet again and again. */
export function pause(iterations: number): void {
  for (let i = iterations + (pauses & 7); i > 0; i--) pauses++;
}
