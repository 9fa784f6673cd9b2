// The right-hand sides of docs/from-go.md: a module for each, which a test runs.

import { textOf } from "./blocks.ts";

export interface Row {
  readonly name: string;
  readonly code: string;
}

/** Rows of the page: its title row, then a Go block and a TypeScript block. */
export function rowsOf(markdown: string = textOf("docs/from-go.md")): Row[] {
  const rows = markdown.matchAll(
    /<tr><td colspan="2">(.*?)<\/td><\/tr>\n<tr><td>\n\n```go\n[\s\S]*?\n```\n\n<\/td><td>\n\n```ts\n([\s\S]*?)\n```/g,
  );
  return [...rows].map(([, name, code]) => ({ name: name!, code: code! }));
}

const CLASSES_AS_TYPES = ["Sender", "Receiver", "Runtime", "Scope"];

/** A module that answers a function; what the row may name is in scope. */
export function moduleOf({ code }: Row, heddle: readonly string[]): string {
  const values = heddle.filter((name) => !CLASSES_AS_TYPES.includes(name) && new RegExp(`\\b${name}\\b`).test(code));
  const types = CLASSES_AS_TYPES.filter((name) => new RegExp(`\\b${name}<`).test(code));
  return [
    `import { ${[...values, ...types.map((name) => `type ${name}`)].join(", ")} } from "../../../src/index.ts";`,
    `import { expect } from "vitest";`,
    `import type { Jobs } from "../../../test/docs/prelude.ts";`,
    `export async function run({ rt, scope, jobs, numbers }: Jobs): Promise<void> {`,
    `  void [rt, scope, jobs, numbers];`,
    code.replace(/^/gm, "  "),
    `}`,
  ].join("\n");
}
