// The sources keep the house rules, and the checker would say so if they did not: every rule is broken once on a small made-up tree.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { checkArchitecture, importsOf, MAX_LINES, withoutComments } from "../../scripts/check-architecture.js";

const script = fileURLToPath(new URL("../../scripts/check-architecture.js", import.meta.url));
const made: string[] = [];

type Tree = Record<string, string>;

const GOOD: Tree = {
  "src/index.ts": 'export { start } from "./workers/threads.ts";\nexport type { Wait } from "./runtime/index.ts";\n',
  "src/patterns/pipeline.ts":
    'import { start } from "../workers/threads.ts";\nimport { tee } from "./tee.ts";\nexport const pipeline = [start, tee];\n',
  "src/patterns/tee.ts": "export const tee = 1;\n",
  "src/workers/threads.ts":
    'import Piscina from "piscina";\nimport { select } from "../runtime/select.ts";\nexport const start = [Piscina, select];\n',
  "src/workers/service.ts": 'import { wrap } from "comlink";\nexport const service = wrap;\n',
  "src/runtime/index.ts":
    'export * from "./channel/index.ts";\nexport * as timers from "./timers.ts";\nexport { type Wait } from "./operation/wait.ts";\n',
  "src/runtime/select.ts":
    'import { after } from "./timers.ts";\nimport { recv } from "./channel/index.ts";\nexport const select = [after, recv];\n',
  "src/runtime/timers.ts": "export const after = 1;\n",
  "src/runtime/channel/index.ts": '// Ends of a channel.\nexport { recv } from "./receiver.ts";\n',
  "src/runtime/channel/receiver.ts": 'import type { Wait } from "../operation/wait.ts";\nexport const recv = 1 as Wait;\n',
  "src/runtime/sync/mutex.ts": 'import type { Wait } from "../operation/wait.ts";\nexport const mutex = 1 as Wait;\n',
  "src/runtime/operation/wait.ts": 'import { park } from "../memory/park.ts";\nexport type Wait = number;\nexport const wait = park;\n',
  "src/runtime/memory/park.ts":
    'import { HeddleError } from "../errors.ts";\nimport { BYTES } from "./generated/transitions.ts";\nexport const park = [BYTES, HeddleError, () => Atomics.wait(new Int32Array(), 0, 0)];\n',
  "src/runtime/memory/layout.ts": "export const LINE = 128;\n",
  "src/runtime/memory/transitions/slot.ts":
    'import * as L from "../layout";\nimport { tryLock } from "./lock";\nexport const x = [L, tryLock];\n',
  "src/runtime/memory/transitions/lock.ts": 'import * as L from "../layout";\nexport const tryLock = L.LINE;\n',
  "src/runtime/errors.ts": "export class HeddleError extends Error {}\n",
  "src/runtime/deadline.ts": 'import { HeddleError } from "./errors.ts";\nexport const deadline = HeddleError;\n',
};

/** Writes GOOD with changes to a temporary folder; null takes a file away. */
function tree(changes: Record<string, string | null> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "heddle-architecture-"));
  made.push(root);
  for (const [name, text] of Object.entries({ ...GOOD, ...changes })) {
    if (text === null) continue;
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true });
});

test("the sources of this project keep the rules", () => {
  expect(checkArchitecture(fileURLToPath(new URL("../..", import.meta.url)))).toEqual([]);
});

test("a tree that keeps every rule passes, with exit code 0", () => {
  expect(checkArchitecture(tree())).toEqual([]);
  expect(execFileSync(process.execPath, [script, tree()], { encoding: "utf8" })).toContain("keep the rules");
});

test("a broken rule is one readable line, with exit code 1", () => {
  const root = tree({ "src/runtime/errors.ts": 'import { LINE } from "./memory/layout.ts";\nexport const HeddleError = LINE;\n' });
  const run = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(
    /^src\/runtime\/errors\.ts:1: an arrow must point down, and src\/runtime\/errors\.ts \(errors, deadline\) imports .*memory/,
  );
});

describe("arrows point down only", () => {
  const upward: [name: string, file: string, specifier: string][] = [
    ["runtime to workers", "src/runtime/select.ts", "../workers/threads.ts"],
    ["workers to patterns", "src/workers/threads.ts", "../patterns/tee.ts"],
    ["workers to the roof", "src/workers/threads.ts", "../index.ts"],
    ["channel to select", "src/runtime/channel/receiver.ts", "../select.ts"],
    ["channel to sync, sideways", "src/runtime/channel/receiver.ts", "../sync/mutex.ts"],
    ["sync to channel, sideways", "src/runtime/sync/mutex.ts", "../channel/index.ts"],
    ["operation to channel", "src/runtime/operation/wait.ts", "../channel/receiver.ts"],
    ["memory to operation", "src/runtime/memory/park.ts", "../operation/wait.ts"],
    ["deadline to memory", "src/runtime/deadline.ts", "./memory/layout.ts"],
    ["timers to runtime's index", "src/runtime/timers.ts", "./index.ts"],
  ];
  const forms: [form: string, write: (specifier: string) => string][] = [
    ["import", (specifier) => `import { x } from "${specifier}";\n`],
    ["import of a type", (specifier) => `import type { x } from '${specifier}';\n`],
    ["import over several lines", (specifier) => `import {\n  x,\n  type y,\n} from "${specifier}";\n`],
    ["import of everything", (specifier) => `import * as x from "${specifier}";\n`],
    ["import for its effect", (specifier) => `import "${specifier}";\n`],
    ["re-export", (specifier) => `export { x } from "${specifier}";\n`],
    ["dynamic import", (specifier) => `export const x = import("${specifier}");\n`],
  ];
  test.each(upward)("%s", (_, file, specifier) => {
    expect(checkArchitecture(tree({ [file]: forms[0]![1](specifier) + GOOD[file] })).join("\n")).toContain(
      `${file}:1: an arrow must point down`,
    );
  });
  test.each(forms)("in any form: %s", (_, write) => {
    const root = tree({ "src/runtime/operation/wait.ts": write("../channel/receiver.ts") + GOOD["src/runtime/operation/wait.ts"] });
    expect(checkArchitecture(root).join("\n")).toMatch(/src\/runtime\/operation\/wait\.ts:\d: an arrow must point down/);
  });
});

test("a comment, a string or a template is no import", () => {
  const text =
    '// import { x } from "./a.ts";\n/* import "./b.ts" */\nconst s = \'import "./c.ts"\';\nconst t = `\nimport "./d.ts";\n`;\nimport y from "./e.ts";\n';
  expect(importsOf(withoutComments(text))).toEqual([{ specifier: "./e.ts", line: 7 }]);
});

const broken: [rule: string, changes: Record<string, string | null>, line: RegExp][] = [
  ["no cycle", { "src/patterns/tee.ts": 'export * from "./pipeline.ts";\n' }, /a cycle: .*pipeline\.ts → .*tee\.ts → .*pipeline\.ts/],
  ["no dangling import", { "src/patterns/tee.ts": 'export * from "./gone.ts";\n' }, /tee\.ts:1: "\.\/gone\.ts" does not exist/],
  ["every file has a floor", { "src/runtime/stray.ts": "export const x = 1;\n" }, /stray\.ts: stands on no floor/],
  ["one sleeper: wait", { "src/workers/nap.ts": "Atomics.wait(x, 0, 0);\n" }, /one sleeper: .*park\.ts, src\/workers\/nap\.ts/],
  ["one sleeper: waitAsync", { "src/workers/nap.ts": "Atomics.waitAsync(x, 0, 0);\n" }, /one sleeper/],
  ["one sleeper: taken apart", { "src/workers/nap.ts": "const { wait } = Atomics;\n" }, /one sleeper/],
  ["one sleeper: it exists", { "src/runtime/memory/park.ts": "export const park = 1;\n" }, /one sleeper: .*found in no file/],
  [
    "one importer of piscina",
    { "src/workers/pool.ts": 'import { Piscina } from "piscina";\n' },
    /exactly one file imports piscina, found .*pool\.ts, .*threads\.ts/,
  ],
  ["an importer of piscina", { "src/workers/threads.ts": "export const start = 1;\n" }, /exactly one file imports piscina, found none/],
  ["one importer of comlink", { "src/workers/pool.ts": 'import * as Comlink from "comlink";\n' }, /one file at most imports comlink/],
  [
    "comlink's one copy",
    { "src/workers/service.ts": 'import { wrap } from "comlink/dist/esm/comlink.mjs";\n' },
    /import only "comlink" itself/,
  ],
  ["file length", { "src/patterns/tee.ts": "//\n".repeat(MAX_LINES + 1) }, /tee\.ts: 301 lines, at most 300/],
  [
    "index files only re-export: a value",
    { "src/runtime/channel/index.ts": 'export { recv } from "./receiver.ts";\nexport const x = 1;\n' },
    /an index file only re-exports/,
  ],
  [
    "index files only re-export: an import",
    { "src/runtime/channel/index.ts": 'import { recv } from "./receiver.ts";\nexport { recv };\n' },
    /an index file only re-exports/,
  ],
  [
    "transitions import the layout and siblings",
    { "src/runtime/memory/transitions/lock.ts": 'import { x } from "../../errors";\n' },
    /a transition may import only/,
  ],
  ["no enum", { "src/patterns/tee.ts": "export const enum Kind { A }\n" }, /tee\.ts:1: an enum/],
  [
    "no parameter property",
    { "src/patterns/tee.ts": "class A {\n  constructor(private readonly x: number) {}\n}\n" },
    /tee\.ts:2: a parameter property/,
  ],
  ["no namespace", { "src/patterns/tee.ts": "export namespace A { export const x = 1; }\n" }, /tee\.ts:1: a namespace/],
  ["no using", { "src/patterns/tee.ts": "export function f() {\n  using x = g();\n}\n" }, /tee\.ts:2: a using declaration/],
  ["the map is complete", { "docs/MAP.md": Object.keys(GOOD).slice(1).join("\n") }, /docs\/MAP\.md: src\/index\.ts has no line/],
  [
    "the map names no ghosts",
    { "docs/MAP.md": [...Object.keys(GOOD), "src/gone.ts"].join("\n") },
    /docs\/MAP\.md: src\/gone\.ts does not exist/,
  ],
];

test.each(broken)("rule: %s", (_, changes, line) => {
  const problems = checkArchitecture(tree(changes));
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problem).toMatch(line);
});
