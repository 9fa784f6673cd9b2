// An operation: anything that can be tried, waited for and taken back. trySend, send and sendSync are one algorithm behind three doors; so is
// every other primitive that waits. A case is an operation that can stand beside others in a select.

import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";

export interface Operation {
  readonly thread: Thread;
  /** What it is, for messages: "recv", "send". */
  readonly what: string;
  /** The operation's record stays in use after success: what was taken is noted in it. */
  readonly isKept?: boolean;
  /** A wait for it does not keep the process alive. */
  readonly isBackground?: boolean;
  /**
   * Tries (mode 0: OK, CLOSED or BLOCK) or registers (LINK: OK, CLOSED or PARKED). What is found not ready is linked in the same call that found it so:
   * nothing is missed in between.
   */
  start(op: Op, mode: number): number;
  /** Takes back what is linked, after the operation was cancelled. */
  withdraw(op: Op): void;
}

/** The key under which a value offers itself as a case of a select. */
export const CASE: unique symbol = Symbol("heddle.case");

/** One case: a receive or a send on one channel. */
export interface Case<T> {
  readonly thread: Thread;
  /** Equal for two cases that are the same direction of the same channel; a select keeps one of them. */
  readonly key: number;
  /** Writes direction, case number and value into a node. Throws when the value finds no room. */
  prepare(op: Op, index: number): void;
  /** One call of the transition; mode as in layout.ts. OK · CLOSED · BLOCK · PARKED · FIRED. */
  attempt(node: number, mode: number): number;
  withdraw(node: number): void;
  /** What the case gives once it was chosen: a received value or CLOSED, undefined for a send. Throws for a send on a closed channel. */
  finish(status: number, op: Op): T;
  /** It was prepared and another case was chosen, or none. */
  abandon(): void;
}

/** The key of a single try, for cases that need no preparation: receives. */
export const TRY: unique symbol = Symbol("heddle.try");
/** The key of a guess whether that try would succeed: cheap, and nothing more than a guess. */
export const LOOKS_READY: unique symbol = Symbol("heddle.looks-ready");
export const NOT_READY: unique symbol = Symbol("heddle.not-ready");

export interface HasCase<T> {
  [CASE](): Case<T>;
  /** Makes the case happen now and answers what it gives, or NOT_READY. */
  [TRY]?(): T | typeof NOT_READY;
  /** Beside [TRY]. */
  readonly [LOOKS_READY]?: boolean;
}

/** The key under which a value offers several cases that mean one thing: whichever happens. */
export const CASES: unique symbol = Symbol("heddle.cases");

export interface HasCases<T> {
  /** Channels, receivers and timers. */
  [CASES](): readonly unknown[];
  [TRY](): T | typeof NOT_READY;
  readonly [LOOKS_READY]: boolean;
}
