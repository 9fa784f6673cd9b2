// What came of an operation, as numbers: a code, then its values. Written by the thread that ran it, read by the judge.

/** A send accepted, a close. */
export const OK = 0;
/** A value received. */
export const VALUE = 1;
/** The end: a receive on a closed and drained channel. */
export const END = 2;
/** Refused: a send on a closed channel, a second close. */
export const REFUSED = 3;
/** A try that would have had to wait. */
export const NONE = 4;
/** Ended by its timeout or its signal. */
export const GIVEN_UP = 5;
/** The thread had been retired. */
export const RETIRED = 6;
/** case, then what came of it: OK, VALUE and the value, or END. */
export const CHOSEN = 7;
/** A select that was refused: it chose a send on a closed channel. */
export const REFUSED_CASE = 8;
/** Values received in one call. */
export const VALUES = 9;
/** how many of sendMany's were accepted, then REFUSED, GIVEN_UP or RETIRED. */
export const SENT = 10;
/** Something no operation may come to; the text goes to the crew. */
export const WRONG = 11;
/** A lock whose holder has died, a barrier at which somebody has. */
export const ABANDONED = 12;
/** This thread holds it itself. */
export const DEADLOCK = 13;
/** A once that another has done. */
export const DONE = 14;

const NAMES = [
  "ok",
  "value",
  "end",
  "refused",
  "none",
  "given up",
  "retired",
  "chosen",
  "refused case",
  "values",
  "sent",
  "wrong",
  "abandoned",
  "would deadlock",
  "done by another",
];

export function showResult([code, ...values]: readonly number[]): string {
  return [NAMES[code!], ...values].join(" ");
}
