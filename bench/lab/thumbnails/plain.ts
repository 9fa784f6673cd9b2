/**
 * Thumbnails, plain: a loop over the pictures on one thread.
 */
import type { OnShare } from "../job.ts";
import { thumbnailPage } from "./page.ts";
import type { Pictures } from "./pictures.ts";
import { makeThumbnail, type Thumbnail } from "./thumbnail.ts";

export function plainThumbnails({ folder, files }: Pictures, factor: number, onShare: OnShare): string {
  const thumbnails: Thumbnail[] = [];
  for (const { name } of files) {
    thumbnails.push(makeThumbnail(folder, name, factor));
    onShare(thumbnails.length / files.length);
  }
  return thumbnailPage(thumbnails);
}
