/**
 * Search, with Heddle: an or-channel of all that may end it (the client has enough, its time is up, the service shuts down) over files that are searched
 * by whichever thread is free and answered in their order.
 */
import { after, f64, or, orDone, pipeline, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Sources } from "../sources.ts";
import { answerOf, type Ended } from "./answer.ts";
import type { Hit, Query } from "./fuzzy.ts";

const DEADLINE_MS = 600_000;

export async function heddleSearch(rt: Runtime, { root, files }: Sources, query: Query, enough: number, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./fuzzy.ts")>(new URL("./fuzzy.js", import.meta.url));
  const client = new AbortController();
  const shutdown = rt.channel(f64, 0);
  const end = or({ enough: client.signal, deadline: after(DEADLINE_MS), shutdown });
  const found = pipeline(rt, files)
    .map(({ path }) => ({ root, path, query }))
    .flatMap(jobs.searchFile, { width: "auto", ordered: true, batch: "auto" });
  const hits: Hit[] = [];
  for await (const hit of orDone(found, end.signal)) {
    onShare(hits.push(hit) / enough);
    if (hits.length < enough) continue;
    client.abort();
    await end.done; // orDone sees it before it takes another hit
  }
  const ended = (end.fired?.case ?? "the last file") as Ended;
  end.stop();
  shutdown.close();
  return answerOf(hits, ended);
}
