// Loops that the engine cannot interrupt. From V8 13 on (Node 24) an optimised loop that contains `new Array(n)` with a constant n of 33 or more may be
// unrolled without the check at which terminate() stops a thread: neither that nor process.exit() ends it, only a signal does. A flag of the engine
// forbids the unrolling; it holds for the whole process, so it is set only when asked for.

import { setFlagsFromString } from "node:v8";

export const KILLABLE_LOOPS_FLAG = "--no-turboshaft-loop-unrolling";
const FIRST_MAJOR = 13;
let hasWarned = false;
let isSet = false;

/** Before the first thread: sets the flag where it is needed and wanted; warns once where it is needed and nobody said whether it is wanted. */
export function settleLoops(wanted: boolean | undefined): void {
  if (isSet || !isNeeded()) return;
  if (wanted === undefined) {
    if (hasWarned) return;
    hasWarned = true;
    process.emitWarning(
      "some loops of this engine cannot be stopped by killing their thread; start with { killableLoops: true } to have the flag " +
        `${KILLABLE_LOOPS_FLAG} set for this process, or with false to keep silent`,
      { type: "HeddleWarning", code: "HEDDLE_UNKILLABLE_LOOPS" },
    );
  } else if (wanted) {
    isSet = true;
    setFlagsFromString(KILLABLE_LOOPS_FLAG);
  }
}

function isNeeded(): boolean {
  const isSet =
    process.execArgv.includes(KILLABLE_LOOPS_FLAG) || (process.env.NODE_OPTIONS ?? "").split(/\s+/).includes(KILLABLE_LOOPS_FLAG);
  return !isSet && Number.parseInt(process.versions.v8, 10) >= FIRST_MAJOR;
}
