/**
 * Search, plain: a loop over the files on one thread, until the client has enough.
 */
import type { OnShare } from "../job.ts";
import type { Sources } from "../sources.ts";
import { answerOf } from "./answer.ts";
import { type Hit, type Query, searchFile } from "./fuzzy.ts";

export function plainSearch({ root, files }: Sources, query: Query, enough: number, onShare: OnShare): string {
  const hits: Hit[] = [];
  for (const { path } of files) {
    for (const hit of searchFile({ root, path, query })) {
      if (hits.push(hit) < enough) continue;
      onShare(1);
      return answerOf(hits, "enough");
    }
    onShare(hits.length / enough);
  }
  return answerOf(hits, "the last file");
}
