/**
 * Thumbnails, with Heddle: pictures are decoded, scaled and encoded by whichever thread is free. The three steps of one
 * picture stay on one thread, so that no pixels travel.
 */
import { pipeline, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { lengthBytes } from "../sources.ts";
import { batches } from "../split.ts";
import { thumbnailPage } from "./page.ts";
import type { Pictures } from "./pictures.ts";
import type { Thumbnail } from "./thumbnail.ts";

export async function heddleThumbnails(rt: Runtime, { folder, files }: Pictures, factor: number, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./thumbnail.ts")>(new URL("./thumbnail.js", import.meta.url));
  const parts = batches(files, 1, lengthBytes, rt.threads).map((batch) => ({ folder, names: batch.map(({ name }) => name), factor }));
  const thumbnails: Thumbnail[] = [];
  for await (const made of pipeline(rt, parts).map(jobs.makeThumbnails, { width: "auto", ordered: true })) {
    thumbnails.push(...made);
    onShare(thumbnails.length / files.length);
  }
  return thumbnailPage(thumbnails);
}
