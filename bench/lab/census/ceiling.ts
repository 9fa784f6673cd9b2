/**
 * Census, ceiling: the files are dealt out to bare Workers beforehand, balanced by size.
 */
import { Crew } from "../bare/crew.ts";
import { sibling } from "../bare/sibling.ts";
import type { Variant } from "../job.ts";
import type { Sources } from "../sources.ts";
import { shares } from "../split.ts";
import type { CensusShare } from "./bare.ts";
import type { Census } from "./census.ts";
import { censusTable } from "./table.ts";

export function bareCensus(sources: Sources, workers: number): Variant {
  let crew: Crew<CensusShare, Census>;
  const parts = shares(sources.files, workers).map((files) => ({ root: sources.root, paths: files.map((file) => file.path) }));
  return {
    name: "ceiling",
    async open() {
      crew = await Crew.start(sibling("bare", import.meta.url), workers);
    },
    async run(onShare) {
      const table = censusTable(await crew.run(parts));
      onShare(1);
      return table;
    },
    close: () => crew.close(),
  };
}
