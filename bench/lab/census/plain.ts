/**
 * Census, plain: a loop over the files on one thread, as one writes it without any library.
 */
import type { OnShare, Variant } from "../job.ts";
import type { Sources } from "../sources.ts";
import { takeCensus } from "./census.ts";
import { censusTable } from "./table.ts";

export function plainCensus(sources: Sources): Variant {
  const paths = sources.files.map((file) => file.path);
  return {
    name: "plain",
    async open() {},
    run(onShare: OnShare) {
      const census = takeCensus(sources.root, paths, (bytes) => onShare(bytes / sources.totalBytes));
      return censusTable([census]);
    },
    async close() {},
  };
}
