/**
 * Own process: a contender in a process of its own for all its rounds, so that what one contender ran does not shape the code the engine compiles for
 * the next. The harness still runs them in turns: while one works, the others' processes sleep.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Order, Which } from "./own-process-entry.ts";
import type { Contender, Sample } from "./scenario.ts";

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./own-process-entry.ts" : "./own-process-entry.js", import.meta.url),
);
const CLOSE_LIMIT_MS = 5_000;

/** The contender that `which` names, elsewhere. `onOthers` is told after each round what share of the cores other programs used, and for how long. */
export function inOwnProcess(contender: Contender, which: Which, onOthers: (share: number, ms: number) => void): Contender {
  let child: ChildProcess;
  return {
    name: contender.name,
    family: contender.family,
    async open() {
      child = fork(ENTRY, [JSON.stringify(which)]);
      await ask(child, "open");
    },
    async run(): Promise<Sample> {
      const { sample, othersShare, ms } = await ask(child, "run");
      onOthers(othersShare!, ms!);
      return sample!;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      const watchdog = setTimeout(() => child.kill("SIGKILL"), CLOSE_LIMIT_MS);
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
