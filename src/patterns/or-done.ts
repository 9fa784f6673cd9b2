// Or-done: values until their source ends or a signal fires. Source: Concurrency in Go, ch. 4, "The or-done-channel".

import { Context } from "../runtime/context/index.ts";
import { invalidArg } from "../runtime/errors.ts";
import { type Flow, Passing } from "./flow.ts";
import { abortable, DONE, type Input, type Source, sourceOf } from "./source.ts";

/**
 * Iterates until the input ends or the signal (or context) does, whichever is first: both are an end, not an error. `or([...]).signal` gives a signal that any of
 * several may fire. Already fired: no value.
 * Waits: never; iteration does. Threads: any. Order: the input's. When the signal fires nothing more is taken: what is in a channel stays there.
 * Throws: ERR_INVALID_ARG; the iteration throws what the input throws. Cost: no task, no copy.
 * See: Concurrency in Go, ch. 4, "The or-done-channel".
 */
export function orDone<T>(input: Input<T>, end: AbortSignal | Context): Flow<T> {
  const signal = end instanceof Context ? end.signal : end;
  if (typeof signal !== "object" || signal === null || typeof signal.aborted !== "boolean") {
    throw invalidArg("orDone: end", "an AbortSignal or a Context", signal);
  }
  return new Passing(ending(abortable(sourceOf("orDone: input", input), signal), signal));
}

/** Its AbortError is the end. */
function ending<T>(source: Source<T>, signal: AbortSignal): Source<T> {
  const quietly = (error: unknown): typeof DONE => {
    if (signal.aborted && (error === signal.reason || (error as { cause?: unknown }).cause === signal.reason)) return DONE;
    throw error;
  };
  return {
    next() {
      try {
        const step = source.next();
        return step instanceof Promise ? step.catch(quietly) : step;
      } catch (error) {
        return quietly(error);
      }
    },
    stop: () => source.stop(),
  };
}
