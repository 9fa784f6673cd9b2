// Looking at a leased queue's waiters from outside.

import type { LeasedQueue } from "../../src/index.ts";
import * as L from "../../src/runtime/memory/layout.ts";

function waitersOf({ place: { thread, address } }: LeasedQueue<never>, list: number): number {
  const { u32 } = thread.heap;
  let waiting = 0;
  for (let node = u32[(address + list) >> 2]!; node !== 0 && waiting < 1_000; node = u32[(node + L.LINK_NEXT) >> 2]!) waiting++;
  return waiting;
}
export const takersOf = (queue: unknown) => waitersOf(queue as LeasedQueue<never>, L.LEASED_TAKERS);
export const puttersOf = (queue: unknown) => waitersOf(queue as LeasedQueue<never>, L.LEASED_PUTTERS);
