/**
 * Thumbnails job: pictures of source files made smaller, PNG in, PNG out.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { heddleThumbnails } from "./heddle.ts";
import { describePage, thumbnailPage } from "./page.ts";
import { drawPictures } from "./pictures.ts";
import { plainThumbnails } from "./plain.ts";
import type { makeThumbnails } from "./thumbnail.ts";

const COUNTS: Readonly<Record<Size, number>> = { full: 48, quick: 16 };
const FACTOR = 3;
const FILE = "thumbnails.html";

export function thumbnailsJob(settings: JobSettings): Job {
  return thumbnailsOf(readSources(threeRoot(), ["src"]), COUNTS[settings.size], settings);
}

/** Thumbnails of pictures of the largest of any sources. */
export function thumbnailsOf(sources: Sources, count: number, settings: Pick<JobSettings, "folder" | "threads">): Job {
  const input = join(settings.folder, "input", "pictures");
  mkdirSync(input, { recursive: true });
  const pictures = drawPictures(sources, input, count);
  const { folder, files, totalPixels, sha256 } = pictures;
  return {
    name: "thumbnails",
    pattern: "pipeline",
    title: `${files.length} PNG pictures of source files, ${totalPixels.toLocaleString("en")} pixels, 1/${FACTOR} as wide, sha256 ${sha256}`,
    facts: { pictures: files.length, pixels: totalPixels, factor: FACTOR, sha256 },
    variants: variantsOf<typeof makeThumbnails>(
      {
        plain: (onShare) => plainThumbnails(pictures, FACTOR, onShare),
        heddle: (rt, onShare) => heddleThumbnails(rt, pictures, FACTOR, onShare),
        ceiling: {
          module: sibling("thumbnail", import.meta.url),
          task: "makeThumbnails",
          parts: shares(files, settings.threads, lengthBytes).map((share) => ({
            folder,
            names: share.map(({ name }) => name),
            factor: FACTOR,
          })),
          join: (results) => thumbnailPage(results.flat()),
        },
      },
      settings.threads,
    ),
    save(output, into) {
      writeFileSync(join(into, FILE), output);
      return FILE;
    },
    describe: (output) => describePage(output.toString()),
  };
}
