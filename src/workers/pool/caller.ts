// What can be called of a module: its functions by name, with their types. Types only.

import type { SENDABLE, SendableArgs } from "../../runtime/channel/index.ts";
import type { AnyFunction } from "../module-ref.ts";

/** Whether a function gives many values, one after another, and not a handle that can be iterated, such as a channel. */
type IsStream<F> = F extends (...args: never[]) => infer R
  ? [R] extends [never]
    ? false
    : R extends { readonly [SENDABLE]: true }
      ? false
      : R extends AsyncIterable<unknown>
        ? true
        : false
  : false;

/** The functions of a module as calls: `pool.call.hash(bytes)`. Those that give many values are under `stream`. */
export type Calls<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? (IsStream<M[K]> extends true ? never : K) : never]: M[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: SendableArgs<A>) => Promise<Awaited<R>>
    : never;
};

/** The async generators of a module: `for await (const row of pool.stream.rows(query))`. */
export type Streams<M> = {
  readonly [K in keyof M as IsStream<M[K]> extends true ? K : never]: M[K] extends (...args: infer A) => AsyncIterable<infer T>
    ? (...args: SendableArgs<A>) => AsyncGenerator<T, void, undefined>
    : never;
};

/** What calls: a pool, or one with options from pool.with(). */
export interface Caller<M> {
  /**
   * Calls a function on whichever of the pool's threads is free; a thread runs one call at a time, to its end.
   * Waits: this promise. Order: as they were issued, within a lane and a priority.
   * Throws (rejects), each call once: what the function throws; AbortError; ERR_QUEUE_TIMEOUT, ERR_RUN_TIMEOUT, ERR_TOTAL_TIMEOUT; ERR_QUEUE_FULL,
   * ERR_DROPPED (the queue is full); ERR_THREAD_DIED (its thread did, of something else); ERR_THREAD_START (no thread can be set up); ERR_CLOSED;
   * ERR_UNSENDABLE, ERR_HEAP_EXHAUSTED; ERR_NO_FUNCTION.
   * Cost: about a microsecond for small arguments, and little more than that when many are issued in one turn: they travel together.
   */
  readonly call: Calls<M>;
  /**
   * Calls an async generator: its values, as they come, `streamAhead` of them ahead of the reader at most. Begins when the first is asked for.
   * Leaving the loop ends the generator at its next value. Throws: as call, after the values that came before.
   */
  readonly stream: Streams<M>;
}
