/**
 * Thumbnails, with Heddle: a picture is decoded, scaled and encoded by whichever thread is free. The three steps of one
 * picture stay on one thread, so that no pixels travel.
 */
import { pipeline, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { thumbnailPage } from "./page.ts";
import type { Pictures } from "./pictures.ts";
import type { Thumbnail } from "./thumbnail.ts";

export async function heddleThumbnails(rt: Runtime, { folder, files }: Pictures, factor: number, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./thumbnail.ts")>(new URL("./thumbnail.js", import.meta.url));
  const parts = files.map(({ name }) => ({ folder, names: [name], factor }));
  const thumbnails: Thumbnail[] = [];
  for await (const made of pipeline(rt, parts).map(jobs.makeThumbnails, { width: "auto", ordered: true })) {
    thumbnails.push(...made);
    onShare(thumbnails.length / files.length);
  }
  return thumbnailPage(thumbnails);
}
