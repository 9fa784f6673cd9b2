// The books of the runtime's chaos test: shared memory of the test's own, beside the runtime's heap, in which tasks note what they sent and received.

/** Most values of one sending task, and most such tasks; each value has a byte. */
export const PER_STREAM = 1_500;
export const STREAMS = 24_000;
export const TASKS = 60_000;

export const WORDS = {
  PAUSE: 0,
  STOP: 1,
  SUICIDE: 2,
  NAP: 3,
  SENT: 4,
  RECEIVED: 5,
  TWICE: 6,
  DISORDER: 7,
  PHANTOM: 8,
  WRONG: 9,
  JOINED: 10,
  PULSE: 11,
  COUNT: 64,
};

const WHERE_AT = WORDS.COUNT * 4;
const ATTEMPTED_AT = WHERE_AT + TASKS * 4;
const ACCEPTED_AT = ATTEMPTED_AT + STREAMS * 4;
const RECEIVED_AT = ACCEPTED_AT + STREAMS * 4;

export const BOOKS_BYTES = RECEIVED_AT + STREAMS * PER_STREAM;

export function books(buffer) {
  return {
    i32: new Int32Array(buffer, 0, WORDS.COUNT),
    where: new Int32Array(buffer, WHERE_AT, TASKS),
    attempted: new Int32Array(buffer, ATTEMPTED_AT, STREAMS),
    accepted: new Int32Array(buffer, ACCEPTED_AT, STREAMS),
    received: new Uint8Array(buffer, RECEIVED_AT, STREAMS * PER_STREAM),
  };
}

/**
 * Compares what was accepted with what came: values accepted and never received, and values received although their send neither returned nor was the
 * one in the hands of a dead sender.
 */
export function audit(book, streams) {
  const out = { accepted: 0, received: 0, missing: 0, unreturned: 0, wrong: 0 };
  for (let stream = 0; stream < streams; stream++) {
    const accepted = book.accepted[stream];
    const attempted = book.attempted[stream];
    out.accepted += accepted;
    for (let n = 1; n <= PER_STREAM; n++) {
      const times = book.received[stream * PER_STREAM + n - 1];
      out.received += times;
      if (times === 0 && n <= accepted) out.missing++;
      if (times > 0 && n > accepted) {
        if (n === attempted) out.unreturned++;
        else out.wrong++;
      }
      if (times > 1) out.wrong++;
    }
  }
  return out;
}
