/**
 * Ingest, plain: a loop over the documents on one thread.
 */
import type { OnShare } from "../job.ts";
import { glossaryOf } from "./glossary.ts";
import { type IndexPart, indexAll } from "./indexing.ts";

export function plainIngest(part: IndexPart, onShare: OnShare): string {
  return glossaryOf([indexAll(part, (done) => onShare(done / part.documents.length))]);
}
