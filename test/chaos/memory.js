// R9: a thread runs out of memory in each of nine ways, each in a process of its own, with `killableLoops` and the watchdog on. What counts: the process
// lives, the task rejects with ERR_THREAD_DIED of kind 'out-of-memory', the other thread's answers all come, a new thread takes the place.
//
//   node test/chaos/memory.js [--rounds 1] [--api dist/src/index.js] [--patterns arrays,maps] [--unwatched]
//
// Prints one line of JSON and exits 1 when a process did not survive; Node 20 cannot watch a busy thread from outside, there it reports and exits 0.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hogs } from "../fixtures/memory-hogs.js";

const LIMIT_MS = 120_000;
const one = fileURLToPath(new URL("memory-one.js", import.meta.url));
const { values } = parseArgs({
  options: { rounds: { type: "string" }, api: { type: "string" }, patterns: { type: "string" }, unwatched: { type: "boolean" } },
});

function run(pattern) {
  const args = [one, "--pattern", pattern, ...(values.api ? ["--api", values.api] : []), ...(values.unwatched ? ["--unwatched"] : [])];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: LIMIT_MS, killSignal: "SIGKILL", maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const end = stdout.startsWith("{") ? JSON.parse(stdout) : { pattern };
      const survived =
        !error && end.code === "ERR_THREAD_DIED" && end.kind === "out-of-memory" && end.sum === 5 && end.zombies.length === 0;
      resolve({ ...end, survived, ...(survived ? {} : { exit: error?.code ?? error?.signal ?? 0, stderr: stderr.slice(-300) }) });
    });
  });
}

const patterns = values.patterns?.split(",") ?? Object.keys(hogs);
const runs = [];
for (let round = 0; round < Number(values.rounds ?? 1); round++) for (const pattern of patterns) runs.push(await run(pattern));
const survived = runs.filter((end) => end.survived).length;
const answered = runs.reduce((sum, end) => sum + (end.answered ?? 0), 0);
const slowestMs = Math.max(...runs.map((end) => end.ms ?? 0));
const failed = runs.filter((end) => !end.survived);
console.log(JSON.stringify({ scenario: "memory", node: process.version, runs: runs.length, survived, answered, slowestMs, failed }));
const canWatch = Number.parseInt(process.versions.node, 10) >= 22 && !values.unwatched;
if (canWatch && survived < runs.length) process.exitCode = 1;
