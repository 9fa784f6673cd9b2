/**
 * Kinds: what the scenarios send. Each value stands for a number, which the ledger of the receiver enters: a value that is not as it was made stands for
 * none and is entered as NaN, so its sum and its order are wrong.
 */
import type { Transferable } from "node:worker_threads";

export interface Kind<T> {
  make(index: number): T;
  /** The number of a received value, or NaN. Where looking at all of a value would take longer than sending it, that is done in the proving round only. */
  numberOf(value: T, isProof: boolean): number;
  /** What postMessage is to transfer of a value instead of copying it. */
  transfer?(value: T): Transferable[];
}

const number: Kind<number> = {
  make: (index) => index,
  numberOf: (value) => value,
};

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly w: number;
}

const point: Kind<Point> = {
  make: (index) => ({ x: index, y: -index, z: index + 0.25, w: index * 2 }),
  numberOf: ({ x, y, z, w }) => (y === -x && z === x + 0.25 && w === x * 2 ? x : Number.NaN),
};

/** An object of five fields, as a service would send it. */
export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly price: number;
  readonly isPaid: boolean;
  readonly tags: readonly string[];
}

const CUSTOMERS = Array.from({ length: 64 }, (_, i) => `customer ${i}`);

const order: Kind<Order> = {
  make: (index) => ({
    id: index,
    customer: CUSTOMERS[index % CUSTOMERS.length]!,
    price: index / 4,
    isPaid: index % 2 === 1,
    tags: ["new", "express"],
  }),
  numberOf({ id, customer, price, isPaid, tags }) {
    const isRight =
      customer === CUSTOMERS[id % CUSTOMERS.length] &&
      price === id / 4 &&
      isPaid === (id % 2 === 1) &&
      tags.length === 2 &&
      tags[0] === "new" &&
      tags[1] === "express";
    return isRight ? id : Number.NaN;
  },
};

export const LENGTH_BYTES = 65_536;
/** In front of the bytes that are all the same from value to value stands the number. */
const STAMP_BYTES = 4;

/** The bytes every value is a copy of, but for the stamp; reproducible, and no two neighbours alike for long. */
export function fill(bytes: Uint8Array): Uint8Array {
  for (let i = 0, state = 1; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function stamp(bytes: Uint8Array, index: number): void {
  bytes[0] = index;
  bytes[1] = index >>> 8;
  bytes[2] = index >>> 16;
  bytes[3] = index >>> 24;
}

const source = fill(new Uint8Array(LENGTH_BYTES));
const pattern = source.slice();
const MIDDLE = LENGTH_BYTES >> 1;
const LAST = LENGTH_BYTES - 1;

function numberOfBytes(bytes: Uint8Array, isProof: boolean): number {
  if (bytes.length !== LENGTH_BYTES || bytes[MIDDLE]! + bytes[LAST]! !== pattern[MIDDLE]! + pattern[LAST]!) return Number.NaN;
  for (let i = STAMP_BYTES; isProof && i < LENGTH_BYTES; i++) if (bytes[i] !== pattern[i]) return Number.NaN;
  return bytes[0]! + bytes[1]! * 2 ** 8 + bytes[2]! * 2 ** 16 + bytes[3]! * 2 ** 24;
}

/** 64 KiB, the same Uint8Array each time with another stamp: whoever sends it copies it. */
const bytes: Kind<Uint8Array> = {
  make(index) {
    stamp(source, index);
    return source;
  },
  numberOf: numberOfBytes,
};

/** 64 KiB that are given away: a new copy each time. */
const bytesGivenAway: Kind<Uint8Array> = {
  make: (index) => bytes.make(index).slice(),
  numberOf: numberOfBytes,
  transfer: ({ buffer }) => [buffer as ArrayBuffer],
};

export const KINDS = { number, point, order, bytes, bytesGivenAway };
export type KindName = keyof typeof KINDS;

export function kindOf(name: KindName): Kind<unknown> {
  return KINDS[name] as Kind<unknown>;
}
