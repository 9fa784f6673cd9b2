/**
 * Indexing: which names occur in modules, and how often.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";

/** A module on its way into the index. */
export interface Document {
  readonly path: string;
  /** Its last brace got lost on the way. */
  readonly damaged: boolean;
}

/** Documents to index. */
export interface IndexPart {
  readonly root: string;
  readonly documents: readonly Document[];
}

export type Counts = readonly (readonly [name: string, count: number])[];

/** What was indexed, and the paths of what could not be. */
export interface Indexed {
  readonly counts: Counts;
  readonly documents: number;
  readonly refused: readonly string[];
}

export class NotIndexedError extends Error {
  readonly code = "E_NOT_A_MODULE";
}

export class Index {
  readonly #counts = new Map<string, number>();
  documents = 0;

  get counts(): Counts {
    return [...this.#counts];
  }

  /** Throws NotIndexedError, and nothing is added then. */
  add(root: string, { path, damaged }: Document): void {
    const text = readFileSync(join(root, path), "utf8");
    const names: string[] = [];
    try {
      parse(damaged ? text.slice(0, text.lastIndexOf("}")) : text, {
        ecmaVersion: "latest",
        sourceType: "module",
        onToken: ({ type, start, end }) => {
          if (type.label === "name") names.push(text.slice(start, end));
        },
      });
    } catch (cause) {
      throw new NotIndexedError(`not a module: ${path}`, { cause });
    }
    for (const name of names) this.#add(name, 1);
    this.documents++;
  }

  merge(counts: Counts): void {
    for (const [name, count] of counts) this.#add(name, count);
  }

  #add(name: string, count: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }
}

/** One after another: what a bare Worker is given to do. `onDocument` is told how many are done. */
export function indexAll({ root, documents }: IndexPart, onDocument: (done: number) => void = () => undefined): Indexed {
  const index = new Index();
  const refused: string[] = [];
  for (const document of documents) {
    try {
      index.add(root, document);
    } catch (error) {
      if (!(error instanceof NotIndexedError)) throw error;
      refused.push(document.path);
    }
    onDocument(index.documents + refused.length);
  }
  return { counts: index.counts, documents: index.documents, refused };
}
