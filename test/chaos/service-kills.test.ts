// A small share of the kills of services; test/chaos/service-kills.js says what they hold the runtime to. On the compiled runtime, whose threads start fast.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { serviceKills } from "./service-kills.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = new URL("../../.cache/chaos-runtime/src/index.js", import.meta.url).href;

beforeAll(() => {
  const command = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", ".cache/chaos-runtime"];
  const tsc = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  expect(tsc.stdout).not.toMatch(/^src\//m);
}, 120_000);

test("25 kills of a service under traffic: every call settles once, what may not run twice does not, what may finishes", async () => {
  const result = await serviceKills(await import(built), { kills: 25, seed: 3 });
  expect(result.problems).toEqual([]);
  expect(result.kills + result.own).toBe(25);
  expect(result.heapLeft).toEqual({ tasks: 0, channels: 0, blocks: 0 });
  expect(Object.keys(result.codes)).toEqual(["ERR_THREAD_DIED"]); // or the kills hit nobody at work
  for (const kind of ["work", "safe"] as const) expect(result.done[kind]).toBeGreaterThan(100);
}, 180_000);
