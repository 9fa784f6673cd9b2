// The right-hand sides of docs/from-go.md: each is compiled on its own, type-checked, and run.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Runtime } from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { jobsOf } from "./prelude.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}/.cache/snippets`;

interface Snippet {
  readonly name: string;
  readonly code: string;
}

/** Rows of the page: its title row, then a Go block and a TypeScript block. */
function snippetsOf(markdown: string): Snippet[] {
  const rows = markdown.matchAll(
    /<tr><td colspan="2">(.*?)<\/td><\/tr>\n<tr><td>\n\n```go\n[\s\S]*?\n```\n\n<\/td><td>\n\n```ts\n([\s\S]*?)\n```/g,
  );
  return [...rows].map(([, name, code]) => ({ name: name!, code: code! }));
}

const page = readFileSync(`${root}/docs/from-go.md`, "utf8");
const snippets = snippetsOf(page);

/** One module a snippet, so that each is checked by itself; what it may name is in scope. */
function moduleOf({ code }: Snippet): string {
  const names = Object.keys(heddle).filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  const types = ["Sender", "Receiver"].filter((name) => new RegExp(`\\b${name}<`).test(code) && !names.includes(name));
  const imports = [
    ...names.map((name) => (["Sender", "Receiver", "Runtime", "Scope"].includes(name) ? `type ${name}` : name)),
    ...types.map((name) => `type ${name}`),
  ];
  return [
    `import { ${[...new Set([...imports, "type Runtime", "type Scope"])].join(", ")} } from "../../src/index.ts";`,
    `import { expect } from "vitest";`,
    `import type { Jobs } from "../../test/docs/prelude.ts";`,
    `export async function run({ rt, scope, jobs, numbers }: Jobs): Promise<void> {`,
    `  void [rt, scope, jobs, numbers];`,
    code.replace(/^/gm, "  "),
    `}`,
  ].join("\n");
}

const heddle = (await import("../../src/index.ts")) as Record<string, unknown>;

describe("docs/from-go.md", () => {
  let rt: Runtime;
  beforeAll(async () => {
    rt = await Runtime.start({ threads: 1, maxDedicated: 2 });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [n, snippet] of snippets.entries()) writeFileSync(`${folder}/from-go-${n}.ts`, moduleOf(snippet));
    const config = { extends: "../../tsconfig.json", include: ["./*.ts"], exclude: [] };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("has a right-hand side for every left-hand side", () => {
    expect(snippets.length).toBe(page.match(/```go\n/g)!.length);
    expect(snippets.length).toBe(page.match(/```ts\n/g)!.length);
    expect(snippets.length).toBeGreaterThan(30);
  });

  it("every one compiles", () => {
    const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", `${folder}/tsconfig.json`, "--noEmit"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(tsc.stdout + tsc.stderr).toBe("");
  }, 60_000);

  it.each(snippets.map(({ name }, n) => [name, n] as const))("%s", async (_, n) => {
    const { run } = (await import(`${folder}/from-go-${n}.ts`)) as { run: (given: object) => Promise<void> };
    await rt.scope((scope) => run(jobsOf(rt, scope)));
    const { channels, waiters } = rt.leftovers();
    expect({ channels, waiters, blocks: rt.heapUse().blocks }).toEqual({ channels: [], waiters: [], blocks: 0 });
  });
});
