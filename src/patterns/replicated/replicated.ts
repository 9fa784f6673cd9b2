// Replicated requests: one request to several replicas, the first success is the answer. Source: Concurrency in Go, ch. 5, "Replicated Requests"; hedging:
// Dean and Barroso, "The Tail at Scale". In the figure the first to finish wins, whatever it finished with, and the losers are told but not waited for.

import type { Context } from "../../runtime/context/index.ts";
import { HeddleError, invalidArg } from "../../runtime/errors.ts";
import type { AnyFunction } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import { type EndOptions, endOf } from "../ending.ts";
import type { GroupArgs } from "../error-group.ts";
import { checkRuntime } from "../fan-out/settings.ts";
import { Race } from "./race.ts";
import { type ReplicatedOptions, type ReplicatedSettings, replicatedSettings } from "./settings.ts";
import { type ReplicatedStats, Tally } from "./tally.ts";

/**
 * Requests that several replicas answer: `replicated(rt, jobs.search, { replicas: 3 }).request("loom").result`. A replica is a call `fn(...args, ctx)` of a
 * module reference, on a thread, or of a function of this thread; of a list, each of its own. Which one it is: `ctx.value("replica")`, from 0.
 * Waits: never. Threads: the calling one. Throws: ERR_INVALID_ARG; what has ended it already.
 * Cost: a task and a context for each replica. See: Concurrency in Go, ch. 5, "Replicated Requests".
 */
export function replicated<F extends AnyFunction>(rt: Runtime, fn: F | readonly F[], options: ReplicatedOptions = {}): Replicated<F> {
  checkRuntime("replicated", rt);
  const functions: readonly F[] = Array.isArray(fn) ? [...fn] : [fn as F];
  const bad = functions.find((one) => typeof one !== "function");
  if (functions.length === 0 || bad !== undefined || functions.includes(undefined as never)) {
    throw invalidArg("replicated: fn", "a function, or a list of them", functions.length === 0 ? fn : bad);
  }
  const settings = replicatedSettings(functions.length, options);
  return new Replicated<F>(rt, functions, settings, options.ctx ?? rt.background);
}

/** A request under way. */
export type ReplicatedRequest<R> = Pick<Race<R>, "result" | "ended">;

type Functions<F> = readonly F[];

/** A function that is asked in several places at once, as replicated() has made it. Threads: the one that made it. */
export class Replicated<F extends AnyFunction> {
  readonly #rt: Runtime;
  readonly #functions: Functions<F>;
  readonly #settings: ReplicatedSettings;
  readonly #above: Context;
  readonly #tally: Tally;
  readonly #open = new Set<Promise<unknown>>();
  #isClosed = false;

  /** @internal */
  constructor(rt: Runtime, functions: Functions<F>, settings: ReplicatedSettings, above: Context) {
    this.#rt = rt;
    this.#functions = functions;
    this.#settings = settings;
    this.#above = above;
    this.#tally = new Tally(settings);
  }

  /**
   * Asks. `result` is the first success, as soon as there is one; `ended` resolves when all replicas have really ended, the losers too, which are
   * cancelled at once: their contexts end, and after `graceMs` their threads are killed.
   * Waits: never. Throws: ERR_CLOSED, what `ctx` or `signal` ended with. What else goes wrong is its replica's failure.
   */
  request(...args: GroupArgs<F>): ReplicatedRequest<Awaited<ReturnType<F>>> {
    return this.#ask(args, this.#settings, this.#above);
  }

  /** A request that ends with its own context or signal too. Otherwise as request(). */
  requestUntil(end: EndOptions, ...args: GroupArgs<F>): ReplicatedRequest<Awaited<ReturnType<F>>> {
    const own = endOf("requestUntil", end);
    const both = [this.#settings.signal, own].filter((signal) => signal !== undefined);
    const signal = both.length > 1 ? AbortSignal.any(both) : both[0];
    return this.#ask(args, { ...this.#settings, signal }, end.ctx ?? this.#above);
  }

  #ask(args: readonly unknown[], settings: ReplicatedSettings, above: Context): Race<Awaited<ReturnType<F>>> {
    if (this.#isClosed) throw new HeddleError("ERR_CLOSED", "close() was called: no more requests are taken");
    if (settings.signal?.aborted) endOf("request", settings);
    const race = new Race<Awaited<ReturnType<F>>>(this.#rt, this.#functions, args, settings, above, this.#tally);
    this.#open.add(race.ended);
    void race.ended.then(() => this.#open.delete(race.ended));
    return race;
  }

  /** So far. */
  get stats(): ReplicatedStats {
    return this.#tally.shown;
  }

  /** Takes no more requests. Waits: until every replica of every request has ended. Second call: the same. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#open);
  }
}
