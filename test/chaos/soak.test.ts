// A short form of the soak: what must be the same in the end is; how long anything takes is not asserted.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { soak } from "./soak.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = new URL("../../.cache/chaos-soak/src/index.js", import.meta.url).href;
/** What a thread that is just starting or ending may add. */
const THREAD_MORE = 12;

beforeAll(() => {
  const command = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", ".cache/chaos-soak"];
  const tsc = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  expect(tsc.stdout).not.toMatch(/^src\//m);
}, 120_000);

test("8 seconds of traffic with a death every quarter of a second: nothing lost, and as much there as before", async () => {
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
