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

/** About 10 ms of parsing: handing over a batch costs much less, and little is left over when the first thread runs dry. */
const BATCH_BYTES = 96 * 1024;

export async function heddleCensus(rt: Runtime, { root, files, totalBytes }: Sources, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./census.ts")>(new URL("./census.js", import.meta.url));
  const parts = batches(files, BATCH_BYTES, lengthBytes).map((batch) => ({ root, paths: batch.map((file) => file.path) }));
  const census = emptyCensus();
  for await (const part of fanOut(rt, parts, jobs.takeCensus)) {
    mergeCensus(census, part);
    onShare(census.bytes / totalBytes);
  }
  return censusTable(census);
}
