/**
 * Backup job: the sources of `three` packed block by block, within budgets.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { Notes } from "../notes.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { catalogueOf, describeCatalogue } from "./catalogue.ts";
import { heddleBackup } from "./heddle.ts";
import type { packFiles } from "./packing.ts";
import { plainBackup } from "./plain.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src", "examples/jsm"], quick: ["src"] };
const FILE = "backup.json";

export function backupJob({ size, threads }: JobSettings): Job {
  return backupOf(readSources(threeRoot(), FOLDERS[size]), threads);
}

/** A backup of any sources. */
export function backupOf(sources: Sources, threads: number): Job {
  const { root, files, totalBytes, sha256 } = sources;
  const notes = new Notes({ files: files.length, bytes: totalBytes, sha256 });
  return {
    name: "backup",
    pattern: "rate limiting",
    title: `${files.length} files packed within a budget for all threads, ${totalBytes.toLocaleString("en")} bytes, sha256 ${sha256}`,
    facts: notes.facts,
    variants: variantsOf<typeof packFiles>(
      {
        plain: (onShare) => plainBackup(sources, onShare),
        heddle: (rt, onShare) => heddleBackup(rt, sources, notes, onShare),
        ceiling: {
          module: sibling("packing", import.meta.url),
          task: "packFiles",
          parts: shares(files, threads, lengthBytes).map((share) => ({ root, paths: share.map(({ path }) => path) })),
          join: (results) => catalogueOf(results.flat()),
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) =>
      notes.behind(
        describeCatalogue(output.toString()),
        ({ traced, untraced, tracesPerSecond, rateErrorPercent }) =>
          `${traced} blocks traced, ${untraced} not, ${tracesPerSecond} a second allowed: the rate is ${rateErrorPercent} % off`,
        "traced",
      ),
  };
}
