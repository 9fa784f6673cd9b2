/**
 * Records: the input of the aggregation, a file with one JSON text a line for every token of JavaScript sources.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { tokenizer } from "acorn";
import type { Sources } from "../sources.ts";
import type { Range, TokenRecord } from "./aggregate.ts";

export interface Records {
  readonly path: string;
  readonly count: number;
  readonly totalBytes: number;
  readonly sha256: string;
  /** The whole file, cut between lines. */
  readonly ranges: readonly Range[];
}

/** Writes the records of the sources to `path`, cut into ranges of about `rangeBytes` (a source file is never cut). */
export function writeRecords(sources: Sources, path: string, rangeBytes: number): Records {
  const hash = createHash("sha256");
  const ranges: Range[] = [];
  let count = 0;
  let totalBytes = 0;
  let lines = "";
  const file = openSync(path, "w");
  const flush = () => {
    const bytes = Buffer.from(lines);
    hash.update(bytes);
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    ranges.push({ byteOffset: totalBytes, lengthBytes: bytes.length });
    totalBytes += bytes.length;
    lines = "";
  };
  try {
    for (const source of sources.files) {
      for (const record of tokensOf(source.path, readFileSync(join(sources.root, source.path), "utf8"))) {
        lines += `${JSON.stringify(record)}\n`;
        count++;
      }
      if (lines.length >= rangeBytes) flush();
    }
    if (lines !== "") flush();
  } finally {
    closeSync(file);
  }
  return { path, count, totalBytes, sha256: hash.digest("hex"), ranges };
}

function* tokensOf(file: string, text: string): Generator<TokenRecord> {
  for (const token of tokenizer(text, { ecmaVersion: "latest", sourceType: "module", locations: true })) {
    const { line, column } = token.loc!.start;
    yield { file, line, column, type: token.type.keyword ?? token.type.label, text: text.slice(token.start, token.end) };
  }
}
