/**
 * Sweep: tasks of 1 µs to 10 ms with payloads of 0 to 64 KiB on two threads, beside the plain loop: from which length on threads pay, for whom.
 */
import { working } from "../contenders/calls.ts";
import { heddleFanOut } from "../contenders/heddle-fan-out.ts";
import { heddlePool } from "../contenders/heddle-pool.ts";
import { calling, type Library } from "../contenders/library.ts";
import { type Load, loadExpected, TURNS_PER_US, tasksOf } from "../contenders/load.ts";
import { piscina } from "../contenders/piscina.ts";
import { plainLoop } from "../contenders/plain-loop.ts";
import { splitBeforehand } from "../contenders/split.ts";
import { tinypool } from "../contenders/tinypool.ts";
import { workerpool } from "../contenders/workerpool.ts";
import type { Contender, Effort, Scenario, Suite } from "../harness/scenario.ts";

const THREADS = 2;
/** Tasks of a round by their length in µs: many of the short ones, so that a round is longer than what disturbs it. */
const COUNTS: Readonly<Record<number, { readonly full: number; readonly quick: number }>> = {
  1: { full: 4_000, quick: 800 },
  10: { full: 4_000, quick: 800 },
  100: { full: 1_000, quick: 300 },
  1000: { full: 120, quick: 40 },
  10000: { full: 16, quick: 6 },
};
const MOST_LARGE = 1_000;
const LARGE_BYTES = 65_536;
export const PAYLOADS: Readonly<Record<number, string>> = { 0: "no payload", 1024: "1 KiB", 65536: "64 KiB" };

export function titleOf(us: number, lengthBytes: number): string {
  const length = us < 1_000 ? `${us} µs` : `${us / 1_000} ms`;
  return `tasks of about ${length}, ${PAYLOADS[lengthBytes]}, on ${THREADS} threads`;
}

/** What is swept: each payload with each length, the shortest first. */
export const POINTS = Object.keys(PAYLOADS)
  .map(Number)
  .flatMap((lengthBytes) => Object.keys(COUNTS).map((us) => ({ us: Number(us), lengthBytes })));

function contendersOf(load: Load): Contender[] {
  const toUs = (ns: number) => ns / load.count / 1_000;
  const tasks = lazily(() => tasksOf(load));
  const of = (library: Library, name = library.name) => calling({ ...library, name }, THREADS, (crew) => working(tasks())(crew));
  return [
    plainLoop(load, toUs),
    of(heddlePool, "heddle, pool"),
    heddleFanOut(load, THREADS, toUs),
    of(piscina),
    of(tinypool),
    of(workerpool),
    splitBeforehand(load, THREADS, toUs),
  ];
}

/** Made when it is first needed, in the process that needs it. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function scenarios({ quick }: Effort): Scenario[] {
  return POINTS.map(({ us, lengthBytes }) => {
    const { full, quick: few } = COUNTS[us]!;
    const count = quick ? few : lengthBytes < LARGE_BYTES ? full : Math.min(full, MOST_LARGE);
    const load: Load = { count, turns: us * TURNS_PER_US, lengthBytes };
    return {
      id: "sweep",
      title: titleOf(us, lengthBytes),
      unit: "µs/task",
      expected: async () => loadExpected(load),
      contenders: contendersOf(load),
      warmUps: quick ? 1 : 3,
    };
  });
}

export const sweep: Suite = { name: "sweep", scenarios, targets: [], later: {} };
