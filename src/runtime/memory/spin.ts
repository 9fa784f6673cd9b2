// How long a thread may spin before it parks. Spinning pays only while some other thread runs that may bring what is waited for, and while there is
// a core for it: the bound is read off the heap, at least one other thread running and fewer than cores the process may use.

import { availableParallelism } from "node:os";
import type { SharedHeap } from "./heap.ts";
import * as L from "./layout.ts";

const SPINS = 2_000;
let cores: number | undefined;

/** Cores this process may use; the container's quota is counted where Node counts it. */
export function usableCores(): number {
  cores ??= availableParallelism();
  return cores;
}

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

/** Iterations a thread may spin before it sleeps: 0 when it does not pay. */
export function spinBudget(heap: SharedHeap): number {
  return maySpin(heap) ? SPINS : 0;
}

let pauses = 0;

/** Passes the time: `iterations` of about 2 ns, and up to seven more, never quite the same, so that two threads do not meet again and again. */
export function pause(iterations: number): void {
  for (let i = iterations + (pauses & 7); i > 0; i--) pauses++;
}
