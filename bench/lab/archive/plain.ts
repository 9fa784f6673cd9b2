/**
 * Archive, plain: a loop over the files on one thread.
 */
import type { OnShare } from "../job.ts";
import type { Archive } from "./gathering.ts";
import { recodeAll } from "./recoding.ts";
import { registerOf } from "./register.ts";

export function plainArchive({ folder, files }: Archive, onShare: OnShare): string {
  const names = files.map(({ name }) => name);
  return registerOf([recodeAll({ folder, names }, (done) => onShare(done / names.length))]);
}
