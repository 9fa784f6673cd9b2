// All checks, one after the other: none disturbs another's figures.

import { checkEngine, thisEngine } from "./engine.ts";
import type { Check, Finding } from "./finding.ts";
import { checkFlags, theseFlags } from "./flags.ts";
import { checkHeap } from "./heap.ts";
import { checkKills } from "./kills.ts";
import { checkLoops } from "./loops.ts";
import { checkCores, checkMemory } from "./machine.ts";
import { checkThreads } from "./threads.ts";

export const CHECKS: readonly Check[] = [
  { name: "node", look: () => checkEngine(thisEngine()) },
  { name: "flags", look: () => checkFlags(theseFlags()) },
  { name: "cores", look: () => checkCores() },
  { name: "memory", look: () => checkMemory() },
  { name: "heap", look: () => checkHeap() },
  { name: "threads", look: () => checkThreads() },
  { name: "kills", look: () => checkKills() },
  { name: "loops", look: () => checkLoops() },
];

/** Makes every check, whatever becomes of the others. */
export async function* examine(checks: readonly Check[] = CHECKS): AsyncGenerator<Finding> {
  for (const { name, look } of checks) {
    try {
      yield await look();
    } catch (error) {
      yield failure(name, error);
    }
  }
}

function failure(name: string, error: unknown): Finding {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return {
    name,
    verdict: "fail",
    seen: `${String(code ?? "error")}: ${String(message ?? error)}`,
    means: "The check could not be made.",
    ...(code === "ERR_ACCESS_DENIED" && { todo: "Allow it: --allow-worker and --allow-fs-read." }),
    facts: { code: code === undefined ? null : String(code) },
  };
}
