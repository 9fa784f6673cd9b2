// Serving: consumers of a queue on threads, each replaced when its thread dies.

import { later, now } from "../../runtime/clock.ts";
import type { Context } from "../../runtime/context/index.ts";
import { invalidArg } from "../../runtime/errors.ts";
import { type AnyFunction, isReference, moduleRef, nameOf } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import { BackOff } from "../../workers/supervision/back-off.ts";
import { type EndOptions, endError, endOf } from "../ending.ts";
import { checkRuntime, checkWidth } from "../fan-out/settings.ts";
import { checkGrace, Run } from "../run.ts";
import { consumeWith, type Work } from "./consume.ts";
import { Queue } from "./queue.ts";

/** Options of serve(). */
export interface ServeOptions extends EndOptions {
  /** Consumers, at least 1, or 'auto': the runtime's threads. Default 'auto'. */
  width?: number | "auto";
  /** Each has an OS thread of its own. Default true. False: light tasks, for work that mostly waits. */
  dedicated?: boolean;
  /** How long a job in hand may go on once it was stopped, before its thread is killed. Milliseconds, default Infinity, minimum 0. */
  graceMs?: number;
}

const own = moduleRef<typeof import("./consume.ts")>(new URL("./consume.js", import.meta.url));

/** How long a consumer that died waits to be replaced. */
const BACK_OFF = { minMs: 10, maxMs: 500, factor: 2, jitter: 0.5, resetMs: 1_000 };
/** Deaths in a row without a job handed out: then it is not the jobs that it dies of. */
const MOST_IDLE_DEATHS = 5;

/**
 * Has `fn(value, ctx)` work at a queue's jobs: acknowledged when it returns, given back with the error when it throws, handed out again when its thread dies.
 * Waits: never. Threads: the calling one starts and replaces consumers. Throws: ERR_INVALID_ARG; what has ended it already.
 * Cost: a task and a context for each consumer.
 */
export function serve<T>(rt: Runtime, queue: Queue<T>, fn: (value: T, ctx: Context) => unknown, options: ServeOptions = {}): Serving {
  checkRuntime("serve", rt);
  if (!(queue instanceof Queue)) throw invalidArg("serve: queue", "a queue", queue);
  if (typeof fn !== "function") throw invalidArg("serve: fn", "a function", fn);
  const end = endOf("serve", options);
  const { dedicated = true, graceMs = Number.POSITIVE_INFINITY } = options;
  if (typeof dedicated !== "boolean") throw invalidArg("serve: dedicated", "true or false", dedicated);
  const width = checkWidth("serve", rt, options.width ?? "auto");
  const settings = { width, dedicated, graceMs: checkGrace("serve", graceMs), above: options.ctx ?? rt.background };
  return new Serving(rt, queue as Queue<unknown>, fn as AnyFunction, settings, end);
}

type Settings = { readonly width: number; readonly dedicated: boolean; readonly graceMs: number; readonly above: Context };

/** Workers of a queue at work, as serve() has started them. Threads: the one that started them. */
export class Serving {
  /** Resolves when the queue has ended, or it was stopped, and every consumer has. Rejects: why no consumer can run; what `ctx` or `signal` ended it with. */
  readonly done: Promise<void>;
  readonly #rt: Runtime;
  readonly #queue: Queue<unknown>;
  readonly #fn: AnyFunction;
  readonly #settings: Settings;
  readonly #runs = new Set<Run<void>>();
  readonly #stop = new AbortController();
  #deaths = 0;

  /** @internal */
  constructor(rt: Runtime, queue: Queue<unknown>, fn: AnyFunction, settings: Settings, end: AbortSignal | undefined) {
    this.#rt = rt;
    this.#queue = queue;
    this.#fn = fn;
    this.#settings = settings;
    const onEnd = () => this.#stopAll(endError(end!.reason));
    end?.addEventListener("abort", onEnd, { once: true });
    this.done = this.#all().finally(() => end?.removeEventListener("abort", onEnd));
  }

  /** Threads that died under a consumer. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Consumers that run. */
  get width(): number {
    return this.#runs.size;
  }

  /** No more jobs are taken; contexts end, and after `graceMs` threads are killed: what was in hand is handed out to others. Waits: until all have ended. */
  async stop(): Promise<void> {
    this.#stopAll(undefined);
    await this.done;
  }

  #stopAll(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort({ reason });
    for (const run of this.#runs) run.stop(endError(reason));
  }

  async #all(): Promise<void> {
    const outcomes = await Promise.allSettled(Array.from({ length: this.#settings.width }, () => this.#one()));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
    const { reason } = (this.#stop.signal.aborted ? this.#stop.signal.reason : {}) as { reason?: unknown };
    if (reason !== undefined) throw reason;
  }

  /** One consumer, and those that replace it. */
  async #one(): Promise<void> {
    const backOff = new BackOff(BACK_OFF);
    for (let idleDeaths = 0; !this.#stop.signal.aborted; ) {
      const [startMs, before] = [now(), this.#handedOut];
      const run = this.#start();
      this.#runs.add(run);
      const end = await run.ended;
      this.#runs.delete(run);
      if (end.status === "fulfilled" || this.#stop.signal.aborted) return;
      idleDeaths = this.#handedOut === before ? idleDeaths + 1 : 0;
      const isDeath = (end.reason as { code?: unknown } | undefined)?.code === "ERR_THREAD_DIED";
      if (!isDeath || idleDeaths >= MOST_IDLE_DEATHS) {
        this.#stopAll(undefined);
        throw end.reason;
      }
      this.#deaths++;
      await this.#pause(backOff.next(now() - startMs));
    }
  }

  /** Of every job, one that came back too. */
  get #handedOut(): number {
    return this.#queue.stats().handedOut;
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = later(end, ms, true);
      signal.addEventListener("abort", end);
    });
  }

  #start(): Run<void> {
    const fn = this.#fn;
    return new Run<void>(this.#rt, this.#settings, (launcher, ctx) => {
      if (!isReference(fn)) return consumeWith(fn as unknown as Work, this.#queue.handle, ctx);
      const { url, name } = nameOf(fn);
      return launcher.go(own.consume, url, name, this.#queue.handle, ctx);
    });
  }
}
