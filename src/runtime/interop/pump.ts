// From anything iterable into a channel: arrays, generators, async generators, Node's readable streams, Web streams.

import type { Sender } from "../channel/index.ts";
import { deadlineOf, type WaitOptions } from "../deadline.ts";
import { ChannelClosedError, invalidArg } from "../errors.ts";

export interface PumpOptions extends WaitOptions {
  /** Closes the channel when the source has ended, failed or was left. Default true. */
  close?: boolean;
}

/**
 * Sends what a source gives, one after another: `await pump(createReadStream(path), out)`. A source is asked for the next value only when the last was
 * accepted, so a slow receiver holds it back. Answers how many were accepted.
 * Waits: this promise, for the source and for room. Ends when the source ends, when the channel is closed by somebody else (no error: nobody wants
 * more), with ctx, signal or timeout. Leaving early calls the source's return().
 * Throws (rejects): what the source throws, AbortError, TimeoutError, ERR_UNSENDABLE, ERR_INVALID_ARG.
 */
export async function pump<T>(source: Iterable<T> | AsyncIterable<T>, out: Sender<T>, options: PumpOptions = {}): Promise<number> {
  deadlineOf("pump", options);
  if (typeof source !== "object" && typeof source !== "string")
    throw invalidArg("pump: source", "an iterable, an async iterable or a stream", source);
  if (source === null || !(Symbol.asyncIterator in Object(source) || Symbol.iterator in Object(source)))
    throw invalidArg("pump: source", "an iterable, an async iterable or a stream", source);
  const { close = true, ...wait } = options;
  let sent = 0;
  try {
    for await (const value of source) {
      await out.send(value, wait);
      sent++;
    }
  } catch (error) {
    if (!(error instanceof ChannelClosedError)) throw error;
    return sent;
  } finally {
    if (close) closeOnce(out);
  }
  return sent;
}

/** Closes a channel that somebody else may have closed. */
export function closeOnce<T>(out: Sender<T>): void {
  try {
    out.close();
  } catch (error) {
    if (!(error instanceof ChannelClosedError)) throw error;
  }
}
