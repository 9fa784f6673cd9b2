// What a channel carries, and how it lies in a ring. A codec is data in the channel's record (its code), so any thread that holds the handle can open it.

import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";

/**
 * A codec has one of three forms: a word (8 bytes in the ring), a cell (a fixed number of bytes in the ring), or a block (the ring holds the block's
 * address, and the block moves with it).
 */
export type Codec<T> = WordCodec<T> | CellCodec<T> | BlockCodec<T>;

interface Named {
  readonly name: string;
  /** The code in the heap of a thread: the lowest five bits name the codec, the rest says what it is made of. */
  codeOn(thread: Thread): number;
  /** Bits such a code has at most. */
  readonly codeBits: number;
}

export interface WordCodec<T> extends Named {
  readonly form: "word";
  /** How the number lies in a struct. */
  readonly lane: Lane;
  /** A number whose 8 bytes carry the value. Throws ERR_INVALID_ARG or ERR_FOREIGN_HANDLE; nothing is sent then. */
  encode(value: T, thread: Thread): number;
  decode(bits: number, thread: Thread): T;
}

export interface CellCodec<T> extends Named {
  readonly form: "cell";
  /** A multiple of 8, CELL_MAX at most. */
  readonly strideBytes: number;
  /** Writes the value to private memory, at an address that is a multiple of 8. Reads all of it before it writes any of it. Throws as a word's encode. */
  write(value: T, address: number, thread: Thread): void;
  read(address: number, thread: Thread): T;
}

export interface BlockCodec<T> extends Named {
  readonly form: "block";
  /** The bytes that carry the value; they are copied before this thread does anything else. Throws ERR_INVALID_ARG or ERR_UNSENDABLE. */
  encode(value: T, thread: Thread): Uint8Array;
  /** `bytes` is a copy of the receiver's own. */
  decode(bytes: Uint8Array, thread: Thread): T;
}

/** A number's place in a struct: how a DataView writes and reads it. */
type Lane = "Float64" | "Float32" | "Int8" | "Uint8" | "Int16" | "Uint16" | "Int32" | "Uint32";

const CODE_BITS = 5;
const CODE_MASK = (1 << CODE_BITS) - 1;

/** The parts that every codec made of nothing else shares. */
const plain = (name: string, code: number) => ({ name, codeOn: () => code, codeBits: CODE_BITS });

/** A number as it is: NaN, infinities and -0 included. */
export const f64: WordCodec<number> = {
  ...plain("f64", 1),
  form: "word",
  lane: "Float64",
  encode(value) {
    if (typeof value !== "number") throw invalidArg("f64 value", "a number", value);
    return value;
  },
  decode: (bits) => bits,
};

/** A number of single precision: the nearest one is sent, as Math.fround gives it. */
export const f32: WordCodec<number> = {
  ...plain("f32", 5),
  form: "word",
  lane: "Float32",
  encode(value) {
    if (typeof value !== "number") throw invalidArg("f32 value", "a number", value);
    return Math.fround(value);
  },
  decode: (bits) => bits,
};

/** true or false. */
export const bool: WordCodec<boolean> = {
  ...plain("bool", 6),
  form: "word",
  lane: "Uint8",
  encode(value) {
    if (typeof value !== "boolean") throw invalidArg("bool value", "true or false", value);
    return value ? 1 : 0;
  },
  decode: (bits) => bits === 1,
};

/** Whole numbers of a width: what does not fit is refused, not wrapped. -0 arrives as 0. */
function whole(name: string, code: number, lane: Lane, min: number, max: number): WordCodec<number> {
  return {
    ...plain(name, code),
    form: "word",
    lane,
    encode(value) {
      if (!Number.isInteger(value) || value < min || value > max) {
        throw invalidArg(`${name} value`, `a whole number from ${min} to ${max}`, value);
      }
      return value + 0; // -0 becomes 0
    },
    decode: (bits) => bits,
  };
}

/** Whole numbers from −128 to 127. */
export const i8 = whole("i8", 7, "Int8", -128, 127);
/** Whole numbers from 0 to 255. */
export const u8 = whole("u8", 8, "Uint8", 0, 255);
/** Whole numbers from −32,768 to 32,767. */
export const i16 = whole("i16", 9, "Int16", -32_768, 32_767);
/** Whole numbers from 0 to 65,535. */
export const u16 = whole("u16", 10, "Uint16", 0, 65_535);
/** Whole numbers of 32 bits. */
export const i32 = whole("i32", 11, "Int32", -2_147_483_648, 2_147_483_647);
/** Whole numbers of 32 bits, from 0. */
export const u32 = whole("u32", 12, "Uint32", 0, 4_294_967_295);

/** Whole numbers of 64 bits as bigint: what does not fit is refused. */
function big(name: string, code: number, isSigned: boolean, min: bigint, max: bigint): CellCodec<bigint> {
  return {
    ...plain(name, code),
    form: "cell",
    strideBytes: 8,
    write(value, address, thread) {
      if (typeof value !== "bigint" || value < min || value > max)
        throw invalidArg(`${name} value`, `a bigint from ${min} to ${max}`, value);
      thread.heap.view.setBigInt64(address, value, true);
    },
    read: (address, { heap: { view } }) => (isSigned ? view.getBigInt64(address, true) : view.getBigUint64(address, true)),
  };
}

/** A `bigint` of 64 bits. */
export const i64 = big("i64", 13, true, -(2n ** 63n), 2n ** 63n - 1n);
/** A `bigint` of 64 bits, from 0. */
export const u64 = big("u64", 14, false, 0n, 2n ** 64n - 1n);

const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of any length. A lone surrogate, which UTF-8 cannot carry, is refused. */
export const utf8: BlockCodec<string> = {
  ...plain("utf8", 15),
  form: "block",
  encode(value) {
    if (typeof value !== "string") throw invalidArg("utf8 value", "a string", value);
    if (!value.isWellFormed()) throw new HeddleError("ERR_UNSENDABLE", "utf8 value: expected well-formed text, got a lone surrogate");
    return toUtf8.encode(value);
  },
  decode: (bytes) => fromUtf8.decode(bytes),
};

/** Bytes of any length. What is received is the receiver's own copy. */
export const bytes: BlockCodec<Uint8Array> = {
  ...plain("bytes", 16),
  form: "block",
  encode(value) {
    if (!(value instanceof Uint8Array)) throw invalidArg("bytes value", "a Uint8Array", value);
    return value;
  },
  decode: (received) => received,
};

/** The codecs that are made of nothing else. */
const PLAIN = [f64, f32, bool, i8, u8, i16, u16, i32, u32, i64, u64, utf8, bytes] as unknown as Codec<unknown>[];

type Open = (rest: number, thread: Thread) => Codec<unknown>;
const OPENERS = new Map<number, Open>(PLAIN.map((codec) => [codec.codeOn(undefined as never), () => codec]));

/** Teaches codecOf a kind of codec; `open` makes it from the rest of its code. */
export function openable(kind: number, open: Open): void {
  OPENERS.set(kind, open);
}

/** The codec that a code in this thread's heap stands for. */
export function codecOf(code: number, thread: Thread): Codec<unknown> {
  const open = OPENERS.get(code & CODE_MASK);
  if (!open) throw new HeddleError("ERR_INVALID_ARG", `codec: expected the code of a known codec, got ${code}`);
  return open(code >>> CODE_BITS, thread);
}

/** The code of a codec of this kind and what it is made of. */
export function compose(kind: number, rest: number): number {
  return rest * (1 << CODE_BITS) + kind;
}

/** Bits of a code made of another codec's. Throws ERR_INVALID_ARG when there is no room for them. */
export function bitsAround(inner: Codec<unknown>): number {
  if (!isCodec(inner)) throw invalidArg("codec", "a codec", inner);
  const bits = inner.codeBits + CODE_BITS;
  if (2 ** bits - 1 > L.CODEC_MAX) throw invalidArg("codec", "handles of handles at most four deep, of structs two", inner.name);
  return bits;
}

export function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === "object" && value !== null && typeof (value as Codec<unknown>).codeOn === "function";
}
