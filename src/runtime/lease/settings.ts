// The options of a leased queue, their defaults and checks.

import { invalidArg } from "../errors.ts";

const CAPACITY_MAX = 2 ** 30;
const ATTEMPTS_MAX = 2 ** 30;

/** Options of rt.leasedQueue(). `Q`: the class of the queue. */
export interface QueueOptions<Q> {
  /** Jobs that may wait before producers do: a whole number from 1. */
  capacity: number;
  /** How often a job is handed out before it goes to the dead letters: a whole number from 1, or Infinity. Default 3. */
  attempts?: number | undefined;
  /** Where such jobs go: a leased queue of the same codec, which ends after this one. Default: one of its own, `queue.deadLetters`. */
  deadLetters?: Q | undefined;
  /** How long a job may stay unacknowledged before it is handed out again: milliseconds, more than 0. Default Infinity: as long as its thread lives. */
  leaseMs?: number | undefined;
}

export interface Settings<Q> {
  readonly capacity: number;
  /** 0: no end of them. */
  readonly attempts: number;
  readonly deadLetters: Q | undefined;
  readonly leaseMs: number;
}

export function settingsOf<Q>(options: QueueOptions<Q>): Settings<Q> {
  if (typeof options !== "object" || options === null)
    throw invalidArg("leasedQueue: options", "an object { capacity, attempts, deadLetters, leaseMs }", options);
  const { capacity, attempts = 3, deadLetters, leaseMs = Number.POSITIVE_INFINITY } = options;
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > CAPACITY_MAX)
    throw invalidArg("capacity", `a whole number from 1 to ${CAPACITY_MAX}`, capacity);
  const isEndless = attempts === Number.POSITIVE_INFINITY;
  if (!isEndless && (!Number.isInteger(attempts) || attempts < 1 || attempts > ATTEMPTS_MAX))
    throw invalidArg("attempts", `a whole number from 1 to ${ATTEMPTS_MAX}, or Infinity`, attempts);
  if (typeof leaseMs !== "number" || !(leaseMs > 0)) throw invalidArg("leaseMs", "milliseconds, more than 0", leaseMs);
  if (isEndless && deadLetters !== undefined) throw invalidArg("deadLetters", "none where attempts have no end", deadLetters);
  return { capacity, attempts: isEndless ? 0 : attempts, deadLetters, leaseMs };
}
