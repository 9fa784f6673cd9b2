// What the tests of the patterns share: one runtime for a file and placement, and a look at its heap after every test.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { type ModuleRef, Runtime } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";

type Jobs = typeof import("../fixtures/pattern-jobs.ts");

export interface Bench {
  rt: Runtime;
  jobs: ModuleRef<Jobs>;
}

/** The same tests with each number of threads; after each nothing may be left in the heap. */
export function onThreads(what: string, counts: readonly number[], tests: (bench: Bench, threads: number) => void): void {
  describe.each(counts)(`${what}, threads: %i`, (threads) => {
    const bench = {} as Bench;
    beforeAll(async () => {
      bench.rt = await Runtime.start({ threads, maxDedicated: 16 });
      bench.jobs = bench.rt.module<Jobs>(new URL("../fixtures/pattern-jobs.js", import.meta.url));
    });
    const left = () => {
      const { channels, tasks, blocks, syncs, leasedQueues, jobs } = bench.rt.heapUse();
      return { channels, tasks, blocks, syncs, leasedQueues, jobs };
    };
    let start = left;
    beforeEach(() => {
      const before = left();
      start = () => before; // one test's leak is not every later one's
    });
    afterEach(async () => {
      const before = JSON.stringify(start());
      await until(() => JSON.stringify(left()) === before, "a heap as it was before the test", 2_000).catch(() => undefined);
      expect(left()).toEqual(start());
    });
    afterAll(async () => {
      expect(await leftovers(bench.rt)).toEqual(NOTHING);
    });
    tests(bench, threads);
  });
}

export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string; errors?: Error[]; indexes?: number[] }> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${String(value)}`);
    },
    (error: unknown) => error as Error,
  );
}

export const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
