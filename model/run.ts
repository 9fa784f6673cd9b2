// From one instruction of a program to the next.

import * as R from "./registers.ts";
import type { Thread } from "./thread.ts";
import * as T from "./thread.ts";

const starts = new Map<string, number>();

/** The step that begins an instruction; each file of steps registers its own. */
export function begins(instruction: string, first: number): void {
  starts.set(instruction, first);
}

export function begin(t: Thread): void {
  if (t.at >= t.program.length) {
    t.stop(T.FINISHED);
    return;
  }
  const first = starts.get(t.instruction.do);
  if (first === undefined) throw new Error(`no step begins ${t.instruction.do}`);
  t.goTo(first);
}

/** The instruction is over. */
export function finish(t: Thread): void {
  if (t.instruction.do === "await") t.setRegister(R.STARTED_AT, 0);
  t.clearRegisters(R.LOCAL, R.END);
  if (t.register(R.STARTED_AT) === 0) t.clearRegisters(R.SETTLED, R.SETTLED + 8);
  else t.setRegister(R.SETTLED, 0);
  t.at += 1;
  begin(t);
}
