/**
 * Bare Workers with the work split beforehand as a contender: the ceiling. Each has its share, payloads and all, before the clock starts; one message has
 * it begin, one brings the results. Nobody can hand out work with less; where tasks differ in length, somebody can hand it out better.
 */
import type { Contender, Sample } from "../harness/scenario.ts";
import { sibling } from "../lab/bare/sibling.ts";
import { workSeen } from "./calls.ts";
import { nowNs } from "./clock.ts";
import { Hired } from "./hired.ts";
import { type Work, who, work } from "./jobs.js";
import { type Load, tasksOf } from "./load.ts";

let share: readonly Work[] = [];

/** In the Worker. */
export function prepare(load: Load, first: number, step: number): void {
  share = tasksOf(load, first, step);
}

/** In the Worker: all of its share. */
export function doShare(): { results: Float64Array; who: string } {
  return { results: Float64Array.from(share, work), who: who().who };
}

const HERE = sibling("split", import.meta.url);

export function splitBeforehand(load: Load, workers: number, toUnit: (ns: number) => number): Contender {
  let hired: Hired[];
  return {
    name: "bare Workers, split beforehand",
    family: "workers",
    async open() {
      hired = await Promise.all(Array.from({ length: workers }, () => Hired.start(HERE)));
      await Promise.all(hired.map((one, i) => one.call("prepare", [load, i, workers])));
    },
    async run(): Promise<Sample> {
      const begun = nowNs();
      const shares = (await Promise.all(hired.map((one) => one.call("doShare", [])))) as ReturnType<typeof doShare>[];
      const ns = nowNs() - begun;
      const { seen, threads } = workSeen(shares.flatMap(({ results }) => [...results]));
      const names = [...new Set(shares.map((one) => one.who))].join(" and ");
      const isSplit = !threads.has(0) && threads.size === Math.min(workers, load.count);
      return { value: toUnit(ns), seen, by: `${names}, ${isSplit ? "split beforehand" : `on ${threads.size} threads`}` };
    },
    async close() {
      await Promise.all(hired.map((one) => one.stop()));
    },
  };
}
