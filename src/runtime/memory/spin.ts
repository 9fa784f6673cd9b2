// How long a thread may spin before it parks. Spinning pays only while another core is free to run the peer, so the bound is read off the heap:
// fewer other threads running than cores the process may use.

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

/** Iterations a waiting thread may spin: 0 when no core is idle. */
export function spinBudget(heap: SharedHeap): number {
  const limit = usableCores();
  return limit > 1 && othersRunning(heap, limit) < limit ? SPINS : 0;
}
