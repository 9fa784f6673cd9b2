// What ends a pattern from outside: a context, a signal, or both.

import type { Context } from "../runtime/context/index.ts";
import { deadlineOf } from "../runtime/deadline.ts";
import { AbortError, HeddleError, TimeoutError } from "../runtime/errors.ts";

/** What ends a pattern from outside. */
export interface EndOptions {
  /** Ends it when the context does, with its AbortError or TimeoutError; what is started gets a context below it. Ended already: refused. */
  ctx?: Context | undefined;
  /** Ends it with an AbortError whose cause is the signal's reason. Aborted already: refused. */
  signal?: AbortSignal | undefined;
}

/** One signal for what ends it; undefined if nothing does. Throws: ERR_INVALID_ARG, and what it has ended with already. */
export function endOf(what: string, options: EndOptions): AbortSignal | undefined {
  deadlineOf(what, options);
  return signalOf(options);
}

/** The same for what is begun later: it may have ended. Throws: ERR_INVALID_ARG. */
export function laterEndOf(what: string, options: EndOptions): AbortSignal | undefined {
  try {
    deadlineOf(what, options);
  } catch (error) {
    if (!(error instanceof HeddleError) || error.code === "ERR_INVALID_ARG") throw error;
  }
  return signalOf(options);
}

function signalOf({ ctx, signal }: EndOptions): AbortSignal | undefined {
  return ctx && signal ? AbortSignal.any([ctx.signal, signal]) : (ctx?.signal ?? signal);
}

/** What whoever waits is told. */
export function endError(reason: unknown): Error {
  return reason instanceof AbortError || reason instanceof TimeoutError ? reason : new AbortError(reason);
}
