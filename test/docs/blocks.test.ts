// Every code block of README.md and docs/ is checked: TypeScript and JavaScript compile, in one pass; whole programs run and print what they say they print;
// the rows of docs/from-go.md run; commands exist. What cannot be checked says why, and there is little of it.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as heddle from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { type Block, blocksOf, pages, ROOT, textOf } from "./blocks.ts";
import { commandsOf, problemOf } from "./commands.ts";
import { modulesOf } from "./modules.ts";
import { jobsOf } from "./prelude.ts";
import { moduleOf, rowsOf } from "./rows.ts";

const MOST_UNCHECKED = 12;
const WATCHDOG_MS = 60_000;
/** Drawings, output of programs, and Go, which is there to be compared. */
const NOT_OURS = ["", "text", "go"];
const folder = `${ROOT}/.cache/docs-blocks`;

const blocks = pages().flatMap((page) => blocksOf(page));
const checked = blocks.filter(({ unchecked }) => unchecked === undefined);
const isCode = ({ language }: Block) => language === "ts" || language === "js";
const names = Object.keys(heddle);
const { files, mains } = modulesOf(
  checked.filter((block) => isCode(block) && block.page !== "docs/from-go.md"),
  names,
);
const rows = rowsOf();

function write(path: string, text: string): void {
  mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
  writeFileSync(`${folder}/${path}`, text);
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of files) write(path, text);
  for (const [n, row] of rows.entries()) write(`from-go/row-${n}.ts`, moduleOf(row, names));
  const include = ["**/*.ts", "**/*.js", "../../src/**/*"];
  const exclude = ["node_modules", "compiled", "../../src/runtime/memory/transitions"];
  const compilerOptions = { noEmit: false, rootDir: "../..", outDir: "compiled" };
  write("tsconfig.json", JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include, exclude }));
  write("package.json", JSON.stringify({ type: "module" }));
  // The blocks import "heddle" as a user does, and get the sources: as types, and compiled.
  write("node_modules/heddle/package.json", JSON.stringify({ name: "heddle", type: "module", types: "./index.d.ts", main: "./index.js" }));
  write("node_modules/heddle/index.d.ts", `export * from "../../../../src/index.ts";\n`);
  write("node_modules/heddle/index.js", `export * from "../../compiled/src/index.js";\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("code blocks of the documentation", () => {
  it("are checked in some way, or say why not", () => {
    const unknown = checked.filter(({ language }) => !["ts", "js", "sh", "json", ...NOT_OURS].includes(language));
    expect(unknown.map(({ page, line, language }) => `${page}:${line}: ${language}`)).toEqual([]);
    const disguised = checked.filter(({ language, code }) => language === "" && /^(?:npm|npx|node|import|export|const|await) /m.test(code));
    expect(disguised.map(({ page, line }) => `${page}:${line}: code without a language`)).toEqual([]);
    expect(blocks.length - checked.length).toBeLessThanOrEqual(MOST_UNCHECKED);
    expect(checked.filter(isCode).length).toBeGreaterThan(70);
  });

  it("are closed: no fence is left over", () => {
    const fences = pages().map((page) => [page, textOf(page).match(/^ *```/gm)?.length ?? 0] as const);
    expect(fences.filter(([page, count]) => count !== 2 * blocksOf(page).length)).toEqual([]);
  });

  it("compile", () => {
    const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder], { cwd: ROOT, encoding: "utf8" });
    expect(tsc.stdout + tsc.stderr).toBe("");
  }, 60_000);

  it.each(mains)(
    "%s runs, and prints what it says",
    (main) => {
      const compiled = `compiled/.cache/docs-blocks/${main.replace(/ts$/, "js")}`;
      const run = spawnSync(process.execPath, [compiled], { cwd: folder, encoding: "utf8", timeout: WATCHDOG_MS });
      expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
      const said = [...files.get(main)!.matchAll(/^\s*console\.log\(.*\);\s*\/\/ (.+)$/gm)].map(([, text]) => text!);
      const lines = run.stdout.split("\n");
      expect(said.filter((text) => !lines.includes(text))).toEqual([]);
    },
    2 * WATCHDOG_MS,
  );

  it("of JSON can be read", () => {
    for (const { language, code } of checked) if (language === "json") JSON.parse(code);
  });

  it("of a shell name commands that exist", () => {
    const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")) as { scripts: Record<string, string> };
    const commands = checked.filter(({ language }) => language === "sh").flatMap(commandsOf);
    expect(commands.length).toBeGreaterThan(5);
    expect(commands.flatMap((command) => problemOf(command, scripts, (path) => existsSync(`${ROOT}/${path}`)) ?? [])).toEqual([]);
  });
});

describe("docs/from-go.md", () => {
  let rt: heddle.Runtime;
  beforeAll(async () => {
    rt = await heddle.Runtime.start({ threads: 1, maxDedicated: 2 });
  });
  afterAll(async () => expect(await leftovers(rt)).toEqual(NOTHING));

  it("has a right-hand side for every left-hand side", () => {
    const count = (language: string) => blocks.filter((block) => block.page === "docs/from-go.md" && block.language === language).length;
    expect([count("go"), count("ts")]).toEqual([rows.length, rows.length]);
    expect(rows.length).toBeGreaterThan(30);
  });

  it.each(rows.map(({ name }, n) => [name, n] as const))("%s", async (_, n) => {
    const { run } = (await import(`${folder}/from-go/row-${n}.ts`)) as { run: (given: object) => Promise<void> };
    await rt.scope((scope) => run(jobsOf(rt, scope)));
    const { channels, waiters } = rt.leftovers();
    expect({ channels, waiters, blocks: rt.heapUse().blocks }).toEqual({ channels: [], waiters: [], blocks: 0 });
  });
});
