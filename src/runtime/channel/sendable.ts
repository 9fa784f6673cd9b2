// What can cross threads, as far as types can tell. What they cannot tell is ERR_UNSENDABLE with the path when it is sent.

import { SENDABLE } from "../operation/shared.ts";

export { SENDABLE };

type Whole = string | number | boolean | bigint | null | undefined | Date | RegExp | ArrayBuffer | ArrayBufferView<ArrayBufferLike> | Error;

type Never =
  | symbol
  | ((...args: never[]) => unknown)
  | (abstract new (
      ...args: never[]
    ) => unknown)
  | PromiseLike<unknown>
  | WeakMap<WeakKey, unknown>
  | WeakSet<WeakKey>
  | WeakRef<WeakKey>
  | SharedArrayBuffer;

type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * T, with `never` in place of everything in it that cannot cross threads: functions, symbols, promises, weak collections, shared buffers. Of a class with
 * methods the methods are such parts, since it would arrive without them.
 */
export type Sendable<T> =
  IsAny<T> extends true
    ? T
    : T extends Whole
      ? T
      : T extends { readonly [SENDABLE]: true }
        ? T
        : T extends Map<infer K, infer V>
          ? Map<Sendable<K>, Sendable<V>>
          : T extends Set<infer V> // before Never: to the compiler a set of objects is a weak set
            ? Set<Sendable<V>>
            : T extends Never
              ? never
              : T extends object
                ? { [K in keyof T]: Sendable<T[K]> }
                : T;

/** Each argument of a call, as Sendable says. */
export type SendableArgs<A extends readonly unknown[]> = { [K in keyof A]: Sendable<A[K]> };
