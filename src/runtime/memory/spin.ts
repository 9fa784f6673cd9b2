// How long a thread may spin before it parks. Spinning pays only while some other thread runs that may bring what is waited for, and while there is
// a core for it: the bound is read off the heap, at least one other thread running and fewer than cores the process may use.

import { usableCores } from "./cores.ts";
import type { SharedHeap } from "./heap.ts";
import * as L from "./layout.ts";

/** Looks before a sleep at most: some 60 µs, longer than a peer that sleeps takes to wake and answer. */
const MOST_LOOKS = 6_000;
const FEWEST_LOOKS = 64;
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
 * How often a thread looks before it sleeps. A peer on a free core answers within what a wake takes, even one that has just slept; one that waits for
 * this very core does not answer at all while this thread looks. Which of the two it is shows in whether looking has helped: once is enough to look as
 * long as a wake takes the next time, and each time in vain halves that. (A limit near what answers usually take is a trap: one late answer, both
 * sides sleep, and from then on each finds the other asleep.)
 */
export class SpinLimit {
  #most = MOST_LOOKS;
  #sleeps = 0;

  /** Looks until `isThere`, if that pays at this moment. */
  spin(heap: SharedHeap, isThere: () => boolean): void {
    if (!maySpin(heap)) return;
    const isProbe = ++this.#sleeps % PROBE_EVERY === 0;
    const most = isProbe ? MOST_LOOKS : this.#most;
    for (let looks = 0; looks < most; looks++) {
      if (!isThere()) continue;
      this.#most = MOST_LOOKS;
      return;
    }
    if (!isProbe) this.#most = Math.max(FEWEST_LOOKS, this.#most >> 1);
  }
}

let pauses = 0;

/** Passes the time: `iterations` of about 2 ns, and up to seven more, never quite the same, so that two threads do not meet again and again. */
export function pause(iterations: number): void {
  for (let i = iterations + (pauses & 7); i > 0; i--) pauses++;
}
