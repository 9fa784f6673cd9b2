// Who there is for the supervisor to look after, and what of it is left to do.

import * as R from "./registers.ts";
import type { Thread } from "./thread.ts";
import * as T from "./thread.ts";

// SWEPT of a thread
export const UNTOUCHED = 0;
export const FENCE_ASKED = 1;
export const IN_HAND = 2;
export const SWEPT = 3;

let threads: readonly Thread[] = [];
/** The threads of the world in hand, without the supervisor. */
export function employ(next: readonly Thread[]): void {
  threads = next;
}
export function staff(): readonly Thread[] {
  return threads;
}

export const victim = (t: Thread): Thread => threads[t.register(R.VICTIM)]!;
export const isGone = (v: Thread) => v.status === T.DEAD || v.status === T.ENDED;

/** The supervisor can do something: somebody has died or is to be fenced, or the exit it waits for has come. */
export function canSupervise(t: Thread): boolean {
  if (t.kind === T.AWAIT) return nextVictim() !== undefined;
  return t.kind !== T.HOLD || isGone(victim(t));
}
/** Slots that were given back and serve nobody. */
export function sweptSlots(): number[] {
  return threads
    .filter(
      (v) =>
        v.swept === SWEPT &&
        !threads.some((other) => other !== v && other.slot === v.slot && other.swept !== SWEPT && other.status !== T.UNBORN),
    )
    .map(({ slot }) => slot);
}
export function nextVictim(): Thread | undefined {
  return threads.find((v) => (v.status === T.DEAD && v.swept === UNTOUCHED) || v.swept === FENCE_ASKED);
}
