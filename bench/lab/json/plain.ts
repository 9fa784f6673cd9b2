/**
 * JSON, plain: a loop over the file on one thread, a range at a time, as one reads a file larger than a buffer.
 */
import type { OnShare } from "../job.ts";
import { addRange, type Groups } from "./aggregate.ts";
import type { Records } from "./records.ts";
import { groupTable } from "./table.ts";

export function plainAggregation({ path, ranges, totalBytes }: Records, onShare: OnShare): string {
  const groups: Groups = new Map();
  for (const range of ranges) {
    addRange(path, range, groups);
    onShare((range.byteOffset + range.lengthBytes) / totalBytes);
  }
  return groupTable(groups);
}
