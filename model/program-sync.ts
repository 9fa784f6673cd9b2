// What a modelled thread can do with sync records. A place (1 … 3) is the operation that notes what was taken, as a guard does.

export type SyncInstruction =
  /** Takes, or only waits (`wish` without SYNC_TAKES). `try`: without waiting. `until`: a channel whose close ends it. */
  | { do: "take"; sync: number; place: number; weight: number; wish: number; try?: boolean; timer?: boolean; until?: number }
  /** Gives back what the place holds; nothing if it holds nothing. */
  | { do: "give"; sync: number; place: number }
  | { do: "add"; sync: number; amount: number }
  | { do: "signal"; sync: number; all: boolean }
  /** Waits at a condition: gives `lock` back meanwhile, which `lockPlace` holds; nothing if it holds nothing. */
  | { do: "condition"; sync: number; place: number; lock: number; lockPlace: number; timer?: boolean }
  /** Changes the number of a record: NUMBER_ADD and the like. */
  | { do: "number"; sync: number; what: number; a: number; b?: number }
  | { do: "closeSync"; sync: number }
  | { do: "makeSync"; sync: number };

export interface SyncPlan {
  policy: number;
  permits: number;
  /** For a condition: which of the records is its lock. */
  lock?: number;
  /** Count at the start, of SYNC_COUNTING. */
  count?: number;
}
