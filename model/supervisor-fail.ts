// Failing the tasks a dead thread was running, each with a block that tells why.

import * as L from "../src/runtime/memory/layout.ts";
import { runningTaskOf } from "./records.ts";
import * as R from "./registers.ts";
import { victim } from "./staff.ts";
import { fn, repeat } from "./supervisor-calls.ts";
import { step, type Thread } from "./thread.ts";

let afterwards = 0;
/** Where the supervisor goes on once none is left. */
export function whenNoneIsLeft(next: number): void {
  afterwards = next;
}

export function failTasks(t: Thread): void {
  const task = runningTaskOf(t.world, victim(t).slot, victim(t).epoch);
  t.setRegister(R.TASK, task);
  t.goTo(task === 0 ? afterwards : failing);
}
const failing = step("cause of death", (t) => t.call(fn.blockAlloc!, causeMade, t.slot, t.epoch, 8));
const causeMade = step("cause made", (t, status) => {
  if (repeat(t, status, failing, L.OK)) return;
  t.setRegister(R.HELD, t.read(t.slot + L.SLOT_RESULT));
  t.goTo(t.history.model.isCrowded ? beside : failingNow);
});
// A supervisor with blocks of its own on both sides of the cause; and a cause that is not its own is refused.
const beside = step("a block beside the cause", (t) => t.call(fn.blockAlloc!, besideMade, t.slot, t.epoch, 8));
const besideMade = step("a block beside it made", (t, status) => {
  if (repeat(t, status, beside, L.OK)) return;
  t.goTo(t.history.block(0) === 0 ? failingNow : failWrongly);
});
const failWrongly = step("fail with another's block", (t) =>
  t.call(fn.taskFail!, failedWrongly, t.slot, t.epoch, t.register(R.TASK), t.history.block(0)),
);
const failedWrongly = step("failed with another's block?", (t, status) => {
  if (!repeat(t, status, failWrongly, L.NONE)) t.goTo(failingNow);
});
const failingNow = step("fail a task", (t) => t.call(fn.taskFail!, failed, t.slot, t.epoch, t.register(R.TASK), t.register(R.HELD)));
const failed = step("failed a task", (t, status) => {
  if (repeat(t, status, failingNow, L.OK)) return;
  if (runningTaskOf(t.world, victim(t).slot, victim(t).epoch) === t.register(R.TASK)) t.fail("a failed task still stands as running");
  t.setRegister(R.HELD, 0);
  failTasks(t);
});
