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
  | { do: "makeSync"; sync: number }
  /** Takes n tokens from each of the buckets, if they are due within `most`; `now`: what its clock says. `expect`: when they are due, −1 for refused. */
  | { do: "tokens"; buckets: number[]; n: number; now: number; most: number; expect?: number }
  /** Gives back what the `tokens` before it has taken; nothing if that was nothing. */
  | { do: "untake"; buckets: number[]; n: number; now: number }
  /** `expect`: the tokens it is told, −1 for refused, −2 for closed. */
  | { do: "setBucket"; sync: number; what: number; value: number; now: number; expect?: number }
  /** Makes the record `offer` stand for a key in a table, unless another than `worn` does; without `offer` only looks. `row`: both rows are found through it. */
  | { do: "key"; table: number; key: number; row: number; offer?: number; worn?: number }
  | { do: "dropKey"; table: number; key: number; row: number }
  /** Hangs a block to a record. `beside`: with one allocated before it and one after it, so that it leaves the middle of its list. */
  | { do: "keep"; sync: number; beside?: boolean };

export interface SyncPlan {
  policy: number;
  permits: number;
  /** For a condition: which of the records is its lock. */
  lock?: number;
  /** It is a bucket: full at the start, at instant 0. */
  bucket?: { rate: number; burst: number };
  /** It is a table of keys with so many rows. */
  rows?: number;
  /** Count at the start, of SYNC_COUNTING. */
  count?: number;
}
