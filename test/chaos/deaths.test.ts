// A small share of the chaos over leased queues; test/chaos/deaths.js says what it holds the runtime to.
// It runs on the compiled runtime: on Node 20 a thread that has to load tsx takes ten times as long to start.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { dieUnderTraffic } from "./deaths.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = new URL("../../.cache/chaos-deaths/src/index.js", import.meta.url).href;

beforeAll(() => {
  const command = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", ".cache/chaos-deaths"];
  const tsc = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  expect(tsc.stdout).not.toMatch(/^src\//m);
}, 120_000);

test("100 deaths under traffic through leased queues: no job lost, none acknowledged twice, nobody hangs", async () => {
  const result = await dieUnderTraffic(await import(built), built, { deaths: 100, seed: 5 });
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ ok: true, lost: 0, ackedTwice: 0, hung: 0, outOfOrder: 0, phantom: 0, overlapped: 0, heapBack: true });
  expect(result.deaths).toBeGreaterThanOrEqual(100);
  expect(result.inHand).toBeGreaterThan(5); // or the deaths hit nobody at work
  expect(result.jobs.redelivered).toBeGreaterThan(0);
}, 180_000);
