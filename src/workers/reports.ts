// Reports: what a thread must tell the supervising one, through a task queue that only that one serves. A report is a task like any other, so it keeps
// the process alive until it was read, and survives the death of the thread that sent it.

import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";

/** What a report is about; its first byte. */
export const REPORT_FAILURE = 0;
export const REPORT_KILL = 1;

export interface ReportReader {
  /** An error (encoded) that nobody joined. */
  onFailure(error: Uint8Array): void;
  /** A task (record, generation and why, encoded) whose thread is to be killed. */
  onKill(task: Uint8Array): void;
}

/** Tells the supervising thread. */
export function sendReport(thread: Thread, about: number, bytes: Uint8Array): void {
  const report = new Uint8Array(1 + bytes.byteLength);
  report[0] = about;
  report.set(bytes, 1);
  const payload = thread.store("a report", report);
  thread.call("a report", (fn) => fn.taskGo(thread.slot, thread.epoch, L.QUEUE_REPORTS_AT, payload));
}

/** Supervising thread: reads every report there is; it is woken for the next one. */
export function readReports(thread: Thread, reader: ReportReader): boolean {
  let any = false;
  for (;;) {
    const status = thread.call("take", (fn) => fn.taskTake(thread.slot, thread.epoch, L.QUEUE_REPORTS_AT, L.TAKE_OR_IDLE));
    if (status === L.NONE) return any;
    any = true;
    const task = thread.answeredGen >>> 0;
    const report = thread.take(thread.answered);
    thread.call("finish", (fn) => fn.taskFinish(thread.slot, thread.epoch, task, L.OUTCOME_RESULT, 0));
    if (report[0] === REPORT_KILL) reader.onKill(report.subarray(1));
    else reader.onFailure(report.subarray(1));
  }
}
