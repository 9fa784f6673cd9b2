// node:diagnostics_channel: what tracing tools subscribe to, by name. Nothing is done while nobody does.
//
//   tracing:heddle.task:start · end · asyncStart · asyncEnd · error    a task, on the thread that starts it; one TaskTrace object for all five
//   heddle.thread.start · heddle.thread.death                          a thread, on the supervising thread
//   heddle.deadlock                                                    as rt.on("deadlock")

import { channel, tracingChannel } from "node:diagnostics_channel";
import type { TaskOutcome } from "../task.ts";

/** What the channels of a task carry: the same object from its start to its end. */
export interface TaskTrace {
  readonly name: string;
  readonly url: string;
  /** How it ended, once it has. */
  outcome?: TaskOutcome;
  /** Where it has failed. */
  error?: unknown;
}

/** What the diagnostics channels of threads carry. */
export interface ThreadTrace {
  readonly runtime: number;
  readonly threadId: number;
  /** Of a start: it takes the place of one that has died. Of a death: why. */
  readonly isReplacement?: boolean;
  readonly reason?: string;
}

const task = tracingChannel<unknown, TaskTrace>("heddle.task");
export const threadStart = channel("heddle.thread.start");
export const threadDeath = channel("heddle.thread.death");
export const deadlockFound = channel("heddle.deadlock");

/** Tells that a task was started; undefined while nobody wants to know. */
export function traceStart(name: string, url: string): TaskTrace | undefined {
  const { start, end, asyncStart, asyncEnd, error } = task;
  if (!start.hasSubscribers && !end.hasSubscribers && !asyncStart.hasSubscribers && !asyncEnd.hasSubscribers && !error.hasSubscribers)
    return undefined;
  const trace: TaskTrace = { name, url };
  start.publish(trace);
  end.publish(trace);
  return trace;
}

/** Tells that it has ended. */
export function traceEnd(trace: TaskTrace, outcome: TaskOutcome, error: unknown): void {
  trace.outcome = outcome;
  if (error !== undefined) {
    trace.error = error;
    task.error.publish(trace);
  }
  task.asyncStart.publish(trace);
  task.asyncEnd.publish(trace);
}
