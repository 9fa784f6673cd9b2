// Reports: what a thread must tell the supervising one, through a task queue that only that one serves. A report is a task like any other, so it keeps
// the process alive until it was read, and survives the death of the thread that sent it.

import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";

/** Tells the supervising thread of an error (encoded) that nobody joined. */
export function sendReport(thread: Thread, error: Uint8Array): void {
  const payload = thread.store("a report", error);
  thread.call("a report", (fn) => fn.taskGo(thread.slot, thread.epoch, L.QUEUE_REPORTS_AT, payload));
}

/** Supervising thread: reads every report there is; it is woken for the next one. */
export function readReports(thread: Thread, onReport: (error: Uint8Array) => void): boolean {
  let any = false;
  for (;;) {
    const status = thread.call("take", (fn) => fn.taskTake(thread.slot, thread.epoch, L.QUEUE_REPORTS_AT, L.TAKE_OR_IDLE));
    if (status === L.NONE) return any;
    any = true;
    const task = thread.answeredGen >>> 0;
    const error = thread.take(thread.answered);
    thread.call("finish", (fn) => fn.taskFinish(thread.slot, thread.epoch, task, L.OUTCOME_RESULT, 0));
    onReport(error);
  }
}
