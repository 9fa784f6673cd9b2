// The books of the kills at sync primitives: shared memory of the test's own, in which each task notes where it stands and what it found.

import { TASKS } from "./runtime-kills-books.js";

/** Locks whose inside is watched: two mutexes, an rw mutex, the lock of a condition. */
export const LOCKS = 4;
export const ONCES = 400;

/** What a task is at, with WAITING or HOLDING added. */
export const KINDS = ["none", "mutex", "rwMutex", "cond", "semaphore", "waitGroup", "once", "barrier"];
export const WAITING = 0;
export const HOLDING = 64;

export const COUNTS = [
  "unmarked", // a lock was had without a mark although its holder had not left
  "torn", // the inside of a lock was half changed, and no mark told so
  "overlap", // two were inside
  "missed", // a once answered before it was done
  "recovered", // abandoned locks that were taken over
  "abandoned", // refusals because a lock or barrier was abandoned
  "inside", // how often a lock was held and given back
  "permits",
  "places",
  "zeros",
  "onces",
  "put",
  "taken",
  "passed",
  "rounds",
  "attempted",
  "added",
  "nextOnce",
];

export const SYNC_BYTES = 4 * (COUNTS.length + LOCKS * 3 + ONCES * 2 + 1 + TASKS * 2);

export function syncBooks(buffer) {
  let at = 0;
  const part = (length) => {
    const words = new Int32Array(buffer, at, length);
    at += length * 4;
    return words;
  };
  return {
    counts: part(COUNTS.length),
    holder: part(LOCKS), // task + 1, while it is inside
    left: part(LOCKS), // two words that are changed one after the other inside
    right: part(LOCKS),
    doer: part(ONCES), // task + 1, from its beginning on
    done: part(ONCES),
    tokens: part(1), // of the condition, changed under its lock
    state: part(TASKS), // what a task is at: a kind, WAITING or HOLDING
    claimed: part(TASKS), // 1: somebody took over from this task, which must have died
  };
}

export const countOf = (name) => COUNTS.indexOf(name);
