// Check: whether an optimised loop with `new Array(n)` in it can be stopped (workers/killable-loops.ts tells the story). In a process of its own, which
// is ended by a signal: nothing less would end it.

import { execFile } from "node:child_process";
import { KILLABLE_LOOPS_FLAG } from "../workers/killable-loops.ts";
import type { Finding } from "./finding.ts";

const LIMIT_MS = 30_000;

/** Prints whether a thread in such a loop has exited two seconds after it was to, and ends itself. */
const PROGRAM = `
const { Worker } = require("node:worker_threads");
const worker = new Worker(\`
  function allocate(turns) {
    let sum = 0;
    for (let i = 0; i < turns; i++) sum += new Array(40).length;
    return sum;
  }
  for (const until = performance.now() + 800; performance.now() < until; ) allocate(1_000);
  require("node:worker_threads").parentPort.postMessage("optimised");
  for (;;) allocate(Number.MAX_SAFE_INTEGER);
\`, { eval: true });
const say = (word) => require("node:fs").writeSync(1, word);
worker.on("message", () => setTimeout(() => {
  worker.once("exit", () => { say("stopped"); process.exit(0); });
  void worker.terminate();
  setTimeout(() => { say("unstoppable"); process.kill(process.pid, "SIGKILL"); }, 2_000);
}, 500));`;

export type Look = (flags: readonly string[]) => Promise<"stopped" | "unstoppable">;

export async function checkLoops(look: Look = tryLoop): Promise<Finding> {
  let plain: Awaited<ReturnType<Look>>;
  try {
    plain = await look([]);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_ACCESS_DENIED") throw error;
    return {
      name: "loops",
      verdict: "warn",
      seen: "not looked at: no process may be started",
      means: "From Node 24 on some loops cannot be stopped unless killableLoops is set.",
      todo: "Run the doctor with --allow-child-process, or without --permission.",
      facts: { stopped: null, stoppedWithFlag: null },
    };
  }
  if (plain === "stopped") {
    return {
      name: "loops",
      verdict: "ok",
      seen: "a loop with new Array(n) was stopped",
      means: "A thread that computes for ever can be killed.",
      facts: { stopped: true, stoppedWithFlag: null },
    };
  }
  const isCured = (await look([KILLABLE_LOOPS_FLAG])) === "stopped";
  return {
    name: "loops",
    verdict: "warn",
    seen: `a loop with new Array(n) could not be stopped; with ${KILLABLE_LOOPS_FLAG} it ${isCured ? "was" : "could not either"}`,
    means:
      "A thread in such a loop outlives its kill: its tasks reject and it is replaced, yet it uses a core, and only a signal ends the process.",
    todo: isCured
      ? "Start with { killableLoops: true }, which sets that flag of V8 for the whole process."
      : "End such processes by a signal (SIGKILL).",
    facts: { stopped: false, stoppedWithFlag: isCured },
  };
}

function tryLoop(flags: readonly string[]): Promise<"stopped" | "unstoppable"> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, "-e", PROGRAM], { timeout: LIMIT_MS, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (stdout === "stopped" || stdout === "unstoppable") resolve(stdout);
      else reject(error ?? new Error(`expected one word from the process that was looked at, got ${stdout}${stderr}`));
    });
  });
}
