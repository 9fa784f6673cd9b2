// A job as the fanning side knows it.

import type { Work } from "./wire.ts";

export interface Job {
  readonly id: number;
  readonly items: readonly unknown[];
  /** The place of its first item in the input. */
  readonly index: number;
  readonly key: unknown;
  /** How many deaths it was in the hands of. */
  deaths: number;
  /** Answered values that wait for their turn, in ordered delivery. */
  readonly parts: (readonly unknown[])[];
  isDone: boolean;
  /** It was answered in parts. */
  isStreamed: boolean;
  /** Why nothing comes after its values. */
  failure: { readonly error: unknown } | undefined;
}

let nextId = 1;

export function jobOf(items: readonly unknown[], index: number, key?: unknown): Job {
  return { id: nextId++, items, index, key, deaths: 0, parts: [], isDone: false, isStreamed: false, failure: undefined };
}

/** The same items as jobs of one each. */
export function singlesOf(job: Job): Job[] {
  return job.items.map((item, at) => jobOf([item], job.index + at, job.key));
}

export function workOf(job: Job): Work {
  return [job.id, job.items];
}
