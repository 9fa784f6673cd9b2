// From anything iterable into a channel: arrays, generators, async generators, Node's readable streams, Web streams.

import { closeOnce, type Sender } from "../channel/index.ts";
import type { Context } from "../context/index.ts";
import { deadlineOf } from "../deadline.ts";
import { AbortError, ChannelClosedError, invalidArg } from "../errors.ts";

/** Options of pump(). */
export interface PumpOptions {
  /** Ends the pump, also while the source gives nothing. */
  ctx?: Context | undefined;
  signal?: AbortSignal | undefined;
  /** Closes the channel when the source has ended, failed or was left. Default true. */
  close?: boolean;
}

/**
 * Sends what a source gives, one after another: `await pump(createReadStream(path), out)`. A source is asked for the next value only when the last was
 * accepted, so a slow receiver holds it back. Answers how many were accepted.
 * Waits: this promise, for the source and for room. Ends when the source ends, when the channel is closed by somebody else (no error: nobody wants
 * more), with ctx or signal. Leaving early calls the source's return(), and waits for it unless the source itself is being waited for.
 * Throws (rejects): what the source throws, AbortError, the context's TimeoutError, ERR_UNSENDABLE, ERR_INVALID_ARG.
 */
export async function pump<T>(source: Iterable<T> | AsyncIterable<T>, out: Sender<T>, options: PumpOptions = {}): Promise<number> {
  const { ctx, signal, close = true } = options;
  deadlineOf("pump", { ctx, signal });
  const iterator = iteratorOf(source);
  const ends = [ctx?.done && ctx.signal, signal].filter((one) => one !== undefined);
  const end = ends.length > 0 ? AbortSignal.any(ends) : undefined;
  const reason = () => ctx?.error ?? new AbortError(signal?.reason);
  let sent = 0;
  let isOver = false;
  try {
    for (;;) {
      if (end?.aborted) throw reason();
      isOver = true; // unless it gives a value: a source that failed or is waited for is not to be left
      const step = await nextOf(iterator, end, reason);
      if (step.done) return sent;
      isOver = false;
      await out.send(step.value, { ctx, signal });
      sent++;
    }
  } catch (error) {
    if (!(error instanceof ChannelClosedError)) throw error;
    return sent;
  } finally {
    if (!isOver) await iterator.return?.();
    if (close) closeOnce(out);
  }
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = Object(source) as Partial<AsyncIterable<T> & Iterable<T>>;
  if (async) return async.call(source as AsyncIterable<T>);
  if (sync) return sync.call(source as Iterable<T>);
  throw invalidArg("pump: source", "an iterable, an async iterable or a stream", source);
}

/** The next step, or the end if that comes first: then the source is left to itself, for its return() would wait behind its next(). */
function nextOf<T>(
  iterator: Iterator<T> | AsyncIterator<T>,
  end: AbortSignal | undefined,
  reason: () => Error,
): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(reason());
      Promise.resolve(iterator.return?.()).catch(() => undefined); // of a source left for good: there is nobody to tell
    };
    const leave = () => end?.removeEventListener("abort", onAbort);
    end?.addEventListener("abort", onAbort, { once: true });
    new Promise<IteratorResult<T>>((settle) => settle(iterator.next())).then(resolve, reject).finally(leave);
  });
}
