// Operations on sync primitives, and the notation for writing them: lock(0), lock(0, "sync"), unlock(0) …

import { ALL } from "../support/sync-oracle.ts";
import { type Waits, type Way, waits } from "./program.ts";

/** How something is taken: a lock for writing or reading, so many permits, a place in a wait group. */
export type As = "write" | "read" | "place" | number;

export type SyncOperation =
  | ({ readonly do: "take"; readonly sync: number; readonly as: As; readonly recovers: boolean } & Waits)
  | { readonly do: "tryTake"; readonly sync: number; readonly as: As }
  /** Gives back what this task took first; nothing if it holds nothing. */
  | { readonly do: "give"; readonly sync: number }
  | { readonly do: "add"; readonly sync: number; readonly n: number }
  /** Waits for a wait group's count. */
  | ({ readonly do: "await"; readonly sync: number } & Waits)
  | ({ readonly do: "meet"; readonly sync: number } & Waits)
  /** Runs a body; with the asynchronous door it takes two turns of the loop. */
  | ({ readonly do: "once"; readonly sync: number } & Waits)
  /** At a condition, if this task holds its lock. */
  | ({ readonly do: "waitAt"; readonly sync: number; readonly lock: number; readonly as: As } & Waits)
  | { readonly do: "signal"; readonly sync: number; readonly all: boolean }
  | {
      readonly do: "change";
      readonly sync: number;
      readonly what: "load" | "store" | "add" | "compare";
      readonly a: number;
      readonly b: number;
    }
  | { readonly do: "closeSync"; readonly sync: number };

export const isSync = (operation: { readonly do: string }): operation is SyncOperation => "sync" in operation;

export const sharesOf = (as: As, isRw: boolean): number => (typeof as === "number" ? as : as === "write" && isRw ? ALL : 1);

// ── Notation ──
type Of = SyncOperation;
const take = (sync: number, as: As, way: Way, recovers = false): Of => ({ do: "take", sync, as, recovers, ...waits(way) });
export const lock = (sync: number, way: Way = "async"): Of => take(sync, "write", way);
export const rLock = (sync: number, way: Way = "async"): Of => take(sync, "read", way);
export const recover = (sync: number, way: Way = "async"): Of => take(sync, "write", way, true);
export const acquire = (sync: number, n: number, way: Way = "async"): Of => take(sync, n, way);
export const tryLock = (sync: number): Of => ({ do: "tryTake", sync, as: "write" });
export const tryRLock = (sync: number): Of => ({ do: "tryTake", sync, as: "read" });
export const tryAcquire = (sync: number, n: number): Of => ({ do: "tryTake", sync, as: n });
export const hold = (sync: number): Of => ({ do: "tryTake", sync, as: "place" });
/** unlock, release, done of a place. */
export const give = (sync: number): Of => ({ do: "give", sync });
export const add = (sync: number, n: number): Of => ({ do: "add", sync, n });
export const zero = (sync: number, way: Way = "async"): Of => ({ do: "await", sync, ...waits(way) });
export const meet = (sync: number, way: Way = "async"): Of => ({ do: "meet", sync, ...waits(way) });
export const once = (sync: number, way: Way = "async"): Of => ({ do: "once", sync, ...waits(way) });
export const waitAt = (sync: number, of: number, way: Way = "async", as: As = "write"): Of => ({
  do: "waitAt",
  sync,
  lock: of,
  as,
  ...waits(way),
});
export const signal = (sync: number): Of => ({ do: "signal", sync, all: false });
export const broadcast = (sync: number): Of => ({ do: "signal", sync, all: true });
export const load = (sync: number): Of => ({ do: "change", sync, what: "load", a: 0, b: 0 });
/** Stores and answers what was there before. */
export const swap = (sync: number, a: number): Of => ({ do: "change", sync, what: "store", a, b: 0 });
export const plus = (sync: number, a: number): Of => ({ do: "change", sync, what: "add", a, b: 0 });
export const compare = (sync: number, a: number, b: number): Of => ({ do: "change", sync, what: "compare", a, b });
export const closeSync = (sync: number): Of => ({ do: "closeSync", sync });
