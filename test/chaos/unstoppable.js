// R10: threads that cannot be stopped: in a native call of 3 s, in open() of a FIFO, in a loop with `new Array`. What counts: their callers settle at once,
// the thread is counted as a zombie at the deadline of terminate(), its place is filled, nothing it does later arrives, and close() returns in its grace.
//
//   node test/chaos/unstoppable.js [--api dist/src/index.js] [--killable-loops] [--terminate 500] [--states native,fifo,loop]
//
// Each state in a process of its own, which is ended by a signal. Prints one line of JSON, exits 1 when something did not hold.

import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const { values } = parseArgs({
  options: {
    api: { type: "string", default: "dist/src/index.js" },
    "killable-loops": { type: "boolean", default: false },
    terminate: { type: "string", default: "500" },
    states: { type: "string", default: "native,fifo,loop" },
    state: { type: "string" },
    fifo: { type: "string", default: "" },
  },
});
const terminateMs = Number(values.terminate);

/** In a process of its own: prints what was seen and ends it. */
async function one(state) {
  const { Runtime, f64 } = await import(pathToFileURL(resolve(root, values.api)).href);
  const rt = await Runtime.start({ threads: 1, terminateMs, killableLoops: values["killable-loops"] });
  const jobs = rt.module(new URL("../fixtures/unstoppable.js", import.meta.url));
  const [started, late, gate] = [rt.channel(f64, 1), rt.channel(f64, 1), rt.channel(f64, 0)];
  const beside = rt.go(jobs.wait, gate.receiver).catch((error) => error.code);
  const task = rt.go(jobs[state], state === "native" ? 3 : values.fifo, started.sender, late.sender).catch((error) => error.code);
  await started.recv();
  const [threadId] = rt.threadIds;
  await later(state === "loop" ? 1_500 : 500); // until it is inside, and the loop's last tier runs
  const killedMs = performance.now();
  const since = () => Math.round(performance.now() - killedMs);
  rt.kill(threadId, "it cannot be stopped");
  const codes = await Promise.all([task, beside]);
  const settledMs = since();
  const sum = await rt.go(jobs.add, 2, 3);
  const replacedMs = since();
  while (rt.deaths.length === 0) await later(1);
  const toldMs = since();
  const { kind } = rt.deaths[0].reason;
  if (state === "native") while (since() < 3_500) await later(1); // it has gone on and sent what must not arrive
  const closingMs = performance.now();
  await rt.close({ graceMs: 0 });
  const closedMs = Math.round(performance.now() - closingMs);
  console.log(JSON.stringify({ state, codes, sum, kind, settledMs, replacedMs, toldMs, closedMs, late: late.length }));
  process.kill(process.pid, "SIGKILL");
}

function run(state, fifo) {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2), "--state", state, "--fifo", fifo];
  return new Promise((done) => {
    execFile(process.execPath, args, { timeout: 60_000, killSignal: "SIGKILL" }, (_, stdout, stderr) => {
      const seen = stdout.startsWith("{") ? JSON.parse(stdout) : { state, stderr: stderr.slice(-500) };
      const isTold = ["zombie", "killed"].includes(seen.kind);
      const held = isTold && seen.codes.every((code) => code === "ERR_THREAD_DIED") && seen.sum === 5 && seen.late === 0;
      done({ ...seen, held });
    });
  });
}

if (values.state) await one(values.state);
else {
  const folder = mkdtempSync(join(tmpdir(), "heddle-unstoppable-"));
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  const states = [];
  for (const state of values.states.split(",")) states.push(await run(state, fifo));
  rmSync(folder, { recursive: true });
  console.log(
    JSON.stringify({
      scenario: "unstoppable",
      node: process.version,
      terminateMs,
      held: states.filter((seen) => seen.held).length,
      states,
    }),
  );
  if (states.some((seen) => !seen.held)) process.exitCode = 1;
}
