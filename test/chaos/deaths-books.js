// The books of the chaos over leased queues: shared memory of the test's own, in which tasks note what they put, took and acknowledged, so that it
// outlives them.
//
// A stream is what one producer puts, dead and started again as often as it may be: its jobs are numbered from 1. A life is one run of one task.

export const STREAMS = 4;
export const PER_STREAM = 1 << 19;
const LIVES = 1 << 17;

export const WORDS = {
  STOP: 0,
  /** Thread that is to end itself, and how (see HOW in test/fixtures/deaths.js). */
  SUICIDE: 1,
  HOW: 2,
  NAP: 3,
  PROGRESS: 4,
  ACKED: 5,
  REDELIVERED: 6,
  LATE: 7,
  DISORDER: 8,
  PHANTOM: 9,
  OVERLAP: 10,
  RECOVERED: 11,
  SELECTED: 12,
  INSIDE: 13,
  POISONED: 14,
  COUNT: 32,
};

const ATTEMPTED_AT = WORDS.COUNT * 4;
const ACCEPTED_AT = ATTEMPTED_AT + STREAMS * 4;
const HOLDING_AT = ACCEPTED_AT + STREAMS * 4;
const THREAD_AT = HOLDING_AT + LIVES * 4;
const ACKING_AT = THREAD_AT + LIVES * 4;
const ACKS_AT = ACKING_AT + STREAMS * PER_STREAM * 4;

export const BOOKS_BYTES = ACKS_AT + STREAMS * PER_STREAM;

export function books(buffer) {
  return {
    i32: new Int32Array(buffer, 0, WORDS.COUNT),
    /** By stream: the last job its producer was about to put, and the last of which it knows that it was accepted. */
    attempted: new Int32Array(buffer, ATTEMPTED_AT, STREAMS),
    accepted: new Int32Array(buffer, ACCEPTED_AT, STREAMS),
    /** By life: the job in its hands, 0 for none, and the thread it runs on. */
    holding: new Int32Array(buffer, HOLDING_AT, LIVES),
    thread: new Int32Array(buffer, THREAD_AT, LIVES),
    /** By job: the life that was about to acknowledge it last, 0 once it knows the answer; and how often it was acknowledged. */
    acking: new Int32Array(buffer, ACKING_AT, STREAMS * PER_STREAM),
    acks: new Uint8Array(buffer, ACKS_AT, STREAMS * PER_STREAM),
  };
}

export const jobOf = (stream, place) => stream * PER_STREAM + place;
export const streamOf = (job) => Math.floor(job / PER_STREAM);
export const placeOf = (job) => job % PER_STREAM;
/** Whoever takes such a job dies of it. */
export const isPoison = (job) => streamOf(job) % 2 === 1 && placeOf(job) % 1_499 === 0;

/**
 * What became of every job. A job is lost if it was accepted and neither acknowledged nor set aside, unless the life that was about to acknowledge it
 * died before it could say so: `unsaid`, one for each death at most.
 */
export function audit(book, isOver) {
  const found = { accepted: 0, acked: 0, lost: 0, ackedTwice: 0, phantom: 0, unsaid: 0 };
  for (let stream = 0; stream < STREAMS; stream++) {
    for (let place = 1; place <= book.attempted[stream]; place++) {
      const job = jobOf(stream, place);
      const acks = book.acks[job];
      const mayBeUnaccepted = book.unsure.has(job);
      if (!mayBeUnaccepted) found.accepted++;
      if (acks > 0) found.acked++;
      if (acks > 1) found.ackedTwice++;
      if (acks > 0 || mayBeUnaccepted) continue;
      const life = book.acking[job];
      if (life !== 0 && isOver(life)) found.unsaid++;
      else found.lost++;
    }
    for (let place = book.attempted[stream] + 1; place < Math.min(book.attempted[stream] + 1_000, PER_STREAM); place++) {
      if (book.acks[jobOf(stream, place)] > 0) found.phantom++;
    }
  }
  return found;
}
