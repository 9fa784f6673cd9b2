/**
 * Overloaded: jobs come twice as fast as their one consumer can do them: how long those that are served have waited, and what share is not served.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Queue, type QueueOptions, queue } from "../../src/index.ts";
import type { Contender, Seen } from "../harness/scenario.ts";
import { onRuntime, percentile } from "./patterns-round.ts";

/** What becomes of what is too much. */
export type Overload = "all wait" | "shed" | "rejected";
/** Milliseconds, or percent of all jobs. */
export type OverloadFigure = "p99" | "lost";

/** A job: about a millisecond. */
const JOB_LINKS = 600_000;
const SAMPLE = 50;
const TIMES = 2;
const ROOM = 16;
export const SHED = { targetMs: 20, intervalMs: 100 };

/** `none`: jobs nobody knows what became of. */
export function jobsExpected(jobs: number): Seen {
  return { jobs, sum: (jobs * (jobs - 1)) / 2, none: 0 };
}

export function overloaded(overload: Overload, figure: OverloadFigure, jobs: number): Contender {
  const options: Readonly<Record<Overload, QueueOptions<number>>> = {
    "all wait": { capacity: jobs, attempts: 1 },
    shed: { capacity: jobs, attempts: 1, shed: SHED },
    rejected: { capacity: ROOM, attempts: 1, whenFull: "reject" },
  };
  return onRuntime(`heddle, ${overload}`, async ({ rt, tasks, who }) => {
    const own = rt.with({ dedicated: true });
    const everyMs = (await own.go(tasks.serviceMs, SAMPLE, JOB_LINKS)) / TIMES;
    const incoming = queue<number>(rt, options[overload]);
    const serving = own.go(tasks.serveAll, incoming.handle, JOB_LINKS);
    const shedding = shedOf(incoming);
    const rejected = await putAll(incoming, jobs, everyMs);
    incoming.close();
    const { waitedMs, sum } = await serving;
    const shed = await shedding;
    incoming[Symbol.dispose]();
    const lost = [...shed, ...rejected];
    const how: Overload = shed.length > 0 ? "shed" : rejected.length > 0 ? "rejected" : "all wait";
    return {
      value: figure === "p99" ? percentile(waitedMs, 99) : (100 * lost.length) / jobs,
      seen: {
        jobs: waitedMs.length + lost.length,
        sum: lost.reduce((all, one) => all + one, sum),
        none: jobs - waitedMs.length - lost.length,
      },
      by: `${who}, ${how}`,
    };
  });
}

/** Puts each job when it is due, whatever became of those before; those that are rejected are answered. */
async function putAll(incoming: Queue<number>, jobs: number, everyMs: number): Promise<number[]> {
  const rejected: number[] = [];
  const begun = performance.now();
  for (let i = 0; i < jobs; i++) {
    while (performance.now() < begun + i * everyMs) await sleep(1);
    try {
      await incoming.put(i);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_QUEUE_FULL") throw error;
      rejected.push(i);
    }
  }
  return rejected;
}

async function shedOf(incoming: Queue<number>): Promise<number[]> {
  const shed: number[] = [];
  for await (const letter of incoming.dead()) {
    if ((letter.causes[0] as { code?: unknown }).code === "ERR_DROPPED") shed.push(letter.value);
    letter.ack();
  }
  return shed;
}
