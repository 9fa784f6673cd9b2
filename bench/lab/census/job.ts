/**
 * Census job: parses the sources of `three` with acorn and counts what they are made of.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { sumOf, type takeCensus } from "./census.ts";
import { heddleCensus } from "./heddle.ts";
import { plainCensus } from "./plain.ts";
import { censusTable, describeTable } from "./table.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src", "examples/jsm/loaders"], quick: ["src/math", "src/renderers"] };
const FILE = "census.json";

export function censusJob(settings: JobSettings): Job {
  const folders = FOLDERS[settings.size];
  return censusOf(readSources(threeRoot(), folders), `three/{${folders.join(",")}}`, settings.threads);
}

/** The census of any sources. */
export function censusOf(sources: Sources, where: string, threads: number): Job {
  const { root, files, totalBytes, sha256 } = sources;
  return {
    name: "census",
    pattern: "fan-out",
    title: `syntax of ${files.length} files in ${where}, ${totalBytes.toLocaleString("en")} bytes, sha256 ${sha256}`,
    facts: { where, files: files.length, bytes: totalBytes, sha256 },
    variants: variantsOf<typeof takeCensus>(
      {
        plain: (onShare) => plainCensus(sources, onShare),
        heddle: (rt, onShare) => heddleCensus(rt, sources, onShare),
        ceiling: {
          module: sibling("census", import.meta.url),
          task: "takeCensus",
          parts: shares(files, threads, lengthBytes).map((share) => ({ root, paths: share.map((file) => file.path) })),
          join: (results) => censusTable(sumOf(results)),
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => describeTable(output.toString()),
  };
}
