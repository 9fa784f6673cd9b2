// Mutants that change nothing a thread could notice, with the reason: by rule where the code shows it, else by name.

import { SLOT_PARK } from "../src/runtime/memory/layout.ts";
import { shipped } from "./interpreter.ts";
import type { NamedMutant } from "./mutants.ts";

const BY_NAME: Record<string, string> = {};

/** Why this mutant cannot be noticed, or undefined. */
export function whyEquivalent(mutant: NamedMutant): string | undefined {
  const code = shipped.functions.find(({ name }) => name === mutant.fn)!.code;
  const before = code.slice(Math.max(0, mutant.index - 8), mutant.index);
  const isWake = mutant.op.includes("cmpxchg") && before.some(({ op, value }) => op === "i32.const" && value === SLOT_PARK);
  if (isWake && mutant.change === "nostore") {
    return "the sleeper sets its park word itself when it goes on; a second notify in between is a spurious wake, which it expects";
  }
  return BY_NAME[mutant.name];
}
