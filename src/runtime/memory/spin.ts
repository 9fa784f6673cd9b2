// How long a thread may spin before it parks. Spinning pays only while some other thread runs that may bring what is waited for, and while there is
// a core for it: the bound is read off the heap, at least one other thread running and fewer than cores the process may use.

import { usableCores } from "./cores.ts";
import type { SharedHeap } from "./heap.ts";
import * as L from "./layout.ts";

/** Looks that take about as long as a sleep costs: some 25 µs. To look longer than that saves nothing. */
const SLEEP_LOOKS = 2_500;
const FEWEST_LOOKS = 64;
/** Every so many sleeps it looks for longer than that, however seldom looking has helped of late: a peer that sleeps needs that long to wake and answer. */
const PROBE_EVERY = 64;
const PROBE_LOOKS = 8_000;

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
 * How often a thread looks before it sleeps. A peer that runs answers soon; one that waits for this very core, where the system has put it when it woke,
 * answers late or not at all while this thread looks. Which of the two it is shows in whether looking has helped: an answer that came sooner than a sleep
 * costs is enough to look as long as that the next time, and each time in vain halves it. (A limit near what answers usually take is a trap: one late
 * answer, both sides sleep, and from then on each finds the other asleep.)
 */
export class SpinLimit {
  #most = SLEEP_LOOKS;
  #sleeps = 0;

  /** Looks until `isThere`, if that pays at this moment. */
  spin(heap: SharedHeap, isThere: () => boolean): void {
    if (!maySpin(heap)) return;
    const isProbe = ++this.#sleeps % PROBE_EVERY === 0;
    const most = isProbe ? PROBE_LOOKS : this.#most;
    let looks = 0;
    while (looks < most && !isThere()) looks++;
    if (looks < Math.min(most, SLEEP_LOOKS)) this.#most = SLEEP_LOOKS;
    else if (!isProbe) this.#most = Math.max(FEWEST_LOOKS, this.#most >> 1);
  }
}

let pauses = 0;

/** Passes the time: `iterations` of about 2 ns, and up to seven more, never quite the same, so that two threads do not meet again and again. */
export function pause(iterations: number): void {
  for (let i = iterations + (pauses & 7); i > 0; i--) pauses++;
}
