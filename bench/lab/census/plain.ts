/**
 * Census, plain: a loop over the files on one thread, as one writes it without any library.
 */
import type { OnShare } from "../job.ts";
import type { Sources } from "../sources.ts";
import { countFile, emptyCensus } from "./census.ts";
import { censusTable } from "./table.ts";

export function plainCensus(sources: Sources, onShare: OnShare): string {
  const census = emptyCensus();
  for (const file of sources.files) {
    countFile(sources.root, file.path, census);
    onShare(census.bytes / sources.totalBytes);
  }
  return censusTable(census);
}
