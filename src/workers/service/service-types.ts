// What a service's calls take and give, as far as types can tell. Types only; neither the browser's nor comlink's are needed to read them.

import type { SENDABLE, Sendable } from "../../runtime/channel/index.ts";
import type { AnyFunction } from "../module-ref.ts";

declare const LIVE: unique symbol;
declare const REMOTE: unique symbol;

/** An object that stays on its thread: made by proxy(). */
export type Live<T> = T & { readonly [LIVE]: true };

/** A live object or a function as another thread sees it: each call and each property is a promise. */
export type Remote<T> = { readonly [REMOTE]: T } & (T extends (...args: infer A) => infer R
  ? (...args: RemoteArgs<A>) => RemoteResult<R>
  : unknown) & {
    readonly [K in keyof T as K extends typeof LIVE ? never : K]: T[K] extends (...args: infer A) => infer R
      ? (...args: RemoteArgs<A>) => RemoteResult<R>
      : Promise<T[K]>;
  };
type RemoteArgs<A extends readonly unknown[]> = { [K in keyof A]: A[K] extends { readonly [REMOTE]: infer T } ? Live<T> : A[K] };
type RemoteResult<R> = Promise<Arrived<Awaited<R>>>;

type IsAny<T> = 0 extends 1 & T ? true : false;
type Plain = string | number | boolean | bigint | null | undefined | Date | RegExp | ArrayBuffer | ArrayBufferView<ArrayBufferLike> | Error;

/**
 * T as a caller may give it, with `never` in place of what cannot cross. Beyond what any task takes: AbortSignals, async iterables, live objects, and
 * functions, which the service calls from its own thread and whose result it must therefore await.
 */
type Crossing<T> =
  IsAny<T> extends true
    ? T
    : T extends Plain
      ? T
      : T extends { readonly [SENDABLE]: true } | { readonly [LIVE]: true } | AbortSignal
        ? T
        : T extends { readonly [REMOTE]: infer O }
          ? O extends AnyFunction
            ? O
            : Live<O>
          : T extends (...args: never[]) => infer R
            ? R extends PromiseLike<unknown> | void
              ? T
              : never
            : T extends AsyncIterable<unknown>
              ? T
              : T extends Map<unknown, unknown> | Set<unknown> | PromiseLike<unknown>
                ? Sendable<T>
                : T extends object
                  ? T extends Sendable<T>
                    ? T
                    : { [K in keyof T]: Crossing<T[K]> }
                  : Sendable<T>;

type Arguments<A extends readonly unknown[]> = { [K in keyof A]: Crossing<A[K]> };

/** What the values of an async iterable result come through: await it, or iterate it at once. */
export type StreamCall<T> = PromiseLike<AsyncIterableIterator<T>> & AsyncIterable<T>;

type Arrived<T> = T extends { readonly [LIVE]: true } ? Remote<T> : T extends AnyFunction ? Remote<T> : T;
type Result<R> = R extends { readonly [SENDABLE]: true }
  ? Promise<R>
  : R extends AsyncIterable<infer V>
    ? StreamCall<V>
    : Promise<Arrived<R>>;

/** Names a module exports for its service's own use. */
type Hook = "start" | "stop";

/** A service's functions, as its handle offers them. */
export type ServiceCalls<A> = {
  readonly [K in keyof A as K extends Hook ? never : A[K] extends AnyFunction ? K : never]: A[K] extends (...args: infer P) => infer R
    ? (...args: Arguments<P>) => Result<Awaited<R>>
    : never;
};

/** The names of a service's functions. */
export type CallName<A> = Extract<keyof ServiceCalls<A>, string>;
