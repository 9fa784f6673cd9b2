// The books of the chaos over the public API: shared memory of the test's own, beside the runtime's heap, in which tasks note what they sent and received.
//
// A stream is what one sending task sends into one channel: its values are numbered from 1, and each has a byte for how often it was received.

import { KINDS, SPOILT } from "./runtime-kills-kinds.js";

/** Most values of one stream, most streams, most tasks. */
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
  STILL: 12,
  SPOILT: 13,
  TIMED: 14,
  COUNT: 64,
};

const WHERE_AT = WORDS.COUNT * 4;
const QUIET_AT = WHERE_AT + TASKS * 4;
const ATTEMPTED_AT = QUIET_AT + TASKS * 4;
const ACCEPTED_AT = ATTEMPTED_AT + STREAMS * 4;
const RECEIVED_AT = ACCEPTED_AT + STREAMS * 4;

export const BOOKS_BYTES = RECEIVED_AT + STREAMS * PER_STREAM;

export function books(buffer) {
  return {
    i32: new Int32Array(buffer, 0, WORDS.COUNT),
    where: new Int32Array(buffer, WHERE_AT, TASKS), // a task's thread, 0 before it has begun
    quiet: new Int32Array(buffer, QUIET_AT, TASKS), // 1 once a task that also receives sends no more
    attempted: new Int32Array(buffer, ATTEMPTED_AT, STREAMS), // written before a send
    accepted: new Int32Array(buffer, ACCEPTED_AT, STREAMS), // written after it has returned
    received: new Uint8Array(buffer, RECEIVED_AT, STREAMS * PER_STREAM),
  };
}

/** A value's number among all: stream and place in it. */
export const numberOf = (stream, n) => stream * 2 ** 20 + n;
export const streamOf = (number) => Math.floor(number / 2 ** 20);
export const placeOf = (number) => number % 2 ** 20;

/** What a receiver notes: a stream's values come in order to each receiver, as they were sent, and none twice to anybody. Answers the value's place. */
export function receipts(book) {
  const last = new Map();
  const count = (word) => Atomics.add(book.i32, word, 1);
  return (kind, value) => {
    const number = KINDS[kind].unpack(value);
    if (number === SPOILT) return count(WORDS.SPOILT);
    const [stream, n] = [streamOf(number), placeOf(number)];
    if (!(n > (last.get(stream) ?? 0))) count(WORDS.DISORDER);
    last.set(stream, n);
    if (!(n <= Atomics.load(book.attempted, stream))) count(WORDS.PHANTOM);
    if (Atomics.add(book.received, stream * PER_STREAM + n - 1, 1) !== 0) count(WORDS.TWICE);
    count(WORDS.RECEIVED);
    return n;
  };
}

/**
 * Compares what was accepted with what came. A value counts as accepted when its send returned, or when a later one of its stream has come: a stream is
 * accepted in order. `missing` counts by channel those that were never received; `unreturned` those that came although the send had not returned.
 */
export function audit(book, channelOfStream, channels) {
  const out = { accepted: 0, received: 0, unreturned: 0, wrong: 0, missing: new Array(channels).fill(0) };
  for (const [stream, channel] of channelOfStream.entries()) {
    const attempted = book.attempted[stream];
    const returned = book.accepted[stream];
    const times = book.received.subarray(stream * PER_STREAM, (stream + 1) * PER_STREAM);
    const accepted = Math.max(returned, times.findLastIndex((count) => count > 0) + 1);
    out.accepted += accepted;
    for (const [i, count] of times.entries()) {
      out.received += count;
      if (count === 0 && i < accepted) out.missing[channel]++;
      if (count > 0 && i >= returned) out[i < attempted ? "unreturned" : "wrong"]++;
      if (count > 1) out.wrong++;
    }
  }
  return out;
}
