// Mutants that change nothing a thread could notice, with the reason: by rule where the code shows it, else by name (as of the bytes at hand).

import { HEAP_SUPERVISOR_AT, SLOT_PARK } from "../src/runtime/memory/layout.ts";
import { shipped } from "./interpreter.ts";
import type { NamedMutant } from "./mutants.ts";

const HEAD_OF_QUEUE = "taskTake takes the head of the queue, which has no predecessor";
const HEAD_OF_IDLE = "the head of the idle list is taken, which has no predecessor";
const AWAKE = "the supervisor fails tasks itself and is awake: waking it does nothing";

const BY_NAME: Record<string, string> = {
  "taskTake:93 never if": HEAD_OF_QUEUE,
  "taskTake:96 drop i32.store +20": HEAD_OF_QUEUE,
  "taskTake:96 wrong i32.store +20": HEAD_OF_QUEUE,
  "taskTake:209 never if": HEAD_OF_IDLE,
  "taskTake:212 drop i32.store +512": HEAD_OF_IDLE,
  "taskTake:212 wrong i32.store +512": HEAD_OF_IDLE,
  "taskGo:272 never if": HEAD_OF_IDLE,
  "taskGo:275 drop i32.store +512": HEAD_OF_IDLE,
  "taskGo:275 wrong i32.store +512": HEAD_OF_IDLE,
  "taskKick:26 never if": HEAD_OF_IDLE,
  "taskKick:29 drop i32.store +512": HEAD_OF_IDLE,
  "taskKick:29 wrong i32.store +512": HEAD_OF_IDLE,
  "taskFail:147 invert if": AWAKE,
  "taskFail:147 never if": AWAKE,
  "taskFail:153 invert if": AWAKE,
  "taskFail:153 never if": AWAKE,
  "taskFail:162 invert if": AWAKE,
  "taskFail:162 never if": AWAKE,
  "taskFail:172 drop memory.atomic.notify +0": AWAKE,
  "taskCollect:81 wrong i32.store +8": "a generation that moves on by two is as new as one that moves on by one",
  "taskGo:214 drop i32.store +52": "a joiner's epoch is compared only after it was retired, and then any older one differs",
  "taskCancel:137 drop i32.store +32": "taskCollect has cleared the result of the record before",
  "slotOpen:21 drop i32.atomic.store +252": "a park word left by the dead costs its heir one needless notify",
};

/** Why this mutant cannot be noticed, or undefined. */
export function whyEquivalent(mutant: NamedMutant): string | undefined {
  const code = shipped.functions.find(({ name }) => name === mutant.fn)!.code;
  const near = code.slice(Math.max(0, mutant.index - 8), mutant.index);
  const isWake = mutant.op.includes("cmpxchg") && near.some(({ op, value }) => op === "i32.const" && value === SLOT_PARK);
  if (isWake && mutant.change === "nostore") {
    return "the sleeper sets its park word itself when it goes on; a second notify before that is a spurious wake, which it expects";
  }
  const before = code.slice(Math.max(0, mutant.index - 14), mutant.index);
  if (isWake && before.some(({ op, value }) => op === "i32.const" && value === HEAP_SUPERVISOR_AT)) {
    return "the supervisor sleeps in its event loop only: its park word does not change from one kind of sleep to the other in between";
  }
  return BY_NAME[mutant.name];
}
