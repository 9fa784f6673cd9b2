// Round trips on threads: a value goes from the main thread to a task on another and back, through two channels of its codec.

import fc from "fast-check";
import { CLOSED, type Codec, type Runtime } from "../../src/index.ts";
import { ECHOES } from "../fixtures/echo.ts";

const url = new URL("../fixtures/echo.js", import.meta.url);
type Echo = typeof import("../fixtures/echo.ts");

const CAPACITIES = [0, 1, 5];
type Door = (typeof ECHOES)[number];

/** The limit of a test here: only a hang takes this long, however busy the machine is. */
export const WATCHDOG_MS = 120_000;

export interface Loop<T> {
  /** There and back. */
  round(value: T): Promise<unknown>;
  /** Several at once, in their order. */
  rounds(values: readonly T[]): Promise<unknown[]>;
  /** Ends the task; answers where it received views on shared memory. */
  end(): Promise<string[]>;
}

/** Starts an echo behind one kind of door. */
export function loop<T>(rt: Runtime, codec: Codec<T>, capacity: number, door: Door): Loop<T> {
  const out = rt.channel(codec, capacity);
  const back = rt.channel(codec, capacity);
  const launcher = door === "blocking" ? rt.with({ dedicated: true }) : rt;
  const echo = launcher.go(rt.module<Echo>(url)[door], out.receiver as never, back.sender as never);
  return {
    async round(value) {
      await out.send(value);
      return back.recv();
    },
    async rounds(values) {
      const sending = out.sendMany(values);
      const got: unknown[] = [];
      while (got.length < values.length) {
        const some = await back.recvMany(values.length - got.length);
        if (some === CLOSED) break;
        got.push(...some);
      }
      await sending;
      return got;
    },
    async end() {
      out.close();
      const views = await echo;
      back.close();
      return views;
    },
  };
}

export interface Check<T> {
  readonly values: fc.Arbitrary<T>;
  /** Values that must be among those tried. */
  readonly edges: readonly T[];
  /** Throws when `got` is not what `sent` must arrive as. */
  expectSame(got: unknown, sent: T): void;
  readonly runs?: number;
  readonly doors?: readonly Door[];
}

/** Every edge and `runs` random values, one by one and in bulk, at every capacity, through every kind of door. Answers views on shared memory. */
export async function roundTrips<T>(rt: Runtime, codec: Codec<T>, check: Check<T>): Promise<string[]> {
  const { values, edges, expectSame, runs = 60, doors = ECHOES } = check;
  const views: string[] = [];
  for (const [i, door] of doors.entries()) {
    const there = loop(rt, codec, CAPACITIES[i % CAPACITIES.length]!, door);
    for (const edge of edges) expectSame(await there.round(edge), edge);
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        expectSame(await there.round(value), value);
      }),
      { numRuns: runs, seed: 20 + i },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 30 }), async (list) => {
        const got = await there.rounds(list);
        for (const [at, value] of list.entries()) expectSame(got[at], value);
      }),
      { numRuns: Math.ceil(runs / 10), seed: 40 + i },
    );
    views.push(...(await there.end()));
  }
  return views;
}
