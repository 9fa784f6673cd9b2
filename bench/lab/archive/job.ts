/**
 * Archive job: packed files, some of them spoilt, recoded by threads that die of those.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { Notes } from "../notes.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { gather } from "./gathering.ts";
import { heddleArchive } from "./heddle.ts";
import { plainArchive } from "./plain.ts";
import type { recodeAll } from "./recoding.ts";
import { describeRegister, registerOf } from "./register.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = {
  full: ["loaders", "libs", "tsl"].map((name) => `examples/jsm/${name}`),
  quick: ["src/math"],
};
const SPOILT: Readonly<Record<Size, number>> = { full: 2, quick: 1 };
const FILE = "archive.json";

export function archiveJob(settings: JobSettings): Job {
  return archiveOf(readSources(threeRoot(), FOLDERS[settings.size]), SPOILT[settings.size], settings);
}

/** An archive of any sources. */
export function archiveOf(sources: Sources, spoilt: number, { folder, threads }: Pick<JobSettings, "folder" | "threads">): Job {
  const archive = gather(sources, join(folder, "input", "archive"), spoilt);
  const { files, sha256 } = archive;
  const notes = new Notes({ files: files.length, bytes: sources.totalBytes, spoilt: archive.spoilt, sha256 });
  return {
    name: "archive",
    pattern: "self-healing",
    title: `${files.length} packed files to recode, of ${archive.spoilt} of which a thread dies, sha256 ${sha256}`,
    facts: notes.facts,
    variants: variantsOf<typeof recodeAll>(
      {
        plain: (onShare) => plainArchive(archive, onShare),
        heddle: (rt, onShare) => heddleArchive(rt, archive, notes, onShare),
        ceiling: {
          module: sibling("recoding", import.meta.url),
          task: "recodeAll",
          parts: shares(files, threads, lengthBytes).map((share) => ({ folder: archive.folder, names: share.map(({ name }) => name) })),
          join: registerOf,
        },
      },
      threads,
    ),
    save(output, into) {
      writeFileSync(join(into, FILE), output);
      return FILE;
    },
    describe: (output) =>
      notes.behind(
        describeRegister(output.toString()),
        ({ restarts, diedOf, twice }) => `${restarts} restarts after ${diedOf}, the output unbroken, ${twice || "nothing"} sent twice`,
        "restarts",
      ),
  };
}
