// What every wait may be given: a context, a signal, a timeout. A timeout is a duration; a deadline is the instant it ends at, on the monotonic clock that all
// threads of the process share (performance.timeOrigin + performance.now()).

import { now } from "./clock.ts";
import { AbortError, invalidArg } from "./errors.ts";

/** What can end waits on any thread: a Context. */
export interface Cancellation {
  /** The instant it ends at by itself, on performance.now()'s clock of this thread; Infinity for none. */
  readonly deadlineMs: Deadline;
  /** Why it has ended: an AbortError or a TimeoutError; undefined while it has not. */
  readonly error: Error | undefined;
  /** @internal What a wait must link beside its own node (Guard of operation/guard.ts), nearest first. */
  readonly guards: readonly unknown[];
}

/** What ends a wait beside what it waits for. None: nothing does. */
export interface WaitOptions {
  /** Ends the wait when the context is cancelled or its deadline passes. Already ended: the call is refused before it does anything. */
  ctx?: Cancellation | undefined;
  /** Ends the wait with an AbortError whose cause is the signal's reason. Already aborted: the call is refused before it does anything. */
  signal?: AbortSignal | undefined;
  /** Ends the wait with a TimeoutError. Milliseconds, 0 or more; 0 tries once; Infinity and undefined never end it. */
  timeoutMs?: number | undefined;
}

/** Milliseconds on performance.now()'s clock, Infinity for none. */
export type Deadline = number;

/** Checks the options of a wait, refuses an aborted signal, and turns the timeout into a deadline. */
export function deadlineOf(what: string, options: WaitOptions | undefined): Deadline {
  if (options === undefined) return Number.POSITIVE_INFINITY;
  if (typeof options !== "object" || options === null)
    throw invalidArg(`${what}: options`, "an object { ctx, signal, timeoutMs }", options);
  const { ctx, signal, timeoutMs } = options;
  if (signal !== undefined && (typeof signal !== "object" || signal === null || typeof signal.aborted !== "boolean")) {
    throw invalidArg(`${what}: signal`, "an AbortSignal", signal);
  }
  if (timeoutMs !== undefined && (typeof timeoutMs !== "number" || !(timeoutMs >= 0))) {
    throw invalidArg(`${what}: timeoutMs`, "milliseconds, 0 or more", timeoutMs);
  }
  if (ctx !== undefined) {
    if (typeof ctx !== "object" || ctx === null || !Array.isArray(ctx.guards)) throw invalidArg(`${what}: ctx`, "a Context", ctx);
    const { error } = ctx;
    if (error) throw error;
  }
  if (signal?.aborted) throw new AbortError(signal.reason);
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : now() + timeoutMs;
}

/** The same options for what is left of the time until `deadline`, which deadlineOf made of them. */
export function leftOf(options: WaitOptions | undefined, deadline: Deadline): WaitOptions | undefined {
  return Number.isFinite(deadline) ? { ...options, timeoutMs: Math.max(0, deadline - now()) } : options;
}
