/**
 * Heddle's fanOut as a contender: tasks from an array through as many workers, results as they come. See docs/patterns/fan-out-fan-in.md.
 */
import { fanOut, Runtime } from "../../src/index.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { workSeen } from "./calls.ts";
import { nowNs } from "./clock.ts";
import type { Work } from "./jobs.js";
import { type Load, tasksOf } from "./load.ts";

export function heddleFanOut(load: Load, threads: number, toUnit: (ns: number) => number): Contender {
  let rt: Runtime;
  let tasks: readonly Work[];
  return {
    name: "heddle, fanOut",
    family: "heddle",
    async open() {
      rt = await Runtime.start({ threads });
      tasks = tasksOf(load);
    },
    async run(): Promise<Sample> {
      const jobs = rt.module<typeof import("./jobs.js")>(new URL("./jobs.js", import.meta.url));
      const results: number[] = [];
      const begun = nowNs();
      for await (const result of fanOut(rt, tasks, jobs.work, { width: threads })) results.push(result);
      const ns = nowNs() - begun;
      const { seen, threads: used } = workSeen(results);
      const known = new Set(rt.threadIds);
      let by = "nobody";
      for await (const { who, thread } of fanOut(rt, [undefined], jobs.who, { width: 1 }))
        by = [...used, thread].every((id) => known.has(id)) ? who : `${who} on other threads`;
      return { value: toUnit(ns), seen, by };
    },
    async close() {
      await rt.close();
    },
  };
}
