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
import * as S from "../memory/layout-seeing.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { Guards } from "./guard.ts";
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
  const guards = Guards.of(thread, options?.ctx);
  try {
    const deadline = endOf(deadlineOf(operation.what, options), options);
    let status = operation.start(op, thread.mayNotBlock === undefined ? L.LINK : 0);
    if (status === L.BLOCK) {
      operation.withdraw(op);
      throw thread.mayNotBlock!();
    }
    if (status === L.PARKED) {
      if (guards && !guards.link(op)) {
        operation.withdraw(op);
        throw options!.ctx!.error!;
      }
      const dueMs = alarm?.dueMs ?? Number.POSITIVE_INFINITY;
      const first = Math.min(deadline, dueMs);
      op.noteEnd(first === Number.POSITIVE_INFINITY ? S.BY_PEERS : S.BY_ITSELF);
      thread.notes.blocksOn(op.address);
      if (!thread.parker.block(() => op.isSettled, first, tell(thread, op)) && takeBack(operation, op)) {
        if (thread.notes.isDoomed) throw thread.deadlocked(operation.what);
        if (alarm && dueMs <= deadline) return alarm.take();
        throw timedOut(operation, options);
      }
      if (thread.notes.isDoomed) thread.notes.doomOver(); // a peer has ended the wait all the same
      if (!op.isSettled) thread.parker.block(() => op.isSettled, Number.POSITIVE_INFINITY);
      if (guards?.hasFired(op)) {
        operation.withdraw(op);
        throw options!.ctx!.error!;
      }
      status = outcome(op);
    }
    const result = finish(status, op);
    isKept = operation.isKept === true;
    return result;
  } finally {
    thread.notes.blocksOn(0);
    guards?.unlink();
    if (!isKept) thread.ops.release(op);
  }
}

/** What a thread that is watched does when it has been blocked for a while: write down where. */
function tell(thread: Thread, op: Op): (() => void) | undefined {
  if (!thread.notes.isWatched) return undefined;
  return () => {
    op.where = new Error("where it waits");
    thread.tellWhere(op);
  };
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
  const guards = Guards.of(thread, options?.ctx);
  let deadline: Deadline;
  let status: number;
  try {
    deadline = endOf(deadlineOf(operation.what, options), options);
    status = operation.start(op, L.LINK);
    if (status === L.PARKED && guards && !guards.link(op)) {
      operation.withdraw(op);
      throw options!.ctx!.error!;
    }
  } catch (error) {
    guards?.unlink();
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
    const isEndless = first === Number.POSITIVE_INFINITY && signal === undefined;
    op.noteWait(operation.isBackground ? S.IN_BACKGROUND : isEndless ? S.BY_PEERS : S.BY_ITSELF);
    if (thread.notes.isWatched) op.where = new Error("where it waits");
    const timer = first === Number.POSITIVE_INFINITY ? undefined : thread.timers.add(first, onDue);
    const onAbort = () => giveUp(() => new AbortError(signal?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
    const waiting = operation.isBackground ? thread.background : thread.pending;
    if (operation.isBackground) thread.parker.arm();
    else thread.parker.hold();
    waiting.add(op);

    const leave = () => {
      if (!signal?.aborted) signal?.removeEventListener("abort", onAbort); // an aborted one has let it go, and would look through all the others
      if (timer) thread.timers.cancel(timer);
      waiting.delete(op);
      if (!operation.isBackground) thread.parker.release();
      guards?.unlink();
    };
    const endEarly = (settle: () => void) => {
      if (!takeBack(operation, op)) return; // fired meanwhile: the ready list settles it with its success
      leave();
      thread.ops.release(op);
      settle();
    };
    const giveUp = (reason: () => Error) => endEarly(() => reject(reason()));
    op.onSettled = () => {
      const isEnded = guards?.hasFired(op);
      leave();
      if (isEnded) {
        operation.withdraw(op);
        thread.ops.release(op);
        reject(options!.ctx!.error!);
        return;
      }
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

/** The wait's own deadline, or its context's if that comes first. */
function endOf(deadline: Deadline, options: WaitOptions | undefined): Deadline {
  return options?.ctx === undefined ? deadline : Math.min(deadline, options.ctx.deadlineMs);
}

/** The context's deadline counts as passed when the wait's own has not. */
function timedOut(operation: Operation, options: WaitOptions | undefined): Error {
  const ended = options?.ctx?.error;
  if (ended) return ended;
  return new TimeoutError(`${operation.what}: nothing came within ${options?.timeoutMs} ms`);
}
