// Channels as Web streams, with back-pressure both ways.

import { ReadableStream, WritableStream } from "node:stream/web";
import { CLOSED, closeOnce, type Receiver, type Sender } from "../channel/index.ts";

/**
 * A ReadableStream of what a channel carries; it ends when the channel is closed and drained. A value is received only when the stream is read.
 * Cancelling it takes nothing more and closes nothing. Threads: the one that makes it.
 */
export function readableStreamOf<T>(input: Receiver<T>): ReadableStream<T> {
  const leave = new AbortController();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        try {
          const value = await input.recv({ signal: leave.signal });
          if (value === CLOSED) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          if (!leave.signal.aborted) throw error;
        }
      },
      cancel() {
        leave.abort();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A WritableStream into a channel: a write is over when the channel has accepted the value. Closing the stream closes the channel, aborting it does not.
 * A channel closed by somebody else is the stream's error.
 */
export function writableStreamOf<T>(out: Sender<T>): WritableStream<T> {
  const leave = new AbortController();
  return new WritableStream<T>(
    {
      write: (value) => out.send(value, { signal: leave.signal }),
      close: () => closeOnce(out),
      abort() {
        leave.abort();
      },
    },
    { highWaterMark: 1 },
  );
}
