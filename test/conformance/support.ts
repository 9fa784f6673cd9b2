// The table of the conformance suite: every group of tests at every capacity and on every placement, under the same names. What a group leaves out it
// says with a reason, and the report shows it as skipped.

import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Channel, type Codec, f64, type ModuleRef, Runtime, type Task } from "../../src/index.ts";
import type { Door } from "../fixtures/conformance-doors.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";

export const CAPACITIES = [0, 1, 2, 7, 64] as const;

export interface Placement {
  readonly name: string;
  readonly threads: number;
  readonly door: Door;
  readonly isDedicated: boolean;
  /** Most tasks a test may have at a time. */
  readonly most: number;
  /** Values in a run of a test that is about many of them. */
  readonly run: number;
}

export const PLACEMENTS = {
  one: { name: "one thread", threads: 0, door: "async", isDedicated: false, most: 40, run: 300 },
  two: { name: "two threads", threads: 2, door: "async", isDedicated: false, most: 24, run: 100 },
  own: { name: "own threads, sync doors", threads: 1, door: "sync", isDedicated: true, most: 6, run: 100 },
} as const satisfies Record<string, Placement>;

type PlacementKey = keyof typeof PLACEMENTS;
type Tasks = typeof import("../fixtures/conformance.ts");
type Programs = typeof import("../fixtures/conformance-programs.ts");
type Selects = typeof import("../fixtures/conformance-selects.ts");

/** Where a test runs: its capacity, its placement, and how it starts tasks there. */
export interface Place {
  readonly rt: Runtime;
  readonly capacity: number;
  readonly placement: Placement;
  readonly tasks: ModuleRef<Tasks>;
  readonly programs: ModuleRef<Programs>;
  readonly selects: ModuleRef<Selects>;
  /** A channel of numbers; without a capacity, of the test's. */
  channel(capacity?: number): Channel<number>;
  channelOf<T>(codec: Codec<T>, capacity?: number): Channel<T>;
  /** A full channel holding 0 … capacity − 1. */
  full(): Channel<number>;
  /** Starts a task behind the placement's doors. */
  go<A extends unknown[], R>(fn: (door: Door, ...args: A) => R, ...args: A): Task<Awaited<R>>;
  /** Until so many wait in the channel's two queues. */
  waiting(channel: Channel<unknown>, waiters: { receivers?: number; senders?: number }): Promise<void>;
}

export interface Group {
  readonly name: string;
  /** The tests it stands for. */
  readonly source: string;
  /** Left out: all of CAPACITIES. */
  readonly capacities?: { readonly only: readonly number[]; readonly because: string };
  /** Placements it does not run on, with the reason. */
  readonly except?: Readonly<Partial<Record<PlacementKey, string>>>;
  readonly tests: Readonly<Record<string, (at: Place) => Promise<void> | void>>;
}

export const range = (n: number, first = 0) => Array.from({ length: n }, (_, i) => first + i);
export const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
export const close = (...channels: Channel<never>[] | Channel<number>[]) => {
  for (const channel of channels) channel.close();
};
export const isClosedError = expect.objectContaining({ code: "ERR_CHANNEL_CLOSED" });

/** Closes a channel and answers what was still in it. */
export async function drain<T>(channel: Channel<T>): Promise<T[]> {
  channel.close();
  const got: T[] = [];
  for await (const value of channel) got.push(value);
  return got;
}

function placeOf(rt: Runtime, placement: Placement, capacity: number): Place {
  const module = <M>(name: string) => rt.module<M>(new URL(`../fixtures/${name}.js`, import.meta.url));
  const launcher = placement.isDedicated ? rt.with({ dedicated: true }) : rt;
  const channel = (size = capacity) => rt.channel(f64, size);
  return {
    rt,
    capacity,
    placement,
    tasks: module<Tasks>("conformance"),
    programs: module<Programs>("conformance-programs"),
    selects: module<Selects>("conformance-selects"),
    channel,
    channelOf: (codec, size = capacity) => rt.channel(codec, size),
    full() {
      const full = channel();
      for (let i = 0; i < capacity; i++) expect(full.trySend(i)).toBe(true);
      return full;
    },
    go: (fn, ...args) => launcher.go(fn as (...all: unknown[]) => never, placement.door, ...args) as never,
    waiting: (of, { receivers = 0, senders = 0 }) =>
      until(
        () => {
          const now = waitersOf(of);
          return now.receivers === receivers && now.senders === senders;
        },
        `${receivers} receivers and ${senders} senders wait`,
        4_000,
      ),
  };
}

/** What a runtime that is still open holds. */
function held(rt: Runtime): typeof NOTHING {
  const probe = rt.channel(f64);
  probe.close();
  const { channels, tasks, blocks } = rt.heapUse();
  return { channels, waits: probe.ring.thread.pending.size, tasks, blocks };
}

const isNothing = (left: typeof NOTHING) => Object.values(left).every((count) => count === 0);

/** Defines every group's tests for one placement. They share a runtime; a test that fails or leaves something gets the next one a new one. */
export function conform(key: PlacementKey, groups: readonly Group[]): void {
  const placement = PLACEMENTS[key];
  describe(placement.name, () => {
    let rt: Runtime | undefined;
    beforeEach(async () => {
      rt ??= await Runtime.start({ threads: placement.threads, maxDedicated: 2 * placement.most });
    });
    afterEach(async ({ task }) => {
      const used = rt!;
      const hasFailed = task.result?.state === "fail";
      await until(() => hasFailed || isNothing(held(used)), "nothing is left", 2_000).catch(() => undefined);
      const left = held(used);
      if (hasFailed || !isNothing(left)) {
        rt = undefined;
        await used.close({ graceMs: 0 });
      }
      if (!hasFailed) expect(left).toEqual(NOTHING);
    });
    afterAll(async () => {
      if (rt) expect(await leftovers(rt)).toEqual(NOTHING);
    });

    for (const group of groups) {
      const reason = group.except?.[key];
      describe(group.name, () => {
        for (const capacity of group.capacities?.only ?? CAPACITIES) {
          describe(`capacity ${capacity}`, () => {
            for (const [name, test] of Object.entries(group.tests)) {
              if (reason) it.skip(`${name} (not here: ${reason})`);
              else it(name, () => test(placeOf(rt!, placement, capacity)));
            }
          });
        }
        if (group.capacities) it.skip(`other capacities (${group.capacities.because})`);
      });
    }
  });
}
