/**
 * Scaling: one fixed job of CPU work over 1 to 2 × cores threads; its speed-up over the plain loop, and the ceiling of bare Workers.
 */
import { availableParallelism } from "node:os";
import { working } from "../contenders/calls.ts";
import { heddleFanOut } from "../contenders/heddle-fan-out.ts";
import { heddlePool } from "../contenders/heddle-pool.ts";
import { calling, type Library } from "../contenders/library.ts";
import { type Load, loadExpected, TURNS_PER_US, tasksOf } from "../contenders/load.ts";
import { piscina } from "../contenders/piscina.ts";
import { plainLoop } from "../contenders/plain-loop.ts";
import { splitBeforehand } from "../contenders/split.ts";
import type { Contender, Effort, Scenario, Suite } from "../harness/scenario.ts";

const TASK_US = 1_000;
/** Above it, not every number of threads is measured. */
const MOST_STEPS = 8;

/** 1, 2, 3, ... where that are few; else doubling, with the cores and twice the cores among them. */
export function threadCounts(cores: number): number[] {
  const most = 2 * cores;
  if (most <= MOST_STEPS) return Array.from({ length: most }, (_, i) => i + 1);
  const doubling = Array.from({ length: Math.ceil(Math.log2(most)) }, (_, i) => 2 ** i);
  return [...new Set([...doubling, cores, most])].sort((a, b) => a - b);
}

const NS_PER_MS = 1e6;
const toMs = (ns: number) => ns / NS_PER_MS;

function contendersOf(load: Load, threads: number): Contender[] {
  const whole = (library: Library, name: string) =>
    calling({ ...library, name }, threads, async (crew) => {
      const { value: usEach, ...more } = await working(tasksOf(load))(crew);
      return { value: (usEach * load.count) / 1_000, ...more };
    });
  return [
    plainLoop(load, toMs),
    whole(heddlePool, "heddle, pool"),
    heddleFanOut(load, threads, toMs),
    whole(piscina, "piscina"),
    splitBeforehand(load, threads, toMs),
  ];
}

function scenarios({ quick }: Effort): Scenario[] {
  const load: Load = { count: quick ? 64 : 256, turns: TASK_US * TURNS_PER_US, lengthBytes: 0 };
  return threadCounts(availableParallelism()).map((threads) => ({
    id: "scaling",
    title: `${load.count} tasks of about a millisecond, on ${threads} thread${threads === 1 ? "" : "s"}`,
    unit: "ms",
    expected: async () => loadExpected(load),
    contenders: contendersOf(load, threads),
    warmUps: quick ? 1 : 3,
  }));
}

export const scaling: Suite = { name: "scaling", scenarios, targets: [], later: {} };
