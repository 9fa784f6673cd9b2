/**
 * The plain loop as a contender: what one would write without threads. What any of them must beat.
 */
import type { Contender, Sample } from "../harness/scenario.ts";
import { workSeen } from "./calls.ts";
import { nowNs } from "./clock.ts";
import { type Work, who, work } from "./jobs.js";
import { type Load, tasksOf } from "./load.ts";

/** `toUnit` turns the nanoseconds of a round into the scenario's unit. */
export function plainLoop(load: Load, toUnit: (ns: number) => number): Contender {
  let tasks: readonly Work[];
  return {
    name: "plain",
    family: "plain",
    async open() {
      tasks = tasksOf(load);
    },
    async run(): Promise<Sample> {
      const results = new Array<number>(tasks.length);
      const begun = nowNs();
      for (let i = 0; i < tasks.length; i++) results[i] = work(tasks[i]!);
      const ns = nowNs() - begun;
      const { seen, threads } = workSeen(results);
      return { value: toUnit(ns), seen, by: threads.size === 1 && threads.has(0) ? who().who : "another thread" };
    },
    async close() {},
  };
}
