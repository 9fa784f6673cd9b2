// Rate limiting: values no faster than their limiters allow. Source: Concurrency in Go, ch. 5, "Rate Limiting". The multi-limiter there waits for its tiers
// one after another, and has taken from the first when the second then times out; here tokens are taken from all tiers or from none (Limiters).
//
//   source ─▶ the next value ─▶ its tiers: fixed ones, and those of its key ─▶ one wait for all of them ─▶ reader

import { now } from "../runtime/clock.ts";
import type { Context } from "../runtime/context/index.ts";
import { invalidArg } from "../runtime/errors.ts";
import { KeyedLimiter, Limiter, Limiters } from "../runtime/sync/index.ts";
import { type EndOptions, endError, endOf } from "./ending.ts";
import { LocalFlow } from "./flow.ts";
import { abortable, DONE, type Input, sourceOf } from "./source.ts";

/** A limiter for all values, or one for each key. */
export type Tier = Limiter | KeyedLimiter;

/** Options of rateLimit(). */
export interface RateLimitOptions<T> extends EndOptions {
  /** Whose limiter a value asks, where a tier is keyed. */
  key?: (value: T) => string;
  /** Tokens a value needs: a whole number, 0 or more. Default 1. */
  tokens?: (value: T) => number;
  /** 'wait' (default): a value waits for its tokens. 'drop': a value that would have to wait is dropped. */
  policy?: "wait" | "drop";
}

type Tiers = readonly Tier[];
type Asked = Pick<Limiter, "allow" | "wait">;

/**
 * The values of an input, each when its limiters allow it. The limiters are handles: any number of flows on any threads share them, and stay within one
 * budget together.
 * Waits: never; iteration does. Threads: any. Order: the input's. One value at a time is taken from the input; the one that waits for its tokens is given up
 * when the reader leaves, and so are its tokens, as far as they are not due.
 * Throws: ERR_INVALID_ARG; what has ended it already. The iteration throws ERR_LIMIT_EXCEEDED for a value that will never have its tokens, TimeoutError when the
 * context's deadline would pass first (at once, and nothing is taken then), what the input and the functions throw, ERR_SYNC_CLOSED, ERR_TOO_MANY_KEYS.
 * Cost: no task, no copy; one transition for all tiers of a value. See: Concurrency in Go, ch. 5, "Rate Limiting".
 */
export function rateLimit<T>(input: Input<T>, limiters: Tier | Tiers, options: RateLimitOptions<T> = {}): RateLimited<T> {
  const end = endOf("rateLimit", options);
  const tiers: Tiers = Array.isArray(limiters) ? [...limiters] : [limiters as Tier];
  const { key, tokens, policy = "wait" } = options;
  for (const tier of tiers) {
    if (!(tier instanceof Limiter || tier instanceof KeyedLimiter)) throw invalidArg("rateLimit: limiters", "limiters", tier);
  }
  if (key !== undefined && typeof key !== "function") throw invalidArg("rateLimit: key", "a function", key);
  if (tiers.some((tier) => tier instanceof KeyedLimiter) && !key)
    throw invalidArg("rateLimit: key", "a function where a tier is keyed", key);
  if (tokens !== undefined && typeof tokens !== "function") throw invalidArg("rateLimit: tokens", "a function", tokens);
  if (policy !== "wait" && policy !== "drop") throw invalidArg("rateLimit: policy", "'wait' or 'drop'", policy);
  return new RateLimited<T>(input, tiers, { ...options, policy }, end);
}

/** Values as fast as their limiters allow, as rateLimit() has joined them. Threads: the one that made it. */
export class RateLimited<T> extends LocalFlow<T> {
  readonly #tiers: Tiers;
  readonly #options: RateLimitOptions<T>;
  readonly #end: AbortSignal | undefined;
  readonly #ctx: Context | undefined;
  readonly #leave = new AbortController();
  readonly #signal: AbortSignal;
  /** Of tiers that are the same for every value. */
  readonly #fixed: Asked | undefined;
  /** Values that came through. */
  passed = 0;
  /** Values that were dropped. */
  dropped = 0;
  /** How long values have waited for their tokens, in milliseconds. */
  waitedMs = 0;

  /** @internal */
  constructor(input: Input<T>, tiers: Tiers, options: RateLimitOptions<T>, end: AbortSignal | undefined) {
    const source = sourceOf("rateLimit: input", input);
    super(end ? abortable(source, end) : source);
    this.#tiers = tiers;
    this.#options = options;
    this.#end = end;
    this.#ctx = options.ctx;
    this.#signal = end ? AbortSignal.any([this.#leave.signal, end]) : this.#leave.signal;
    const isFixed = tiers.every((tier) => tier instanceof Limiter);
    this.#fixed = isFixed ? new Limiters(tiers as readonly Limiter[]) : undefined;
  }

  protected async pull(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const step = await this.source.next();
      if (step.done) return step;
      const isAllowed = await this.#ask(step.value);
      if (this.#leave.signal.aborted) return DONE;
      if (isAllowed) {
        this.passed++;
        return step;
      }
      this.dropped++;
    }
  }

  async #ask(value: T): Promise<boolean> {
    const { tokens, policy } = this.#options;
    const n = tokens ? tokens(value) : 1;
    for (;;) {
      try {
        const asked = this.#fixed ?? this.#tiersOf(value);
        if (policy === "drop") return asked.allow(n);
        const startMs = now();
        await asked.wait(n, { ctx: this.#ctx, signal: this.#signal });
        this.waitedMs += now() - startMs;
        return true;
      } catch (error) {
        if (this.#leave.signal.aborted) return false;
        if (this.#end?.aborted) throw endError(this.#end.reason);
        if (!this.#wasDropped(error)) throw error;
      }
    }
  }

  #tiersOf(value: T): Asked {
    const key = this.#options.key!(value);
    return new Limiters(this.#tiers.map((tier) => (tier instanceof KeyedLimiter ? tier.of(key) : tier)));
  }

  /** A key's limiter was full, and dropped for another key's between the look and the call: nothing was taken. */
  #wasDropped(error: unknown): boolean {
    return !this.#fixed && (error as { code?: unknown }).code === "ERR_SYNC_CLOSED" && this.#tiers.every((tier) => !tier.place.isClosed);
  }

  override return(): Promise<IteratorResult<T, undefined>> {
    this.#leave.abort();
    return super.return();
  }
}
