// A search that three replicas can answer: when the first is late the second is asked, when that one fails the third, and whoever lost stops.

import { type Replicated, type Runtime, replicated } from "../../src/index.ts";
import { sources } from "../sources.ts";

export const about = "a hedged search: a slow replica, one that fails, and one that answers";

const LATE_MS = 20;

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const paths = sources("src/math");
  const index = replicated(rt, jobs.search, { replicas: 3, hedge: LATE_MS });

  for (const word of ["quaternion", "matrix"]) {
    const asked = index.request(word, paths);
    const { hits, by } = await asked.result; // at once; the loser may still be stopping
    const reports = [...(await asked.ended)].sort((a, b) => a.replica - b.replica);
    yield `${word}: ${hits} hits from replica ${by}; ${reports.map(({ replica, place }) => `${replica} ${place}`).join(", ")}`;
  }
  const { requests, extra, won, lostMs } = index.stats;
  yield `${requests} requests, ${extra} more replicas, answers ${won.join(" ")}; the losers cost something: ${lostMs > 0}`;
  await index.close();

  const broken = replicated(rt, [jobs.search, jobs.search] as const, { hedge: LATE_MS });
  yield `without the third: ${await firstFailure(broken, paths)}`;
}

/** The second replica fails, and the first never comes to an answer: the client's patience ends it. */
async function firstFailure(index: Replicated<typeof import("./jobs.ts").search>, paths: string[]): Promise<string> {
  const patience = AbortSignal.timeout(200);
  const asked = index.requestUntil({ signal: patience }, "loom", paths);
  const error = await asked.result.then(String, (reason: Error) => reason.name);
  await index.close();
  return error;
}
