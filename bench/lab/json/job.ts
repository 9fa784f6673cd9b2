/**
 * JSON job: the tokens of the sources of `three`, one JSON record a line, added up by type.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { type aggregate, sumOf } from "./aggregate.ts";
import { heddleAggregation } from "./heddle.ts";
import { plainAggregation } from "./plain.ts";
import { writeRecords } from "./records.ts";
import { describeGroups, groupTable } from "./table.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src"], quick: ["src/math", "src/materials"] };
/** Read and parsed in one go. */
const RANGE_BYTES = 512 * 1024;
const FILE = "json.json";

export function jsonJob(settings: JobSettings): Job {
  return jsonOf(readSources(threeRoot(), FOLDERS[settings.size]), settings, RANGE_BYTES);
}

/** The tokens of any sources, read in ranges of about `rangeBytes`. */
export function jsonOf(sources: Sources, { folder, threads }: Pick<JobSettings, "folder" | "threads">, rangeBytes: number): Job {
  const input = join(folder, "input");
  mkdirSync(input, { recursive: true });
  const records = writeRecords(sources, join(input, "tokens.ndjson"), rangeBytes);
  const { path, ranges, count, totalBytes, sha256 } = records;
  return {
    name: "json",
    pattern: "fan-out",
    title: `${count.toLocaleString("en")} tokens of three as JSON records, ${totalBytes.toLocaleString("en")} bytes, sha256 ${sha256}`,
    facts: { files: sources.files.length, records: count, bytes: totalBytes, sha256 },
    variants: variantsOf<typeof aggregate>(
      {
        plain: (onShare) => plainAggregation(records, onShare),
        heddle: (rt, onShare) => heddleAggregation(rt, records, onShare),
        ceiling: {
          module: sibling("aggregate", import.meta.url),
          task: "aggregate",
          parts: shares(ranges, threads, lengthBytes).map((share) => ({ path, ranges: share })),
          join: (results) => groupTable(sumOf(results)),
        },
      },
      threads,
    ),
    save(output, into) {
      writeFileSync(join(into, FILE), output);
      return FILE;
    },
    describe: (output) => describeGroups(output.toString()),
  };
}
