/**
 * Own process: a contender in a process of its own for all its rounds, so that what one contender ran does not shape the code the engine compiles for
 * the next. The harness still runs them in turns: while one works, the others' processes sleep.
 *
 * Each leads a process group, so that Ctrl-C at the terminal is heard by the run alone, and what the contender started ends with it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { interruption } from "./interruption.ts";
import type { Answer, Order, Which } from "./own-process-entry.ts";
import type { Contender, Sample } from "./scenario.ts";

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./own-process-entry.ts" : "./own-process-entry.js", import.meta.url),
);
const CLOSE_LIMIT_MS = 5_000;

/** The contender that `which` names, elsewhere. `onOthers` is told after each round what share of the cores other programs used, and for how long. */
export function inOwnProcess(contender: Contender, which: Which, onOthers: (share: number, ms: number) => void): Contender {
  let child: ChildProcess;
  const kill = () => killGroup(child);
  return {
    name: contender.name,
    family: contender.family,
    async open() {
      child = fork(ENTRY, [JSON.stringify(which)], { detached: true });
      interruption.signal.addEventListener("abort", kill, { once: true });
      await ask(child, "open");
    },
    async run(): Promise<Sample> {
      const { sample, othersShare, ms } = await ask(child, "run");
      onOthers(othersShare!, ms!);
      return sample!;
    },
    async close() {
      interruption.signal.removeEventListener("abort", kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      const watchdog = setTimeout(kill, CLOSE_LIMIT_MS);
      try {
        await ask(child, "close");
      } finally {
        if (child.connected) child.disconnect();
        await exited;
        clearTimeout(watchdog);
      }
    },
  };
}

/** Ends a process and those that it started. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended already
  }
}

function ask(child: ChildProcess, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: Answer) => {
      child.off("exit", onExit);
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(answer.error));
    };
    const onExit = (code: number | null, signal: string | null) => {
      child.off("message", onMessage);
      reject(new Error(`the process of a contender ended with ${signal ?? `code ${code}`}`));
    };
    child.once("message", onMessage);
    child.once("exit", onExit);
    child.send(order, (error) => {
      if (error) reject(error);
    });
  });
}
