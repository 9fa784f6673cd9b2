// The options of a queue, their defaults and checks.

import { invalidArg } from "../../runtime/errors.ts";

/**
 * What becomes of a job that finds the queue full: 'block' (the default): its producer waits. 'reject': ERR_QUEUE_FULL. 'drop-newest': it is dropped.
 * 'drop-oldest': the one that has waited longest is. 'caller-runs': `run` is called with it, here and now.
 */
export type QueueFull = "block" | "reject" | "drop-newest" | "drop-oldest" | "caller-runs";

/** When a queue is overloaded: for a whole interval every job has waited longer than is acceptable. */
export interface ShedOptions {
  /** The wait that is acceptable. Milliseconds, more than 0. */
  targetMs: number;
  /** Over how long a time it must be exceeded by all jobs before any is shed. Milliseconds, default 100. */
  intervalMs?: number;
}

/** Options of queue(). */
export interface QueueOptions<T> {
  /** Jobs that may wait: a whole number from 1. */
  capacity: number;
  whenFull?: QueueFull;
  /** With 'caller-runs', which needs it: the work itself. Not carried to other threads: queueOf takes it there. */
  run?: (value: T) => unknown;
  /** How often a job is handed out before it goes to the dead letters: a whole number from 1, or Infinity. Default 3. */
  attempts?: number;
  /** How long a job may stay unacknowledged before it is handed out again. Milliseconds, more than 0. Default Infinity: as long as its thread lives. */
  leaseMs?: number;
  /** How long a job may wait before it is too late for it. Milliseconds, more than 0, default Infinity. */
  ttlMs?: number;
  /** Sheds load when jobs wait too long. Default: none is shed. */
  shed?: ShedOptions;
}

/** What crosses threads of them. */
export interface QueueSettings {
  readonly whenFull: QueueFull;
  readonly isEndless: boolean;
  readonly ttlMs: number;
  readonly shed: Required<ShedOptions> | undefined;
}

const POLICIES: readonly unknown[] = ["block", "reject", "drop-newest", "drop-oldest", "caller-runs"];
const DEFAULT_INTERVAL_MS = 100;

/** The rest is checked where the leased queue is made. */
export function queueSettings<T>(options: QueueOptions<T>): QueueSettings {
  if (typeof options !== "object" || options === null) throw invalidArg("queue: options", "an object { capacity }", options);
  const { whenFull = "block", attempts = 3, ttlMs = Number.POSITIVE_INFINITY, shed, run } = options;
  if (!POLICIES.includes(whenFull)) throw invalidArg("queue: whenFull", `one of ${POLICIES.join(", ")}`, whenFull);
  checkDuration("queue: ttlMs", ttlMs);
  checkRun(whenFull, run);
  if (shed !== undefined && (typeof shed !== "object" || shed === null)) throw invalidArg("queue: shed", "an object { targetMs }", shed);
  const shedding = shed && { targetMs: shed.targetMs, intervalMs: shed.intervalMs ?? DEFAULT_INTERVAL_MS };
  if (shedding) {
    checkDuration("queue: shed.targetMs", shedding.targetMs);
    checkDuration("queue: shed.intervalMs", shedding.intervalMs);
  }
  return { whenFull, isEndless: attempts === Number.POSITIVE_INFINITY, ttlMs, shed: shedding };
}

export function checkRun(whenFull: QueueFull, run: unknown): void {
  if (run !== undefined && typeof run !== "function") throw invalidArg("queue: run", "a function", run);
  if (whenFull === "caller-runs" && !run) throw invalidArg("queue: run", "a function with 'caller-runs'", run);
}

export function checkDuration(what: string, ms: unknown): void {
  if (typeof ms !== "number" || !(ms > 0)) throw invalidArg(what, "milliseconds, more than 0", ms);
}
