// What a channel carries, and how it lies in the 8 bytes of a ring slot or in a block. A codec is data in the channel's record (its code), so any thread that
// holds the handle can open it.

import { HeddleError, invalidArg } from "../errors.ts";
import type { Thread } from "../memory/thread.ts";

/** A codec is one of two forms: a word (8 bytes in the ring) or a block (the ring holds the block's address, and the block moves with it). */
export type Codec<T> = WordCodec<T> | BlockCodec<T>;

interface Named {
  readonly name: string;
  /** The code in the heap: the lowest five bits name the codec, the rest is the code of what it is made of. */
  readonly code: number;
}

export interface WordCodec<T> extends Named {
  readonly form: "word";
  /** A number whose 8 bytes carry the value. Throws ERR_INVALID_ARG or ERR_FOREIGN_HANDLE; nothing is sent then. */
  encode(value: T, thread: Thread): number;
  decode(bits: number, thread: Thread): T;
}

export interface BlockCodec<T> extends Named {
  readonly form: "block";
  /** The bytes that carry the value; they are copied before this thread does anything else. Throws ERR_INVALID_ARG or ERR_UNSENDABLE. */
  encode(value: T, thread: Thread): Uint8Array;
  /** `bytes` is a copy of the receiver's own. */
  decode(bytes: Uint8Array, thread: Thread): T;
}

const CODE_BITS = 5;
export const CODE_MASK = (1 << CODE_BITS) - 1;
export const CODE_F64 = 1;
export const CODE_CHANNEL = 2;
export const CODE_SENDER = 3;
export const CODE_RECEIVER = 4;
export const CODE_SHARED = 24; // made of the code of a class

/** A number as it is: NaN, infinities and -0 included. */
export const f64: WordCodec<number> = {
  form: "word",
  name: "f64",
  code: CODE_F64,
  encode(value) {
    if (typeof value !== "number") throw invalidArg("f64 value", "a number", value);
    return value;
  },
  decode: (bits) => bits,
};

/** A number of single precision: the nearest one is sent, as Math.fround gives it. */
export const f32: WordCodec<number> = {
  form: "word",
  name: "f32",
  code: 5,
  encode(value) {
    if (typeof value !== "number") throw invalidArg("f32 value", "a number", value);
    return Math.fround(value);
  },
  decode: (bits) => bits,
};

/** true or false. */
export const bool: WordCodec<boolean> = {
  form: "word",
  name: "bool",
  code: 6,
  encode(value) {
    if (typeof value !== "boolean") throw invalidArg("bool value", "true or false", value);
    return value ? 1 : 0;
  },
  decode: (bits) => bits === 1,
};

/** Whole numbers of a width: what does not fit is refused, not wrapped. -0 arrives as 0. */
function whole(name: string, code: number, min: number, max: number): WordCodec<number> {
  return {
    form: "word",
    name,
    code,
    encode(value) {
      if (!Number.isInteger(value) || value < min || value > max) {
        throw invalidArg(`${name} value`, `a whole number from ${min} to ${max}`, value);
      }
      return value + 0; // -0 becomes 0
    },
    decode: (bits) => bits,
  };
}

export const i8 = whole("i8", 7, -128, 127);
export const u8 = whole("u8", 8, 0, 255);
export const i16 = whole("i16", 9, -32_768, 32_767);
export const u16 = whole("u16", 10, 0, 65_535);
export const i32 = whole("i32", 11, -2_147_483_648, 2_147_483_647);
export const u32 = whole("u32", 12, 0, 4_294_967_295);

/** Whole numbers of 64 bits as bigint: what does not fit is refused. */
function big(name: string, code: number, min: bigint, max: bigint): BlockCodec<bigint> {
  return {
    form: "block",
    name,
    code,
    encode(value) {
      if (typeof value !== "bigint" || value < min || value > max)
        throw invalidArg(`${name} value`, `a bigint from ${min} to ${max}`, value);
      return new Uint8Array(new BigUint64Array([BigInt.asUintN(64, value)]).buffer);
    },
    decode(bytes) {
      const value = new BigUint64Array(bytes.buffer, bytes.byteOffset, 1)[0]!;
      return min < 0n ? BigInt.asIntN(64, value) : value;
    },
  };
}

export const i64 = big("i64", 13, -(2n ** 63n), 2n ** 63n - 1n);
export const u64 = big("u64", 14, 0n, 2n ** 64n - 1n);

const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of any length. A lone surrogate, which UTF-8 cannot carry, is refused. */
export const utf8: BlockCodec<string> = {
  form: "block",
  name: "utf8",
  code: 15,
  encode(value) {
    if (typeof value !== "string") throw invalidArg("utf8 value", "a string", value);
    if (!value.isWellFormed()) throw new HeddleError("ERR_UNSENDABLE", "utf8 value: expected well-formed text, got a lone surrogate");
    return toUtf8.encode(value);
  },
  decode: (bytes) => fromUtf8.decode(bytes),
};

/** Bytes of any length. What is received is the receiver's own copy. */
export const bytes: BlockCodec<Uint8Array> = {
  form: "block",
  name: "bytes",
  code: 16,
  encode(value) {
    if (!(value instanceof Uint8Array)) throw invalidArg("bytes value", "a Uint8Array", value);
    return value;
  },
  decode: (received) => received,
};

/** The codecs that are made of nothing else, by code. */
export const PLAIN = new Map<number, Codec<unknown>>(
  [f64, f32, bool, i8, u8, i16, u16, i32, u32, i64, u64, utf8, bytes].map((codec) => [codec.code, codec as unknown as Codec<unknown>]),
);

const MAX_CODE = 0x3fff_ffff;

/** The code of a codec made of another; a chain of at most six. */
export function nest(kind: number, inner: Codec<unknown>): number {
  if (!isCodec(inner)) throw invalidArg("codec", "a codec", inner);
  if (inner.code > MAX_CODE >> CODE_BITS) throw invalidArg("codec", "handles of handles at most five deep", inner.name);
  return inner.code * (1 << CODE_BITS) + kind;
}

/** The code of what a codec is made of. */
export function innerCode(code: number): number {
  return code >>> CODE_BITS;
}

export function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === "object" && value !== null && typeof (value as Codec<unknown>).code === "number";
}

export function unknownCodec(code: number): HeddleError {
  return new HeddleError("ERR_INVALID_ARG", `codec: expected the code of a known codec, got ${code}`);
}
