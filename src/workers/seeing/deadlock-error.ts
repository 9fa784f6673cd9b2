// A deadlock as an error: who waits on what, where and since when.

import { HeddleError } from "../../runtime/errors.ts";
import type { Inspection } from "./inspect.ts";
import type { InspectedThread } from "./inspected.ts";
import { waitLines } from "./inspection-text.ts";

type Threads = readonly InspectedThread[];

/** Waits that can never end. Its message names them all; `inspection` is the whole picture. */
export class DeadlockError extends HeddleError {
  /** 'cycle': threads blocked at locks that they themselves hold; 'all-asleep': nothing in the process is left that could wake anybody. */
  readonly kind: "cycle" | "all-asleep";
  /** The threads that take part, each with what it waits for. */
  readonly threads: Threads;
  readonly inspection: Inspection;

  /** @internal */
  constructor(kind: DeadlockError["kind"], threads: Threads, inspection: Inspection) {
    super("ERR_DEADLOCK", [HEADLINES[kind], ...threads.flatMap((thread) => linesOf(thread, inspection))].join("\n"));
    this.name = "DeadlockError";
    this.kind = kind;
    this.threads = threads;
    this.inspection = inspection;
  }
}

const HEADLINES = {
  cycle: "deadlock: threads that wait for each other",
  "all-asleep": "deadlock: every thread is asleep, and nothing is left that could wake one",
};

function linesOf({ threadId, serves, waits, tasks }: InspectedThread, { at, syncs, leasedQueues }: Inspection): string[] {
  const role = serves === "nobody" ? "supervising" : serves;
  const names = tasks.map((task) => task.name).filter((name) => name !== "");
  const running = names.length === 0 ? "" : `, which runs ${[...new Set(names)].join(", ")},`;
  const who = `thread ${threadId} (${role})${running}`;
  if (waits.length === 0) return tasks.length === 0 ? [] : [`${who} awaits something outside the heap that nothing will settle`];
  return waits.flatMap((wait) => {
    const [what, ...where] = waitLines(wait, at);
    const awaited = [...syncs, ...leasedQueues].filter(({ number }) => wait.on.some((on) => on.split(" ").includes(String(number))));
    const held = awaited.filter(({ holders }) => holders.length > 0);
    const holders = held.map((one) => `, held by thread ${[...new Set(one.holders)].join(", ")}`).join("");
    return [`${who} ${what}${holders}`, ...where];
  });
}
