/**
 * JSON, with Heddle: ranges of the file, added up by whichever thread is free; the sums of the ranges are added here.
 */
import { fanOut, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { addGroups, type Groups } from "./aggregate.ts";
import type { Records } from "./records.ts";
import { groupTable } from "./table.ts";

export async function heddleAggregation(rt: Runtime, { path, ranges }: Records, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./aggregate.ts")>(new URL("./aggregate.js", import.meta.url));
  const parts = ranges.map((range) => ({ path, ranges: [range] }));
  const groups: Groups = new Map();
  let done = 0;
  for await (const part of fanOut(rt, parts, jobs.aggregate)) {
    addGroups(groups, part);
    onShare(++done / parts.length);
  }
  return groupTable(groups);
}
