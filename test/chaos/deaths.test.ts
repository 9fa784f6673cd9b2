// Short forms of the chaos over leased queues, of the soak and of the wakes; deaths.js, soak.js and wakes.js say what they hold the runtime to. What must be
// the same in the end is asserted, and never how long anything takes.
// They run on the compiled runtime: on Node 20 a thread that has to load tsx takes ten times as long to start.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { dieUnderTraffic } from "./deaths.js";
import { soak } from "./soak.js";
import { timeouts, wakes } from "./wakes.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = new URL("../../.cache/chaos-deaths/src/index.js", import.meta.url).href;
/** Descriptors that a thread adds which is just starting or ending. */
const THREAD_MORE = 12;

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

test("8 seconds of it with a death every quarter of a second: as much there as before", async () => {
  const result = await soak(await import(built), built, { minutes: 8 / 60, seed: 2 });
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ ok: true, lost: 0, ackedTwice: 0, hung: 0, outOfOrder: 0, heapBack: true });
  expect(result.deaths).toBeGreaterThan(4);
  expect(result.answers).toBeGreaterThan(0);
  const { threads, descriptors } = result;
  if (threads.first === undefined || descriptors.first === undefined) return; // no /proc here
  expect(threads.last! - threads.first).toBeLessThanOrEqual(1);
  // Node 20 leaves the file open that a thread was reading for its loader when it was stopped.
  if (Number.parseInt(process.versions.node, 10) >= 22) expect(descriptors.last! - descriptors.first).toBeLessThanOrEqual(THREAD_MORE);
}, 180_000);

test("a permit goes round while whoever waits in front is killed: no wake is lost", async () => {
  const result = await wakes(await import(built), { waits: 500, kills: 10, seed: 3 });
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ ok: true, lost: 0, frontKilled: 10 });
  expect(result.waits).toBeGreaterThanOrEqual(500);
}, 180_000);

test("thousands of timeouts are made and cancelled: each ends once, and nothing is left of them", async () => {
  const result = await timeouts(await import(built), 10_000);
  expect(result).toMatchObject({ pending: 10_000, left: 0, ends: { "a value": 5_000, ABORT_ERR: 6_000 } });
}, 60_000);
