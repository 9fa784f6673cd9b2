/**
 * Journal job: the sources of `three` as one stream of text, indexed and watched at the same time.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { readSources, type Sources, threeRoot } from "../sources.ts";
import { variantsOf } from "../variants.ts";
import { describeFindings, findingsOf } from "./findings.ts";
import { heddleJournal } from "./heddle.ts";
import { plainJournal } from "./plain.ts";
import type { readJournal } from "./reading.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src", "examples/jsm/loaders"], quick: ["src/math"] };
const FILE = "journal.json";

export function journalJob({ size, threads }: JobSettings): Job {
  return journalOf(readSources(threeRoot(), FOLDERS[size]), threads);
}

/** Any sources as a journal. There are two readers, so no more than two bare Workers have something to do. */
export function journalOf(sources: Sources, threads: number): Job {
  const { root, files, totalBytes, sha256 } = sources;
  const paths = files.map(({ path }) => path);
  const parts = threads === 1 ? [["index", "alarms"] as const] : [["index"] as const, ["alarms"] as const];
  return {
    name: "journal",
    pattern: "tee",
    title: `${files.length} files indexed and watched at once, ${totalBytes.toLocaleString("en")} bytes, sha256 ${sha256}`,
    facts: { files: files.length, bytes: totalBytes, sha256 },
    variants: variantsOf<typeof readJournal>(
      {
        plain: (onShare) => plainJournal(sources, onShare),
        heddle: (rt, onShare) => heddleJournal(rt, sources, onShare),
        ceiling: {
          module: sibling("reading", import.meta.url),
          task: "readJournal",
          parts: parts.map((readers) => ({ root, paths, readers })),
          join(results) {
            const { index, alarms } = Object.assign({}, ...results) as Required<(typeof results)[number]>;
            return findingsOf(index, alarms);
          },
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => describeFindings(output.toString()),
  };
}
