// The three doors of an operation: try, wait as a promise, wait by blocking the thread.
//
//   try      start(mode 0)
//   async    start(LINK) → PARKED → the thread's ready list settles it │ signal or timeout: cancel → withdraw → reject
//   sync     start(LINK) → PARKED → Parker.block                      │ timeout: the same
//
// Cancel races with the peer that fires on one word: whoever loses goes the other's way, so a value is never both delivered and given up.

import { type Deadline, deadlineOf, type WaitOptions } from "../deadline.ts";
import { AbortError, TimeoutError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Operation } from "./operation.ts";

/** Takes the outcome of an operation over before its record is released. */
export type Finish<T> = (status: number, op: Op) => T;

/** Something of this thread alone that may end the wait before any peer does: a timer case. */
export interface Alarm<T> {
  readonly dueMs: Deadline;
  readonly take: () => T;
}

/** OK or CLOSED once a fired operation was settled. */
function outcome(op: Op): number {
  return op.isClosed ? L.CLOSED : L.OK;
}

/**
 * Waits on this thread, blocking it. Answers what `finish` makes of OK or CLOSED.
 * Throws TimeoutError, and whatever forbids this thread to block.
 */
export function waitSync<T>(operation: Operation, op: Op, options: WaitOptions | undefined, finish: Finish<T>, alarm?: Alarm<T>): T {
  const { thread } = operation;
  let isKept = false;
  try {
    const deadline = deadlineOf(operation.what, options);
    let status = operation.start(op, thread.mayNotBlock === undefined ? L.LINK : 0);
    if (status === L.BLOCK) {
      operation.withdraw(op);
      throw thread.mayNotBlock!();
    }
    if (status === L.PARKED) {
      const dueMs = alarm?.dueMs ?? Number.POSITIVE_INFINITY;
      if (!thread.parker.block(() => op.isSettled, Math.min(deadline, dueMs)) && takeBack(operation, op)) {
        if (alarm && dueMs <= deadline) return alarm.take();
        throw timedOut(operation, options);
      }
      if (!op.isSettled) thread.parker.block(() => op.isSettled, Number.POSITIVE_INFINITY);
      status = outcome(op);
    }
    const result = finish(status, op);
    isKept = operation.isKept === true;
    return result;
  } finally {
    if (!isKept) thread.ops.release(op);
  }
}

/** Waits as a promise; otherwise as waitSync. */
export function waitAsync<T>(
  operation: Operation,
  op: Op,
  options: WaitOptions | undefined,
  finish: Finish<T>,
  alarm?: Alarm<T>,
): Promise<T> {
  const { thread } = operation;
  let deadline: Deadline;
  let status: number;
  try {
    deadline = deadlineOf(operation.what, options);
    status = operation.start(op, L.LINK);
  } catch (error) {
    thread.ops.release(op);
    return Promise.reject(error);
  }
  if (status !== L.PARKED) return settleNow(operation, op, status, finish);
  return new Promise<T>((resolve, reject) => {
    const signal = options?.signal;
    const dueMs = alarm?.dueMs ?? Number.POSITIVE_INFINITY;
    const onDue = () => {
      if (alarm && dueMs <= deadline) endEarly(() => resolve(alarm.take()));
      else giveUp(() => timedOut(operation, options));
    };
    const first = Math.min(deadline, dueMs);
    const timer = first === Number.POSITIVE_INFINITY ? undefined : thread.timers.add(first, onDue);
    const onAbort = () => giveUp(() => new AbortError(signal?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
    thread.parker.hold();
    thread.pending.add(op);

    const leave = () => {
      signal?.removeEventListener("abort", onAbort);
      if (timer) thread.timers.cancel(timer);
      thread.pending.delete(op);
      thread.parker.release();
    };
    const endEarly = (settle: () => void) => {
      if (!takeBack(operation, op)) return; // fired meanwhile: the ready list settles it with its success
      leave();
      thread.ops.release(op);
      settle();
    };
    const giveUp = (reason: () => Error) => endEarly(() => reject(reason()));
    op.onSettled = () => {
      leave();
      void settleNow(operation, op, outcome(op), finish).then(resolve, reject);
    };
    op.onGiveUp = giveUp;
  });
}

function settleNow<T>(operation: Operation, op: Op, status: number, finish: Finish<T>): Promise<T> {
  let isKept = false;
  try {
    const result = finish(status, op);
    isKept = operation.isKept === true;
    return operation.thread.resolved(result);
  } catch (error) {
    return Promise.reject(error);
  } finally {
    if (!isKept) operation.thread.ops.release(op);
  }
}

/** Takes an operation back from its peers and out of its queues; false if a peer has completed it. */
function takeBack(operation: Operation, op: Op): boolean {
  const status = operation.thread.call("cancel", (fn) => fn.cancel(op.address));
  if (status === L.FIRED) return false;
  operation.withdraw(op);
  return true;
}

function timedOut(operation: Operation, options: WaitOptions | undefined): TimeoutError {
  return new TimeoutError(`${operation.what}: nothing came within ${options?.timeoutMs} ms`);
}
