// node:diagnostics_channel: what tracing tools subscribe to, by name. Nothing is done while nobody does.
//
//   tracing:heddle.task:start · end · asyncStart · asyncEnd · error    a task, on the thread that starts it; one TaskTrace object for all five
//   tracing:heddle.pool:…, tracing:heddle.service:…                    the same of a call of a pool or service; one CallTrace object
//   heddle.service.start                                               a service runs, for the first time or again
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

/** What the channels of a call carry: the same object from its start to its end. */
export interface CallTrace {
  readonly name: string;
  /** The module's URL for a pool, its name for a service. */
  readonly of: string;
  /** How it ended, once it has. */
  outcome?: "finished" | "failed";
  /** Where it has failed, or was refused, ended by a timeout or signal, or lost with its thread. */
  error?: unknown;
}

/** What the channels of services carry. */
export interface ServiceTrace {
  readonly service: string;
  /** 0 for the calling thread. */
  readonly threadId: number;
  /** How often it was started again by now: 0 for the first start. */
  readonly restarts: number;
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
export const poolTracing = tracingChannel<unknown, CallTrace>("heddle.pool");
export const serviceTracing = tracingChannel<unknown, CallTrace>("heddle.service");
export const serviceStart = channel("heddle.service.start");
export const threadStart = channel("heddle.thread.start");
export const threadDeath = channel("heddle.thread.death");
export const deadlockFound = channel("heddle.deadlock");

type Settle = (value: unknown) => void;

/** Tells that a call was made; answers what settles it and tells that it has ended: the functions given, while nobody wants to know. */
export function traced(
  tracing: typeof poolTracing,
  name: string,
  of: string,
  resolve: Settle,
  reject: Settle,
): readonly [resolve: Settle, reject: Settle] {
  if (!isHeard(tracing)) return [resolve, reject];
  const trace: CallTrace = { name, of };
  const end = (outcome: "finished" | "failed") => {
    trace.outcome = outcome;
    if (outcome === "failed") tracing.error.publish(trace);
    tracing.asyncStart.publish(trace);
    tracing.asyncEnd.publish(trace);
  };
  tracing.start.publish(trace);
  tracing.end.publish(trace);
  return [
    (value) => {
      resolve(value);
      end("finished");
    },
    (error) => {
      reject(error);
      trace.error = error;
      end("failed");
    },
  ];
}

export function isHeard({ start, end, asyncStart, asyncEnd, error }: typeof poolTracing | typeof task): boolean {
  return start.hasSubscribers || end.hasSubscribers || asyncStart.hasSubscribers || asyncEnd.hasSubscribers || error.hasSubscribers;
}

/** Tells that a task was started; undefined while nobody wants to know. */
export function traceStart(name: string, url: string): TaskTrace | undefined {
  if (!isHeard(task)) return undefined;
  const trace: TaskTrace = { name, url };
  task.start.publish(trace);
  task.end.publish(trace);
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
