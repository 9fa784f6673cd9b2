// The process: an idle pool keeps it from nothing, a pending call keeps it alive.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FILE = fileURLToPath(new URL("../../fixtures/processes/pool.ts", import.meta.url));
const WATCHDOG_MS = 60_000;

function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", FILE, ...args], { timeout: WATCHDOG_MS }, (error, stdout, stderr) => {
      resolve({ code: error ? ((error as { code?: number }).code ?? null) : 0, stdout, stderr });
    });
  });
}

it.each([
  ["1", "idle", "3\n"],
  ["0", "idle", "3\n"],
  ["1", "pending", "ran 1\n"],
  ["0", "pending", "ran 1\n"],
])(
  "beside %s threads, %s",
  async (threads, what, stdout) => {
    expect(await run(threads, what)).toEqual({ code: 0, stdout, stderr: "" });
  },
  2 * WATCHDOG_MS,
);
