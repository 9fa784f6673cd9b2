/**
 * What the contenders of the suite of patterns have in common: a runtime for all rounds, and shares of what was seen.
 */
import { type ModuleRef, Runtime } from "../../src/index.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { markOf, nameOf } from "./witness.ts";

export type Tasks = typeof import("../suites/patterns-tasks.ts");

/** What a round needs. */
export interface Round {
  readonly rt: Runtime;
  readonly tasks: ModuleRef<Tasks>;
  /** Who, by the runtime. */
  readonly who: string;
}

/** A contender on a runtime of one light thread, beside which there are as many dedicated ones as it takes. */
export function onRuntime(name: string, run: (round: Round) => Promise<Sample>): Contender {
  let rt: Runtime;
  return {
    name,
    family: "heddle",
    async open() {
      rt = await Runtime.start({ threads: 1 });
    },
    run: () => run({ rt, tasks: rt.module<Tasks>(new URL("../suites/patterns-tasks.js", import.meta.url)), who: nameOf(markOf(rt)) }),
    async close() {
      await rt.close();
    },
  };
}

/** The value that so many percent do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}
