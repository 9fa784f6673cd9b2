// A trace as text: the case set up anew, its choices made one by one and described.

import type { Scene } from "./build.ts";
import { apply, checkEnd, describe, listChoices } from "./choices.ts";
import { NAMES } from "./interpreter.ts";
import { Violation } from "./world.ts";

export function replay(scene: Scene, trace: readonly number[]): string[] {
  const lines: string[] = [];
  try {
    for (const choice of trace) {
      lines.push(`${String(lines.length).padStart(4)}  ${describe(scene, choice, NAMES)}`);
      apply(scene, choice);
    }
    const left: number[] = [];
    listChoices(scene, left);
    lines.push(`      then: ${left.map((choice) => describe(scene, choice, NAMES)).join(" | ") || "nothing"}`);
    checkEnd(scene);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    lines.push(`      ${error.message}`);
  }
  return lines;
}
