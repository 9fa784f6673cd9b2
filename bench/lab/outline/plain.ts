/**
 * Outline, plain: a loop over the pages on one thread.
 */
import type { OnShare } from "../job.ts";
import { listOf } from "./list.ts";
import { outlineFile, type Page } from "./outlining.ts";

export function plainOutline(pages: readonly Page[], onShare: OnShare): string {
  const lines: string[] = [];
  for (const [i, { root, paths }] of pages.entries()) {
    for (const path of paths) lines.push(...outlineFile(root, path));
    onShare((i + 1) / pages.length);
  }
  return listOf(lines);
}
