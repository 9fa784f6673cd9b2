/**
 * Backup, plain: a loop over the files on one thread, without a budget.
 */
import type { OnShare } from "../job.ts";
import type { Sources } from "../sources.ts";
import { catalogueOf } from "./catalogue.ts";
import { type Packed, packFile } from "./packing.ts";

export function plainBackup({ root, files }: Sources, onShare: OnShare): string {
  const packed: Packed[] = [];
  for (const { path } of files) {
    packed.push(packFile(root, path));
    onShare(packed.length / files.length);
  }
  return catalogueOf(packed);
}
