// The example service as a process: SIGTERM lets the requests under way have their answers; the chaos command finds nothing.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { startServerProcess } from "../../examples/service/load/server-process.ts";
import { metrics, resize, slowPicture } from "./support.ts";

const LIMIT_MS = 120_000;

function run(file: string, ...args: string[]) {
  const script = fileURLToPath(new URL(`../../examples/service/${file}`, import.meta.url));
  return spawnSync(process.execPath, ["--import", "tsx", script, ...args], { encoding: "utf8" });
}

/** Less than the 72 s for which a connection is kept that nobody closes. */
const SIGTERM_LIMIT_MS = 60_000;

it("SIGTERM: requests under way get their answers, then the process ends with code 0", { timeout: SIGTERM_LIMIT_MS }, async () => {
  const server = await startServerProcess("--threads", "1", "--timeout-ms", "300000", "--max-timeout-ms", "300000");
  onTestFinished(() => void server.process.kill("SIGKILL"));
  const answers = [1, 2, 3].map(() => resize(server.origin, slowPicture));
  while ((await metrics(server.origin)).get('work_calls{work="pool",state="queued"}') !== 2);
  const code = server.stop();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await code).toBe(0);
  await expect(fetch(`${server.origin}/health`)).rejects.toThrow();
});

it("a wrong option: exit code 2, and what was expected", { timeout: LIMIT_MS }, () => {
  const { status, stderr } = run("src/main.ts", "--threads", "many");
  expect([status, stderr]).toEqual([2, 'expected threads to be a whole number from 1 to 512, got "many"\n']);
});

it("chaos, its short form: every answer is right or a proper error", { timeout: LIMIT_MS }, () => {
  const { status, stdout } = run("load/chaos.ts", "--kills", "5", "--lanes", "6");
  const { kills, requests, right, properErrors, problems, exitCode } = JSON.parse(stdout) as Record<string, number>;
  expect({ status, kills, problems, exitCode, settled: right! + properErrors! }).toEqual({
    status: 0,
    kills: 5,
    problems: [],
    exitCode: 0,
    settled: requests,
  });
});
