/**
 * Check, plain: the parts one after the other on one thread; in the damaged set the first failure ends the loop.
 */
import type { OnShare } from "../job.ts";
import { type CheckPart, checkPart, NotAModuleError } from "./checking.ts";
import { verdictOf } from "./verdict.ts";

export function plainCheck(sound: readonly CheckPart[], damaged: readonly CheckPart[], onShare: OnShare): string {
  const characters = sound.map((part, i) => {
    onShare(i / sound.length);
    return checkPart(part);
  });
  try {
    for (const part of damaged) checkPart(part);
  } catch (error) {
    if (error instanceof NotAModuleError) return verdictOf(characters, error);
    throw error;
  }
  throw new Error("the damage was not noticed");
}
