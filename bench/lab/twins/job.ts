/**
 * Twins job: which pictures of source files look alike?
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { Notes } from "../notes.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { drawPictures } from "../thumbnails/pictures.ts";
import { variantsOf } from "../variants.ts";
import { albumOf, describeAlbum } from "./album.ts";
import { heddleTwins } from "./heddle.ts";
import type { likenesses } from "./likeness.ts";
import { plainTwins } from "./plain.ts";

const COUNTS: Readonly<Record<Size, number>> = { full: 96, quick: 16 };
const FILE = "twins.json";

export function twinsJob(settings: JobSettings): Job {
  return twinsOf(readSources(threeRoot(), ["src"]), COUNTS[settings.size], settings);
}

/** Twins among pictures of the largest of any sources. */
export function twinsOf(sources: Sources, count: number, { folder: report, threads }: Pick<JobSettings, "folder" | "threads">): Job {
  const input = join(report, "input", "album");
  mkdirSync(input, { recursive: true });
  const pictures = drawPictures(sources, input, count);
  const { folder, files, totalPixels, sha256 } = pictures;
  const notes = new Notes({ pictures: files.length, pixels: totalPixels, sha256 });
  return {
    name: "twins",
    pattern: "pooling",
    title: `${files.length} PNG pictures of source files, which of them look alike? ${totalPixels.toLocaleString("en")} pixels, sha256 ${sha256}`,
    facts: notes.facts,
    variants: variantsOf<typeof likenesses>(
      {
        plain: (onShare) => plainTwins(pictures, onShare),
        heddle: (rt, onShare) => heddleTwins(rt, pictures, notes, onShare),
        ceiling: {
          module: sibling("likeness", import.meta.url),
          task: "likenesses",
          parts: shares(files, threads, lengthBytes).map((share) => ({ folder, names: share.map(({ name }) => name) })),
          join: (results) => albumOf(results.flat()),
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
        describeAlbum(output.toString()),
        ({ calls, scratchesAThread, usesOfOne }) =>
          `${calls} calls of the pool, ${scratchesAThread} scratch made on a thread, used up to ${usesOfOne} times`,
        "calls",
      ),
  };
}
