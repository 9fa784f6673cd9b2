/**
 * JSON, with Heddle: ranges of the file, added up by whichever thread is free; the sums of the ranges are added here.
 */
import { fanOut, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { lengthBytes } from "../sources.ts";
import { batches } from "../split.ts";
import { addGroups, type Groups, recordsIn } from "./aggregate.ts";
import type { Records } from "./records.ts";
import { groupTable } from "./table.ts";

/** About 5 ms of parsing. */
const LEAST_BYTES = 512 * 1024;

export async function heddleAggregation(rt: Runtime, { path, ranges, count }: Records, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./aggregate.ts")>(new URL("./aggregate.js", import.meta.url));
  const parts = batches(ranges, LEAST_BYTES, lengthBytes, rt.threads).map((batch) => ({ path, ranges: batch }));
  const groups: Groups = new Map();
  for await (const part of fanOut(rt, parts, jobs.aggregate)) {
    addGroups(groups, part);
    onShare(recordsIn(groups) / count);
  }
  return groupTable(groups);
}
