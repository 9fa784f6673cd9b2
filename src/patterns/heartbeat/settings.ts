// The options of a heartbeat, their defaults and checks.

import { invalidArg } from "../../runtime/errors.ts";
import { type EndOptions, endOf } from "../ending.ts";
import { checkGrace } from "../run.ts";

/** Options of heartbeat(). */
export interface HeartbeatOptions extends EndOptions {
  /** The interval. Milliseconds, 10 or more, default 1,000. */
  everyMs?: number;
  /** Intervals without a pulse until a task is unhealthy. Default 3, minimum 1. */
  missed?: number;
  /** What counts as a pulse. 'work' (default): what the task beats. 'interval': also a turn of its thread's event loop, once an interval. */
  by?: "work" | "interval";
  /** How long the first pulse may take. Milliseconds, default 30,000, minimum `everyMs`, Infinity allowed. */
  startMs?: number;
  /** The task has an OS thread of its own. Default true: what is seen of a thread is then seen of its task. */
  dedicated?: boolean;
  /** How long a task may go on once it was stopped, before its thread is killed and replaced. Milliseconds, default Infinity, minimum 0. */
  graceMs?: number;
}

export interface HeartbeatSettings {
  readonly everyMs: number;
  readonly missed: number;
  readonly by: "work" | "interval";
  readonly startMs: number;
  readonly dedicated: boolean;
  readonly graceMs: number;
  readonly signal: AbortSignal | undefined;
}

const LEAST_MS = 10;

export function heartbeatSettings(what: string, options: HeartbeatOptions): HeartbeatSettings {
  if (typeof options !== "object" || options === null) throw invalidArg(`${what}: options`, "an object", options);
  const { everyMs = 1_000, missed = 3, by = "work", dedicated = true, graceMs = Number.POSITIVE_INFINITY } = options;
  if (typeof everyMs !== "number" || !(everyMs >= LEAST_MS && everyMs < 2 ** 31)) {
    throw invalidArg(`${what}: everyMs`, `milliseconds, ${LEAST_MS} or more`, everyMs);
  }
  if (!Number.isInteger(missed) || missed < 1) throw invalidArg(`${what}: missed`, "a whole number from 1", missed);
  if (by !== "work" && by !== "interval") throw invalidArg(`${what}: by`, "'work' or 'interval'", by);
  const { startMs = Math.max(everyMs, 30_000) } = options;
  if (typeof startMs !== "number" || !(startMs >= everyMs)) throw invalidArg(`${what}: startMs`, "milliseconds, everyMs or more", startMs);
  if (typeof dedicated !== "boolean") throw invalidArg(`${what}: dedicated`, "true or false", dedicated);
  return { everyMs, missed, by, startMs, dedicated, graceMs: checkGrace(what, graceMs), signal: endOf(what, options) };
}
