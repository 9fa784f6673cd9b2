/**
 * Census, with Heddle: batches of files, counted by whichever thread is free, so that nobody has to know beforehand how
 * long a file takes. Counts add up in any order.
 */
import { fanOut, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { lengthBytes, type Sources } from "../sources.ts";
import { batches } from "../split.ts";
import { emptyCensus, mergeCensus } from "./census.ts";
import { censusTable } from "./table.ts";

/** About 5 ms of parsing: handing over a batch costs much less. */
const LEAST_BYTES = 64 * 1024;

export async function heddleCensus(rt: Runtime, { root, files, totalBytes }: Sources, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./census.ts")>(new URL("./census.js", import.meta.url));
  const cut = batches(files, LEAST_BYTES, lengthBytes, rt.threads);
  const parts = cut.map((batch) => ({ root, paths: batch.map(({ path }) => path) }));
  const census = emptyCensus();
  for await (const part of fanOut(rt, parts, jobs.takeCensus)) {
    mergeCensus(census, part);
    onShare(census.bytes / totalBytes);
  }
  return censusTable(census);
}
