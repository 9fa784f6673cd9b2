// What every task of the chaos over the public API does beside its own work: says where it runs, rests when it is told to, takes its own life when it is.

import { setTimeout as sleep } from "node:timers/promises";
import { getEnvironmentData, threadId } from "node:worker_threads";
import { books, WORDS } from "./runtime-kills-books.js";

export const { buffer, api } = getEnvironmentData("runtime-kills");
export const book = books(buffer);

export const count = (word, n = 1) => Atomics.add(book.i32, word, n);
export const paused = () => Atomics.load(book.i32, WORDS.PAUSE) !== 0;
export const stopped = () => Atomics.load(book.i32, WORDS.STOP) !== 0;
export const nap = () => Atomics.wait(book.i32, WORDS.NAP, 0, 1);

export function restSync() {
  while (paused()) nap();
}
export async function rest() {
  while (paused()) await sleep(1);
}

/** Where a task runs, before it does anything else. */
export function begin(task) {
  Atomics.store(book.where, task, threadId);
}

/** Told to take its own life: by process.exit, or by an error nobody catches. */
export function mayDie(n) {
  if (Atomics.load(book.i32, WORDS.SUICIDE) !== threadId) return;
  if (n % 2 === 0) process.exit(9);
  setImmediate(() => {
    throw new RangeError("told to die");
  });
}
