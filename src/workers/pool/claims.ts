// Who has a call that was sent ahead: the thread, once it has claimed it, or still the pool, which can take back all that is not claimed.
//
// Memory   one word: the ticket claimed last (low half), and the first that is neither claimed nor taken back (high half), both modulo 2^16
// Invariants
//   1. A thread claims tickets in their order, and runs nothing it has not claimed. One compare-and-swap decides between a claim and a withdrawal.
//   2. Fewer than 2^15 tickets lie between any two that are compared: both halves follow the claims, and at most 2^14 tickets are in an inbox.
// Crash    a thread that dies has claimed the last one or not: the pool reads which.

import type { AtomicInt } from "../../runtime/sync/index.ts";

const HALF = 0xffff;
const SIGN = 0x8000;

export const FIRST_TICKET = 1;

/** What the word begins with. */
export const UNCLAIMED = FIRST_TICKET << 16;

export function ticketAfter(ticket: number): number {
  return (ticket + 1) & HALF;
}

/** `ticket` was given out before `other`. */
export function isBefore(ticket: number, other: number): boolean {
  return ((ticket - other) & SIGN) !== 0;
}

/** Thread: from now on the call is this thread's to run. False: it was taken back. */
export function claim(word: AtomicInt, ticket: number): boolean {
  for (;;) {
    const now = word.load();
    if (isBefore(ticket, now >>> 16)) return false;
    if (word.compareAndSwap(now, (ticketAfter(ticket) << 16) | ticket)) return true; // claims
  }
}

/** Pool: takes back every ticket before `next` that is not claimed. Answers the last claimed. */
export function takeBack(word: AtomicInt, next: number): number {
  for (;;) {
    const now = word.load();
    if (word.compareAndSwap(now, (next << 16) | (now & HALF))) return now & HALF; // claims what is left
  }
}

/** The last claimed ticket, of a thread that claims no more. */
export function lastClaimed(word: AtomicInt): number {
  return word.load() & HALF;
}
