// The transitions the supervisor calls, and what it makes of their answers.

import * as L from "../src/runtime/memory/layout.ts";
import { indexOf } from "./interpreter.ts";
import type { Thread } from "./thread.ts";

export const fn = Object.fromEntries(
  "fence close sweepSlot cancel unlink taskFail taskKick taskCollect blockAlloc blockFree sweepBlock sweepChunk slotClose slotOpen opChunk syncRelease syncServe syncSignal syncFree leaseServe leaseLook leaseDrop"
    .split(" ")
    .map((name) => [name, indexOf(name)]),
) as Record<string, number>;

/** Tries again while a lock is in the way; any other answer than the expected ones is a violation. */
export const repeat = (t: Thread, status: number, again: number, ...fine: number[]): boolean => {
  if (status === L.BUSY) {
    t.goTo(again);
    return true;
  }
  if (!fine.includes(status)) t.fail(`the supervisor's call answered ${status}`);
  return false;
};
