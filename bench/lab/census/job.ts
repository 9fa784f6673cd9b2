/**
 * Census job: parses the sources of `three` with acorn and counts what they are made of.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job, JobSettings, Size } from "../job.ts";
import { readSources, type Sources, threeRoot } from "../sources.ts";
import { bareCensus } from "./ceiling.ts";
import { heddleCensus } from "./heddle.ts";
import { plainCensus } from "./plain.ts";
import { describeTable } from "./table.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src", "examples/jsm"], quick: ["src"] };
const FILE = "census.json";

export function censusJob(settings: JobSettings): Job {
  const folders = FOLDERS[settings.size];
  return censusOf(readSources(threeRoot(), folders), `three/{${folders.join(",")}}`, settings.threads);
}

/** The census of any sources. */
export function censusOf(sources: Sources, where: string, threads: number): Job {
  return {
    name: "census",
    title: `syntax of ${sources.files.length} files in ${where}, ${sources.totalBytes.toLocaleString("en")} bytes, sha256 ${sources.sha256}`,
    facts: { where, files: sources.files.length, bytes: sources.totalBytes, sha256: sources.sha256 },
    variants: [
      plainCensus(sources),
      heddleCensus("inline", sources, 0),
      heddleCensus("threads", sources, threads),
      bareCensus(sources, threads),
    ],
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => describeTable(output.toString()),
  };
}
