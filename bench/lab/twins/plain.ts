/**
 * Twins, plain: a loop over the pictures on one thread.
 */
import type { OnShare } from "../job.ts";
import type { Pictures } from "../thumbnails/pictures.ts";
import { albumOf } from "./album.ts";
import { likenessOf, makeScratch } from "./likeness.ts";

export function plainTwins({ folder, files }: Pictures, onShare: OnShare): string {
  const scratch = makeScratch();
  return albumOf(
    files.map(({ name }, i) => {
      onShare(i / files.length);
      return likenessOf(folder, name, scratch);
    }),
  );
}
