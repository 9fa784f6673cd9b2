/**
 * Reading: what two readers make of one journal: an index of its words, and the lines that call for attention.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Receiver } from "../../../src/index.ts";
import { type Query, searchText } from "../search/fuzzy.ts";

/** A piece of the journal. */
export interface Entry {
  readonly path: string;
  readonly text: string;
}

export interface Index {
  readonly words: number;
  /** The most frequent ones, and on how many lines they stand. */
  readonly most: readonly (readonly [word: string, lines: number])[];
}

export interface Alarms {
  readonly count: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
}

const MOST = 20;
/** Words of warning, however they are spelt. */
const WARNINGS: Query = { words: ["deprecated", "workaround"], mistakes: 1 };

export class Indexer {
  readonly #lines = new Map<string, number>();

  add({ text }: Entry): void {
    for (const line of text.split("\n")) {
      for (const word of new Set(line.match(/[A-Za-z_$][\w$]*/g))) this.#lines.set(word, (this.#lines.get(word) ?? 0) + 1);
    }
  }

  get index(): Index {
    const most = [...this.#lines].sort(([wordA, a], [wordB, b]) => b - a || (wordA < wordB ? -1 : 1)).slice(0, MOST);
    return { words: this.#lines.size, most };
  }
}

export class Watch {
  #count = 0;
  #first: string | undefined;
  #last: string | undefined;

  add({ path, text }: Entry): void {
    for (const { line } of searchText(path, text, WARNINGS)) {
      this.#count++;
      this.#last = `${path}:${line}`;
      this.#first ??= this.#last;
    }
  }

  get alarms(): Alarms {
    return { count: this.#count, first: this.#first, last: this.#last };
  }
}

/** Indexes what comes, until the end: what a thread is given to do. */
export async function indexAll(entries: Receiver<Entry>): Promise<Index> {
  const indexer = new Indexer();
  for await (const entry of entries) indexer.add(entry);
  return indexer.index;
}

/** Watches what comes, until the end: what another thread is given to do. */
export async function watchAll(entries: Receiver<Entry>): Promise<Alarms> {
  const watch = new Watch();
  for await (const entry of entries) watch.add(entry);
  return watch.alarms;
}

/** The journal, read by whoever reads it: what a bare Worker is given to do. */
export function readJournal({
  root,
  paths,
  readers,
}: {
  root: string;
  paths: readonly string[];
  readers: readonly ("index" | "alarms")[];
}): {
  index?: Index;
  alarms?: Alarms;
} {
  const indexer = new Indexer();
  const watch = new Watch();
  for (const path of paths) {
    const entry = entryAt(root, path);
    if (readers.includes("index")) indexer.add(entry);
    if (readers.includes("alarms")) watch.add(entry);
  }
  return { ...(readers.includes("index") && { index: indexer.index }), ...(readers.includes("alarms") && { alarms: watch.alarms }) };
}

export function entryAt(root: string, path: string): Entry {
  return { path, text: readFileSync(join(root, path), "utf8") };
}
