// The code blocks of the documentation, as they stand in its pages.
//
// A block's language says how it is checked (blocks.test.ts); what a page needs for it is invisible when it is rendered:
//   // name.ts    as a line of a block: from here on it is a file of the page's program, and files of a page see each other. A name that comes again begins
//                 the next state of the program: all that was there, with this file instead. In every state `main.ts` and `….test.ts` (or .js) are run;
//                 what their lines `console.log(…); // text` print is that text.
//   <!-- given    before a block: declarations it may lean on
//   -->
//   ```ts unchecked: reason     is not checked, for that reason

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Every page, as a path from the root. */
export function pages(): string[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const below = readdirSync(`${ROOT}/docs`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  return [...top, ...below.map((name) => `docs/${name}`)].sort();
}

export function textOf(page: string): string {
  return readFileSync(`${ROOT}/${page}`, "utf8");
}

export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  /** Why it cannot be checked, if so. */
  readonly unchecked: string | undefined;
  readonly given: string;
  readonly code: string;
}

export function blocksOf(page: string, text: string = textOf(page)): Block[] {
  const fences = text.matchAll(/(?:^<!-- given\n([\s\S]*?)^-->\n\s*)?^( *)```(\w*) *(.*)\n([\s\S]*?)^ *```$/gm);
  return [...fences].map(({ 0: all, 1: given = "", 2: indent, 3: language, 4: rest, 5: code, index }) => ({
    page,
    line: text.slice(0, index + all.indexOf("```")).split("\n").length,
    language: language!,
    unchecked: /^unchecked: (.+)$/.exec(rest!)?.[1],
    given,
    code: code!.replace(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** The files that a block declares, by name; none: it is a fragment. */
export function filesOf(code: string): Map<string, string> {
  const parts = code.split(/^(?=\/\/ [\w./-]+\.[jt]s(?:$|:))/m);
  const named = parts.map((part) => [/^\/\/ ([\w./-]+\.[jt]s)(?:$|:)/m.exec(part)?.[1], part] as const);
  return new Map(named.filter((pair): pair is [string, string] => pair[0] !== undefined));
}
