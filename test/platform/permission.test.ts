// What Node's permission model asks for, and goes on forbidding on threads. SECURITY.md says it.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const built = `${root}/.cache/permission-test`;
const main = `${root}/test/fixtures/permission/main.js`;
const [major] = process.versions.node.split(".").map(Number);
const PERMISSION = major! < 22 ? "--experimental-permission" : "--permission";

/** A runner that strips types needs more than the package does, so this is the package as it is compiled. */
beforeAll(() => {
  const tsc = [`${root}/node_modules/typescript/bin/tsc`, "-p", `${root}/tsconfig.build.json`, "--outDir", built];
  spawnSync(process.execPath, tsc, { cwd: root, encoding: "utf8" });
}, 60_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

function under(threads: number, ...flags: string[]): unknown {
  const args = [PERMISSION, `--allow-fs-read=${root}/*`, ...flags, main, `${built}/src/index.js`, String(threads)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 25_000, env: { PATH: process.env.PATH! } });
  return stdout === "" ? stderr : JSON.parse(stdout);
}

const DONE = { start: "ready", add: 3, pool: 3, read: "ERR_ACCESS_DENIED", spawn: "ERR_ACCESS_DENIED", close: "closed" };

describe("the permission model", () => {
  it("with --allow-worker: threads work, and may no more than the process", () => {
    expect(under(1, "--allow-worker")).toEqual(DONE);
  });

  it("without --allow-worker: no runtime with threads", () => {
    expect(under(1)).toEqual({ start: "ERR_THREAD_START" });
  });

  it("without --allow-worker: one with no threads", () => {
    expect(under(0)).toEqual(DONE);
  });
});
