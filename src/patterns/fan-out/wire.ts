// What crosses between the fanning thread and its workers. Types only.

/** A job: items of one source, to be worked through one after another. */
export type Work = readonly [id: number, items: readonly unknown[]];

/** What came of a job, or a part of it. */
export type Answer = readonly [
  id: number,
  values: readonly unknown[],
  /** The items that failed, by their place in the job. */
  failures: readonly (readonly [at: number, error: unknown])[],
  isLast: boolean,
  /** Since the part before. */
  busyMs: number,
  retried: number,
  /** What each step passed on since the part before. */
  passed: readonly number[],
];

export type StepKind = "map" | "filter" | "flatMap";

/** A step by name, for a thread. */
export interface StepName {
  readonly kind: StepKind;
  readonly url: string;
  readonly name: string;
}

export interface WorkSettings {
  /** More attempts for an item that throws. */
  readonly retry: number;
  /** The rest of a job is not worth doing once an item has failed. */
  readonly stopsAtFailure: boolean;
}
