/** Ctrl-C: the command itself leaves what was measured, says so, and leaves no process behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Report } from "../../bench/harness/report.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
const ROWS = ["hot", "cold"].map((how) => `rendezvous ping-pong between two threads, ${how}`);

test.skipIf(process.platform !== "linux")("what was measured is written", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bench-test-"));
  const json = join(folder, "bench.json");
  const html = join(folder, "bench.html");
  const args = ["--import", "tsx", MAIN, "--suite", "channels", "--rows", "S8", "--contenders", "raw", "--rounds", "1", "--patience", "0"];
  const child = spawn(process.execPath, [...args, "--json", json, "--html", html], { stdio: ["ignore", "ignore", "pipe"] });
  const exit = once(child, "exit");
  let started: number[] = [];
  let said = "";
  for await (const text of child.stderr) {
    said += text;
    if (started.length > 0 || !said.includes(ROWS[1]!)) continue;
    while (started.length === 0) started = childrenOf(child.pid!); // the second row opens its contenders now
    child.kill("SIGINT");
  }
  expect(await exit).toEqual([130, null]);
  const { machine, results } = JSON.parse(readFileSync(json, "utf8")) as Report;
  expect(machine).toMatchObject({ partial: true, quick: true, failed: [] });
  expect(new Set(results.map(({ scenario }) => scenario))).toEqual(new Set([ROWS[0]]));
  expect(readFileSync(html, "utf8")).toContain("An interrupted run");
  expect(said).toContain("interrupted: writing what was measured");
  for (const pid of started) expect(existsSync(`/proc/${pid}/fd/0`), `process ${pid} is still there`).toBe(false);
  rmSync(folder, { recursive: true });
});

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").filter(Boolean).map(Number) : [];
}
