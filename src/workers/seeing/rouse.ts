// Waking a thread from outside the heap's structures, to have it look at what its supervisor asks of it.

import type { SharedHeap } from "../../runtime/memory/heap.ts";
import * as L from "../../runtime/memory/layout.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";

function rouse({ i32 }: SharedHeap, slot: number): void {
  const park = (slot + L.SLOT_PARK) >> 2;
  // As every waker does: claims the sleep, then notifies.
  if (Atomics.compareExchange(i32, park, L.PARK_IDLE, L.PARK_RUNNING) === L.PARK_IDLE) Atomics.notify(i32, (slot + L.SLOT_ASYNC_WORD) >> 2);
  else if (Atomics.compareExchange(i32, park, L.PARK_BLOCKED, L.PARK_RUNNING) === L.PARK_BLOCKED) Atomics.notify(i32, park);
}

/** Has an idle thread find out whether anything but the heap could wake it; the answer is SLOT_QUIET. Asked once until it has answered. */
export function ask(heap: SharedHeap, slot: number): void {
  const asked = (slot + S.SLOT_ASKED) >> 2;
  if (heap.u32[asked] !== 0) return;
  heap.u32[asked] = 1;
  rouse(heap, slot);
}

/** Has a thread give up the waits that only a peer could end. */
export function doom(heap: SharedHeap, slot: number): void {
  heap.u32[(slot + S.SLOT_DOOMED) >> 2] = 1;
  rouse(heap, slot);
}
