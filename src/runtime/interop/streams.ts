// Channels as Node's streams, with back-pressure both ways.

import { Readable, Writable } from "node:stream";
import { CLOSED, closeOnce, type Receiver, type Sender } from "../channel/index.ts";
import { invalidArg } from "../errors.ts";

/**
 * A readable stream, in object mode, of what a channel carries; it ends when the channel is closed and drained.
 * A value is received only when the stream is read and has room: at most one lies in it. Destroying the stream takes nothing more and closes nothing.
 * Threads: the one that makes it. Throws: ERR_SECOND_RECEIVER, through the stream's error.
 */
export function readableOf<T>(input: Receiver<T>): Readable {
  const leave = new AbortController();
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      input.recv({ signal: leave.signal }).then(
        (value) => {
          if (value === null) this.destroy(invalidArg("readableOf", "values other than null, which ends a stream", value));
          else this.push(value === CLOSED ? null : value);
        },
        (error: Error) => {
          if (!leave.signal.aborted) this.destroy(error);
        },
      );
    },
    destroy(error, done) {
      leave.abort();
      done(error);
    },
  });
}

/**
 * A writable stream, in object mode, into a channel: a write is over when the channel has accepted the value. Ending the stream closes the channel,
 * destroying it does not. A channel closed by somebody else is the stream's error.
 */
export function writableOf<T>(out: Sender<T>): Writable {
  const leave = new AbortController();
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(value: T, _encoding, done) {
      out.send(value, { signal: leave.signal }).then(
        () => done(),
        (error: Error) => done(error),
      );
    },
    final(done) {
      closeOnce(out);
      done();
    },
    destroy(error, done) {
      leave.abort();
      done(error);
    },
  });
}
