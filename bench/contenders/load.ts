/**
 * Load: so many tasks of one length and payload, and what must be found of them.
 *
 * What is expected is computed in another way than the tasks compute it: a turn is linear over bits, so any number of turns is one matrix of 32 × 32 bits,
 * and that many turns cost no more than their logarithm. A loop that turns once too often or not at all gives other sums.
 */
import type { Work } from "./jobs.js";
import { fill, stamp } from "./kinds.js";

export interface Load {
  readonly count: number;
  readonly turns: number;
  /** Of the payload of each task; 0: none. */
  readonly lengthBytes: number;
}

/** Turns of about a microsecond: some nanoseconds each. How long they really take is what the plain loop shows. */
export const TURNS_PER_US = 500;
/** Different payloads, in turn. */
const PAYLOADS = 16;

/** Tasks `first`, `first + step`, ... of a load. */
export function tasksOf({ count, turns, lengthBytes }: Load, first = 0, step = 1): Work[] {
  const payloads = Array.from({ length: lengthBytes > 0 ? PAYLOADS : 0 }, (_, i) => {
    const bytes = fill(new Uint8Array(lengthBytes));
    stamp(bytes, i);
    return bytes;
  });
  const tasks: Work[] = [];
  for (let number = first; number < count; number += step)
    tasks.push(lengthBytes > 0 ? { number, turns, bytes: payloads[number % PAYLOADS]! } : { number, turns });
  return tasks;
}

/** The image of each bit under one turn. */
const TURN = Uint32Array.from({ length: 32 }, (_, bit) => {
  let image = 2 ** bit;
  image = (image ^ (image << 13)) >>> 0;
  image = (image ^ (image >>> 17)) >>> 0;
  return (image ^ (image << 5)) >>> 0;
});

function apply(matrix: Uint32Array, bits: number): number {
  let image = 0;
  for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) image ^= matrix[bit]!;
  return image >>> 0;
}

/** One after the other. */
function times(first: Uint32Array<ArrayBuffer>, then: Uint32Array): Uint32Array<ArrayBuffer> {
  return first.map((image) => apply(then, image));
}

function power(turns: number): Uint32Array<ArrayBuffer> {
  let result = Uint32Array.from({ length: 32 }, (_, bit) => 2 ** bit);
  let square = TURN;
  for (let left = turns; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = times(result, square);
    square = times(square, square);
  }
  return result;
}

/** FNV-1a over four bytes of the payload, in whole numbers, not in 32-bit ones. */
function seeded(number: number, bytes: Uint8Array | undefined): number {
  let state = BigInt(number + 1);
  const looked = bytes ? [bytes[0]!, bytes[1]!, bytes[bytes.length / 2]!, bytes.at(-1)!] : [];
  for (const byte of looked) state = ((state ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(state | 1n);
}

export function loadExpected(load: Load): { count: number; sum: number } {
  const turned = power(load.turns);
  const sum = tasksOf(load).reduce((total, { number, bytes }) => total + apply(turned, seeded(number, bytes)), 0);
  return { count: load.count, sum };
}
