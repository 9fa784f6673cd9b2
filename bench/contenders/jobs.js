// @ts-check
/**
 * Jobs: the functions that every library calls on its threads. JavaScript, so that any library loads it as its documentation shows, and it runs the same
 * from the sources and from the build.
 */
import { isMainThread, threadId } from "node:worker_threads";
import { kindOf } from "./kinds.js";

/**
 * Gives back what it was given.
 * @param {number} value
 */
export function echo(value) {
  return value;
}

/**
 * What a task is given. The bytes are its payload, whose stamp, middle and last byte take part in the result.
 * @typedef {{ readonly number: number; readonly turns: number; readonly bytes?: Uint8Array }} Work
 */

/** A result is the number of the thread that it was found on, times this, plus 32 bits that follow from the task alone. */
export const THREAD = 2 ** 32;

/**
 * Computes for so many turns, all of which the result needs.
 * @param {Work} work
 */
export function work({ number, turns, bytes }) {
  let state = (number + 1) | 0;
  if (bytes) for (const at of [0, 1, bytes.length >> 1, bytes.length - 1]) state = Math.imul(state ^ (bytes[at] ?? 0), 0x01000193);
  state |= 1;
  for (let i = 0; i < turns; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return threadId * THREAD + (state >>> 0);
}

/**
 * The number that a value stands for, all of it looked at if that is 0. One function for each kind: a call carries the value and nothing else.
 * @param {import("./kinds.js").KindName} name
 */
const taking = (name) => {
  const kind = kindOf(name);
  return (/** @type {any} */ value) => {
    const number = kind.numberOf(value, false);
    return number === 0 ? kind.numberOf(value, true) : number;
  };
};
export const takeNumber = taking("number");
export const takeText = taking("text");
export const takeOrder = taking("order");
export const takeKib = taking("kib");
export const takeBytes = taking("bytes");
export const takeMib = taking("mib");

/** Libraries by a part of the path of their code, as it stands in a stack. */
const CALLERS = [
  ["heddle, pool", /[\\/]src[\\/]workers[\\/]pool[\\/]/],
  ["heddle, fanOut", /[\\/]src[\\/]patterns[\\/]fan-out[\\/]/],
  ["heddle, go", /[\\/]src[\\/]workers[\\/]/],
  ["bare Workers", /[\\/](workers|hired)-entry\.js/],
  ["$1", /[\\/]node_modules[\\/](piscina|tinypool|workerpool|poolifier|comlink|multithreading)[\\/]/],
  ["threads.js", /[\\/]node_modules[\\/]threads[\\/]/],
];

/**
 * Who called, told by the stack: the library whose code is nearest to this call; and on which thread.
 * @returns {{ who: string; thread: number }}
 */
export function who() {
  for (const line of (new Error().stack ?? "").split("\n").slice(1)) {
    for (const [name, path] of CALLERS) {
      const found = /** @type {RegExp} */ (path).exec(line);
      if (found) return { who: name === "$1" ? String(found[1]) : String(name), thread: threadId };
    }
  }
  return { who: isMainThread ? "plain" : "a stranger", thread: threadId };
}
