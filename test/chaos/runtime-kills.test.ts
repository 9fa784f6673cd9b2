// A small share of the chaos over the public API; test/chaos/runtime-kills-run.js says what it holds the runtime to.
// It runs on the compiled runtime: on Node 20 a thread that has to load tsx takes ten times as long to start.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { runtimeKills } from "./runtime-kills.js";
import { syncKills } from "./sync-kills.js";
import { trafficKills } from "./traffic-kills.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = new URL("../../.cache/chaos-runtime/src/index.js", import.meta.url).href;

beforeAll(() => {
  const command = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", ".cache/chaos-runtime"];
  const tsc = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  expect(tsc.stdout).not.toMatch(/^src\//m);
}, 120_000);

test.each([
  ["plain traffic", runtimeKills],
  ["select, rendezvous, bulk, block and struct traffic", trafficKills],
])(
  "30 kills under %s: nobody hangs, nothing accepted is lost but from the hands of the dead",
  async (_, probe) => {
    const result = await probe(await import(built), built, { kills: 30, seed: 3 });
    expect(result.problems).toEqual([]);
    expect(result).toMatchObject({ kills: 30, hung: 0, late: 0, miscoded: 0, lost: 0, held: 0, torn: 0 });
    expect(result.values).toMatchObject({ twice: 0, disorder: 0, phantom: 0, spoilt: 0, wrong: 0 });
    expect(result.heapLeft).toEqual({ tasks: 0, channels: 0, blocks: 0, syncs: 0 });
    expect(result.tasks.died).toBeGreaterThan(0); // or the kills hit nobody at work
    expect(result.values.received).toBeGreaterThan(100);
  },
  180_000,
);

test("30 kills at sync primitives: nobody hangs, what the dead held returns, marked where they held it alone", async () => {
  const result = await syncKills(await import(built), built, { kills: 30, seed: 3 });
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ kills: 30, hung: 0, late: 0, miscoded: 0, held: 0, torn: 0 });
  expect(result.audited).toMatchObject({ unmarked: 0, torn: 0, overlap: 0, missed: 0, robbed: 0 });
  expect(result.audited).toMatchObject({ faults: 0, returned: true, isSumRight: true, areRoundsRight: true });
  expect(result.heapLeft).toEqual({ tasks: 0, channels: 0, blocks: 0, syncs: 0 });
  expect(result.tasks.died).toBeGreaterThan(0);
  expect(result.audited.inside).toBeGreaterThan(100);
}, 180_000);
