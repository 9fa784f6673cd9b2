/**
 * Ingest job: modules that come one after another, some of them damaged, into an index of names.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { Notes } from "../notes.ts";
import { readSources, type SourceFile, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { describeGlossary, glossaryOf } from "./glossary.ts";
import { heddleIngest } from "./heddle.ts";
import type { Document, indexAll } from "./indexing.ts";
import { plainIngest } from "./plain.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = {
  full: ["loaders", "tsl", "inspector", "lights", "controls", "exporters"].map((name) => `examples/jsm/${name}`),
  quick: ["src/math"],
};
/** One in so many is damaged. */
const DAMAGED_EVERY: Readonly<Record<Size, number>> = { full: 50, quick: 10 };
const FILE = "ingest.json";

export function ingestJob({ size, threads }: JobSettings): Job {
  return ingestOf(readSources(threeRoot(), FOLDERS[size]), DAMAGED_EVERY[size], threads);
}

/** An ingest of any sources. */
export function ingestOf({ root, files, totalBytes, sha256 }: Sources, damagedEvery: number, threads: number): Job {
  const isDamaged = (i: number) => i % damagedEvery === damagedEvery >> 1;
  const documents = files.map(({ path }, i): Document => ({ path, damaged: isDamaged(i) }));
  const sized = documents.map((document, i) => ({ document, lengthBytes: (files[i] as SourceFile).lengthBytes }));
  const damaged = documents.filter((document) => document.damaged).length;
  const notes = new Notes({ documents: documents.length, bytes: totalBytes, damaged, sha256 });
  return {
    name: "ingest",
    pattern: "queuing",
    title: `${documents.length} modules to index as they come, ${damaged} of them damaged, ${totalBytes.toLocaleString("en")} bytes, sha256 ${sha256}`,
    facts: notes.facts,
    variants: variantsOf<typeof indexAll>(
      {
        plain: (onShare) => plainIngest({ root, documents }, onShare),
        heddle: (rt, onShare) => heddleIngest(rt, { root, documents }, notes, onShare),
        ceiling: {
          module: sibling("indexing", import.meta.url),
          task: "indexAll",
          parts: shares(sized, threads, (one) => one.lengthBytes).map((share) => ({
            root,
            documents: share.map(({ document }) => document),
          })),
          join: glossaryOf,
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
        describeGlossary(output.toString()),
        ({ heldBack, arrivalsPerSecond, waitingMs, meanLength }) =>
          `the producer held back ${heldBack} times; ${arrivalsPerSecond} a second × ${waitingMs} ms of waiting = ${meanLength} in the queue on average`,
        "heldBack",
      ),
  };
}
