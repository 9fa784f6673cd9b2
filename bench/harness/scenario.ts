/**
 * Scenario: one row of the benchmark, and the contenders that run it.
 *
 * A contender says how long a round took, what it saw and who did it; the scenario says what must have been seen, the contender's name who must have
 * done it. Speed counts only where all of it agrees.
 */

/** Who can be picked with --contenders; a contender belongs to one. */
export const FAMILIES = [
  "heddle",
  "plain",
  "workers",
  "message-port",
  "piscina",
  "tinypool",
  "workerpool",
  "poolifier",
  "comlink",
  "threads.js",
  "multithreading",
  "ringbuf.js",
  "go",
  "rust",
  "raw",
] as const;
export type Family = (typeof FAMILIES)[number];

/** What a round observed: counts, sums, values out of order. Compared key by key with what is expected. */
export type Seen = Readonly<Record<string, number>>;

export interface Sample {
  /** In the scenario's unit. */
  readonly value: number;
  readonly seen: Seen;
  /**
   * Who did the work, by the evidence of the work itself: told inside the thread or program that did it, never copied from the contender's name. Who first,
   * then what else was seen of it, with commas: "heddle, pool, 2 threads" may stand as "heddle" or "heddle, pool", but not as "piscina" or "heddle, fanOut".
   */
  readonly by: string;
}

export interface Contender {
  /** As it stands in the results. */
  readonly name: string;
  readonly family: Family;
  /** Works in a process of its own, so that its work is not mistaken for that of other programs. */
  readonly isProcess?: boolean;
  /** Why it cannot run here, or undefined if it can. */
  missing?(): string | undefined;
  /** Starts its threads; nothing of this is timed. */
  open(): Promise<void>;
  /** One round, on threads that stay the same from round to round so that each keeps its compiled code. */
  run(): Promise<Sample>;
  close(): Promise<void>;
}

export interface Scenario {
  /** Of TARGETS: "S1"; rows that have no target there bear the name of their suite. */
  readonly id: string;
  /** Unique among all scenarios. */
  readonly title: string;
  readonly unit: string;
  /** What every round of every contender must see: computed apart from all of them, beforehand or when the first round is over. */
  readonly expected: Seen | (() => Promise<Seen>);
  readonly contenders: readonly Contender[];
  /** Untimed rounds of each contender first. They are checked like the others. */
  readonly warmUps: number;
  /** Rounds that are enough, where a figure is a count and not a time. */
  readonly mostRounds?: number;
}

/** How much work a suite is to put into a round. */
export interface Effort {
  readonly quick: boolean;
}

/** One figure to compare: the median of a contender in a scenario. */
export interface Figure {
  readonly scenario: string;
  readonly contender: string;
}

/** A clause of TARGETS, computed from the results. */
export interface Target {
  readonly id: string;
  readonly target: string;
  readonly of: Figure;
  /** Divides `of`: another figure, or the number the target names. */
  readonly to: Figure | number;
  /** Added to `to` first: "bare Worker + 4 MB". */
  readonly plus?: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Suite {
  readonly name: string;
  scenarios(effort: Effort): Scenario[];
  readonly targets: readonly Target[];
  /** Rows of TARGETS that wait for a part of the library, with what they wait for. */
  readonly later: Readonly<Record<string, string>>;
}
