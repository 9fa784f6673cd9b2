/**
 * Crashing: what puts something out, and ends, again and again: how long from its end to what is put out next.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { steward } from "../../src/index.ts";
import type { Contender, Sample, Seen } from "../harness/scenario.ts";
import { onRuntime } from "./patterns-round.ts";
import { markOf, nameOf } from "./witness.ts";

export type End = "throw" | "death";

/** `back`: next outputs that came before the end. */
export function gapsExpected(gaps: number): Seen {
  return { gaps, back: 0 };
}

/** From begins and ends, in nanoseconds and in turn: milliseconds from each end to the next begin, on average. */
function sampleOf(instants: readonly number[], by: string): Sample {
  const gaps: number[] = [];
  for (let i = 1; i + 1 < instants.length; i += 2) gaps.push((instants[i + 1]! - instants[i]!) / 1e6);
  const value = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return { value, seen: { gaps: gaps.length, back: gaps.filter((gap) => gap <= 0).length }, by };
}

export function healed(end: End, gaps: number): Contender {
  return onRuntime(`heddle, ${end}`, async ({ rt, tasks, who }) => {
    const ends = new Set<End>();
    const boss = steward(rt, {
      restarts: Number.POSITIVE_INFINITY,
      backOff: { minMs: 0, maxMs: 0 },
      onEvent: (event) => {
        if (event.type !== "exited" || event.exit.kind !== "failed") return;
        ends.add((event.exit.error as { code?: unknown }).code === "ERR_THREAD_DIED" ? "death" : "throw");
      },
    });
    const instants: number[] = [];
    for await (const instant of boss.ward(tasks.crash, end)) if (instants.push(instant) > 2 * gaps) break;
    await boss.stop();
    return sampleOf(instants, `${who}, ${[...ends].join(" and ")}`);
  });
}

const SCRIPT = `
  const { parentPort } = require("node:worker_threads");
  const tell = () => parentPort.postMessage(Number(process.hrtime.bigint()));
  tell();
  tell();
  process.exit(1);
`;

/** A bare Worker, and the next one when it has ended. */
export function bareHealed(gaps: number): Contender {
  return {
    name: "bare Workers, death",
    family: "workers",
    async open() {},
    async run() {
      const instants: number[] = [];
      let by = "";
      while (instants.length <= 2 * gaps) {
        const worker = new Worker(SCRIPT, { eval: true });
        worker.on("message", (instant: number) => instants.push(instant));
        const [code] = (await once(worker, "exit")) as [number];
        by = `${nameOf(markOf(worker))}, ${code === 1 ? "death" : "return"}`;
      }
      return sampleOf(instants.slice(0, 2 * gaps + 1), by);
    },
    async close() {},
  };
}
