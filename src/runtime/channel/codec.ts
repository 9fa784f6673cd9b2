// What a channel carries, and how it lies in the 8 bytes of a ring slot. A codec is data in the channel's record (its code), so any thread that
// holds the handle can open it.

import { HeddleError, invalidArg } from "../errors.ts";
import type { Thread } from "../memory/thread.ts";

export interface Codec<T> {
  readonly name: string;
  /** The code in the heap: the lowest four bits name the codec, the rest is the code of what it is made of. */
  readonly code: number;
  /** A number whose 8 bytes carry the value. Throws ERR_INVALID_ARG or ERR_FOREIGN_HANDLE; nothing is sent then. */
  encode(value: T, thread: Thread): number;
  decode(bits: number, thread: Thread): T;
}

export const CODE_F64 = 1;
export const CODE_CHANNEL = 2;
export const CODE_SENDER = 3;
export const CODE_RECEIVER = 4;

/** A number as it is: NaN, infinities and -0 included. */
export const f64: Codec<number> = {
  name: "f64",
  code: CODE_F64,
  encode(value) {
    if (typeof value !== "number") throw invalidArg("f64 value", "a number", value);
    return value;
  },
  decode: (bits) => bits,
};

const MAX_CODE = 0x0fff_ffff;

/** The code of a codec made of another; a chain of at most seven. */
export function nest(kind: number, inner: Codec<unknown>): number {
  if (inner === null || typeof inner !== "object" || typeof inner.code !== "number") throw invalidArg("codec", "a codec", inner);
  if (inner.code > MAX_CODE >> 4) throw invalidArg("codec", "handles of handles at most six deep", inner.name);
  return inner.code * 16 + kind;
}

export function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === "object" && value !== null && typeof (value as Codec<unknown>).code === "number";
}

export function unknownCodec(code: number): HeddleError {
  return new HeddleError("ERR_INVALID_ARG", `codec: expected the code of a known codec, got ${code}`);
}
