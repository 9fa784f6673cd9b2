// Blocks as modules that can be compiled: the programs of a page, state after state, and a module for each fragment.

import { type Block, filesOf } from "./blocks.ts";

export interface Modules {
  /** Paths below a folder, and what is to lie there. */
  readonly files: Map<string, string>;
  /** Those of them that are to be run. */
  readonly mains: string[];
}

/** @param heddle the values that Heddle exports: a fragment may name them without importing them. */
export function modulesOf(blocks: readonly Block[], heddle: readonly string[]): Modules {
  const files = new Map<string, string>();
  const mains: string[] = [];
  for (const page of new Set(blocks.map((block) => block.page))) {
    const folder = page.replace(/\.md$/, "").replaceAll("/", "-");
    const ofPage = blocks.filter((block) => block.page === page);
    for (const block of ofPage) {
      if (filesOf(block.code).size === 0) files.set(`${folder}/line-${block.line}.${block.language}`, fragment(block, heddle));
    }
    for (const [n, state] of statesOf(ofPage).entries()) {
      for (const [name, code] of state) {
        const path = `${folder}/${n + 1}/${name}`;
        files.set(path, code);
        if (/^(?:main|.+\.test)\.[jt]s$/.test(name)) mains.push(path);
      }
    }
  }
  return { files, mains };
}

/** The states of a page's program: a file whose name is there already begins the next. */
function statesOf(blocks: readonly Block[]): Map<string, string>[] {
  const states: Map<string, string>[] = [];
  for (const { code, given } of blocks) {
    const named = [...filesOf(code)];
    const last = states.at(-1);
    if (named.length > 0 && (!last || named.some(([name]) => last.has(name)))) states.push(new Map(last));
    for (const [name, text] of named) states.at(-1)!.set(name, given + text);
  }
  return states;
}

function fragment({ given, code, language }: Block, heddle: readonly string[]): string {
  if (language === "js") return code;
  const text = given + code;
  const isNamed = (name: string) => new RegExp(`(?<![\\w$.])${name}(?![\\w$]|:)`).test(text);
  const isDeclared = (name: string) =>
    new RegExp(`\\b(?:const|let|function|class) ${name}\\b|\\bimport [^;]*\\b${name}\\b[^;]* from`).test(text);
  const isFree = (name: string) => isNamed(name) && !isDeclared(name);
  const common = { rt: "Runtime", ctx: "Context" };
  return [
    `import { ${heddle.filter(isFree).join(", ")} } from "heddle";`,
    ...Object.entries(common).flatMap(([name, type]) => (isFree(name) ? `declare const ${name}: import("heddle").${type};` : [])),
    text,
    "export {};",
  ].join("\n");
}
