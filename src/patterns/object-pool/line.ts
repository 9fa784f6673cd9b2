// Line: those that wait for an object, in turn.

import { later } from "../../runtime/clock.ts";
import type { Context } from "../../runtime/context/index.ts";
import type { WaitOptions } from "../../runtime/deadline.ts";
import { AbortError, TimeoutError } from "../../runtime/errors.ts";

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export class Line<T> {
  readonly #waiters: Waiter<T>[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  /** Waits: this promise, until serve() or refuse(). Throws (rejects): what refuse() was given, AbortError, TimeoutError. */
  join({ ctx, signal, timeoutMs }: WaitOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      const ends: (() => void)[] = [];
      const leave = (settle: () => void) => {
        for (const end of ends) end();
        settle();
      };
      const waiter: Waiter<T> = {
        resolve: (value) => leave(() => resolve(value)),
        reject: (error) => leave(() => reject(error)),
      };
      const giveUp = (error: unknown) => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        waiter.reject(error);
      };
      ends.push(onAbort(signal, () => giveUp(new AbortError(signal!.reason))));
      ends.push(onAbort(signalOf(ctx), () => giveUp(ctx!.error)));
      if (timeoutMs !== undefined && timeoutMs < 2 ** 31) {
        const timer = later(() => giveUp(new TimeoutError(`get: nothing was put back within ${timeoutMs} ms`)), timeoutMs, true);
        ends.push(() => timer.cancel());
      }
      this.#waiters.push(waiter);
    });
  }

  /** Whoever is first gets it; false if nobody waits. */
  serve(make: () => T): boolean {
    const waiter = this.#waiters.shift();
    waiter?.resolve(make());
    return waiter !== undefined;
  }

  /** Whoever is first is refused. */
  refuse(error: unknown): void {
    this.#waiters.shift()?.reject(error);
  }
}

export function signalOf(ctx: WaitOptions["ctx"]): AbortSignal | undefined {
  return (ctx as Context | undefined)?.signal;
}

/** Calls `fn` when the signal aborts; the answer takes that back. */
export function onAbort(signal: AbortSignal | undefined, fn: () => void): () => void {
  signal?.addEventListener("abort", fn, { once: true });
  return () => signal?.removeEventListener("abort", fn);
}
