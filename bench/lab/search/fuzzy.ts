/**
 * Fuzzy: lines in which a word occurs with at most so many letters wrong, missing or too many, as one finds misspelt names.
 *
 * One column of Sellers' table for every character of the text: row i holds the fewest mistakes with which the first i letters of the word end here.
 * (Peter Sellers, The theory and computation of evolutionary distances, 1980.)
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What to look for, ignoring case. */
export interface Query {
  readonly words: readonly string[];
  /** Mistakes allowed in a word. */
  readonly mistakes: number;
}

export interface Hit {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly word: string;
}

/** One file to search. */
export interface SearchPart {
  readonly root: string;
  readonly path: string;
  readonly query: Query;
}

/** The hits in a file, line by line: what a thread is given to do. */
export function searchFile({ root, path, query }: SearchPart): Hit[] {
  return searchText(path, readFileSync(join(root, path), "utf8"), query);
}

/** Several files: what a bare Worker is given to do. */
export function searchFiles(parts: readonly SearchPart[]): Hit[] {
  return parts.flatMap(searchFile);
}

export function searchText(path: string, text: string, { words, mistakes }: Query): Hit[] {
  const hits: Hit[] = [];
  const lines = text.toLowerCase().split("\n");
  const sought = words.map((word) => ({ word, letters: lettersOf(word.toLowerCase()) }));
  for (const [i, line] of lines.entries()) {
    for (const { word, letters } of sought) if (occurs(letters, line, mistakes)) hits.push({ path, line: i + 1, word });
  }
  return hits;
}

function lettersOf(word: string): Uint16Array {
  return Uint16Array.from(word, (letter) => letter.charCodeAt(0));
}

function occurs(letters: Uint16Array, line: string, mistakes: number): boolean {
  const rows = letters.length;
  const column = new Uint8Array(rows + 1);
  for (let i = 1; i <= rows; i++) column[i] = i;
  for (let at = 0; at < line.length; at++) {
    const letter = line.charCodeAt(at);
    let diagonal = 0;
    let above = 0; // a match may begin anywhere
    for (let i = 1; i <= rows; i++) {
      const left = column[i]!;
      const replaced = letters[i - 1] === letter ? diagonal : diagonal + 1;
      above = Math.min(replaced, left + 1, above + 1);
      column[i] = above;
      diagonal = left;
    }
    if (above <= mistakes) return true;
  }
  return false;
}
