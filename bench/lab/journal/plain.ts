/**
 * Journal, plain: one loop that gives each entry to both readers.
 */
import type { OnShare } from "../job.ts";
import type { Sources } from "../sources.ts";
import { findingsOf } from "./findings.ts";
import { entryAt, Indexer, Watch } from "./reading.ts";

export function plainJournal({ root, files }: Sources, onShare: OnShare): string {
  const indexer = new Indexer();
  const watch = new Watch();
  for (const [i, { path }] of files.entries()) {
    const entry = entryAt(root, path);
    indexer.add(entry);
    watch.add(entry);
    onShare((i + 1) / files.length);
  }
  return findingsOf(indexer.index, watch.alarms);
}
