// Service: a module whose functions run on one thread of their own, which keeps its state; the handle outlives any number of threads.

import { later } from "../../runtime/clock.ts";
import type { Context } from "../../runtime/context/index.ts";
import { deadlineOf } from "../../runtime/deadline.ts";
import { AbortError, type HeddleError, invalidArg, TimeoutError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { CrewHome } from "../crew.ts";
import type { ServiceSummary } from "../seeing/crews-seen.ts";
import { type ServiceTrace, serviceStart, serviceTracing, traced } from "../seeing/diagnostics.ts";
import type { Child, ChildOptions, Exit, Running } from "../supervision/child.ts";
import { Calls } from "./calls.ts";
import type { Instance, ServiceCode } from "./instance.ts";
import { LocalInstance } from "./local-instance.ts";
import type { CallName, ServiceCalls } from "./service-types.ts";
import { ThreadInstance } from "./thread-instance.ts";

/** Options of service(). */
export interface ServiceOptions<A = unknown> extends ChildOptions {
  /** Its name in messages, events and which(). Default: the file's, with a number if there are several. */
  id?: string;
  /** Functions that may run twice: when the thread dies during a call of one, the call is made again. Default none. */
  idempotent?: readonly CallName<A>[];
  /** How often such a call is begun at most. Default 3, minimum 1, Infinity allowed. */
  attempts?: number;
  /** Calls that may wait while the service starts or is started again; one more is ERR_QUEUE_FULL. Default 1,000, minimum 0, Infinity allowed. */
  maxWaiting?: number;
  /** The thread is killed, and started again by policy, when it has not turned its event loop for so long. Default undefined: never. Minimum 50. */
  hangMs?: number;
  /** 'threads-0': when the thread has died too often, the module runs on the calling thread instead. Default undefined: the supervisor gives up. */
  fallback?: "threads-0";
}

/** Options of a service's with(). */
export interface CallOptions {
  /** Ends the call with an AbortError. One that was not begun never is; one that was runs to its end. */
  signal?: AbortSignal | undefined;
  ctx?: Context | undefined;
  /** Ends the call with a TimeoutError, its wait for a restart included. Milliseconds, 0 or more; Infinity and undefined never do. */
  timeoutMs?: number | undefined;
}

/** What a service needs of its runtime. */
export interface ServiceHome {
  readonly crews: CrewHome;
  readonly thread: Thread;
  readonly enter: () => () => void;
}

/** What the supervision does with it. */
export interface ServiceParts {
  readonly home: ServiceHome;
  readonly code: ServiceCode;
  /** Stops it for good, and forgets it. */
  readonly remove: () => Promise<void>;
}

/**
 * A supervised service.
 * `service.call.name(…)` is a promise for the function's result, or, of an async generator, an async iterable: `for await (const x of service.call.list())`.
 * Waits: that promise; a call made while the service is started again waits for it. Threads: the supervising one.
 * Order: calls begin in the order they were made; they run beside each other as far as the module's functions await.
 * Throws (rejects): what the function throws, with its name, code, cause and stack; ERR_THREAD_DIED (cause: of what) if the thread died after the call may
 * have been begun; ERR_SERVICE_DOWN (cause: why) when it was stopped or given up; ERR_QUEUE_FULL; ERR_NO_FUNCTION; ERR_UNSENDABLE; and with options
 * AbortError and TimeoutError. Cost: a task of the heap, its arguments and result copied twice each.
 */
export class Service<A> {
  /** The functions of the module. */
  readonly call: ServiceCalls<A>;
  /** Its name in messages, events and which(). */
  readonly id: string;
  readonly #parts: ServiceParts;
  readonly #calls: Calls;
  #instance: Instance | undefined;
  #state: "starting" | "running" | "down" = "starting";
  #downError: HeddleError | undefined;
  #isStopped = false;
  #starts = 0;
  #pending = 0;
  readonly #tell = (): ServiceSummary => ({
    id: this.id,
    state: this.#state,
    threadId: this.threadId,
    restarts: this.#restarts,
    pending: this.#pending,
    waiting: this.waiting,
  });
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** @internal */
  constructor(parts: ServiceParts, options: ServiceOptions<A>) {
    this.id = parts.code.name;
    this.#parts = parts;
    this.#calls = new Calls(parts.home.thread, {
      name: this.id,
      idempotent: new Set<string>(options.idempotent ?? []),
      attempts: options.attempts ?? 3,
      maxWaiting: options.maxWaiting ?? 1_000,
    });
    this.call = this.#callsWith({});
    parts.home.crews.seen.services.add(this.#tell);
  }

  get #restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** The same calls with options. Throws: ERR_INVALID_ARG; with what has ended already, each call is refused. */
  with(options: CallOptions): { readonly call: ServiceCalls<A> } {
    if (typeof options !== "object" || options === null) throw invalidArg("with: options", "an object { signal, ctx, timeoutMs }", options);
    const { timeoutMs, signal } = options;
    deadlineOf("with", { timeoutMs, signal: signal?.aborted ? undefined : signal });
    return { call: this.#callsWith(options) };
  }

  /** 'starting' also while it is started again; 'down': it was stopped or given up. */
  get state(): "starting" | "running" | "down" {
    return this.#state;
  }

  /** Node's id of its thread, as long as it has one; 0 for the calling thread. */
  get threadId(): number | undefined {
    return this.#instance?.threadId;
  }

  /** Calls that wait for it to be there. */
  get waiting(): number {
    return this.#calls.waiting;
  }

  /** Resolves when it runs, at once if it does. Rejects: ERR_SERVICE_DOWN, with the cause. */
  async ready(): Promise<void> {
    if (this.#state === "running") return;
    if (this.#state === "down") throw this.#downError;
    const { parker } = this.#parts.home.thread;
    parker.hold();
    try {
      await new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    } finally {
      parker.release();
    }
  }

  /**
   * Stops it for good: no more calls are taken, those that were begun may end within its `shutdownMs`, then the module's stop hook is called.
   * Waits: this promise. Second call: nothing happens.
   */
  stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#state !== "down") this.onDown(undefined);
    this.#parts.home.crews.seen.services.delete(this.#tell);
    return this.#parts.remove();
  }

  /** @internal */
  get child(): Child {
    const { home, code } = this.#parts;
    return this.#childOf((signal) =>
      home.crews.hasThreads
        ? ThreadInstance.start(home.crews, home.thread, code, signal)
        : LocalInstance.start(home.thread, home.enter, code, signal),
    );
  }

  /** @internal */
  get localChild(): Child {
    const { home, code } = this.#parts;
    return this.#childOf((signal) => LocalInstance.start(home.thread, home.enter, code, signal));
  }

  #childOf(start: (signal: AbortSignal) => Promise<Instance>): Child {
    return {
      start: async (signal) => {
        if (this.#isStopped) return undefined; // before it came to be started
        this.#onStarting();
        return this.#onRunning(await start(signal));
      },
      onIdle: (exit) => this.onDown(exit.error),
    };
  }

  #onStarting(): void {
    if (this.#isStopped) return;
    this.#state = "starting";
    this.#calls.pause();
  }

  #onRunning(instance: Instance): Running {
    if (!this.#isStopped) {
      this.#instance = instance;
      this.#state = "running";
      this.#starts++;
      const start: ServiceTrace = { service: this.id, threadId: instance.threadId, restarts: this.#restarts };
      if (serviceStart.hasSubscribers) serviceStart.publish(start);
      this.#calls.up(instance);
      for (const { resolve } of this.#waiters.splice(0)) resolve();
    }
    const exited = instance.exited.then((exit: Exit) => {
      if (this.#instance === instance) this.#onGone();
      return exit;
    });
    const stop = (graceMs: number) => {
      this.#onGone();
      instance.stop(graceMs);
    };
    return { exited, stop };
  }

  /** It ends, or has ended: who comes now waits, until it is known whether it is started again. */
  #onGone(): void {
    this.#instance = undefined;
    this.#onStarting();
  }

  /** @internal Nothing will start it again of its own accord. */
  onDown(cause: unknown): void {
    this.#state = "down";
    this.#downError = this.#calls.downError(cause);
    this.#calls.down(cause);
    for (const { reject } of this.#waiters.splice(0)) reject(this.#downError);
  }

  #callsWith(options: CallOptions): ServiceCalls<A> {
    const known = new Map<string, (...args: unknown[]) => unknown>();
    return new Proxy({} as ServiceCalls<A>, {
      get: (_, name) => {
        if (typeof name !== "string" || name === "then") return undefined; // so that nobody takes it for a promise
        let call = known.get(name);
        if (!call) {
          call = (...args) =>
            new ServiceCall((onValue, onError) => {
              const [resolve, reject] = traced(serviceTracing, name, this.id, onValue, onError);
              this.#submit(name, args, options).then(resolve, reject);
            });
          known.set(name, call);
        }
        return call;
      },
    });
  }

  async #submit(name: string, args: readonly unknown[], options: CallOptions): Promise<unknown> {
    const limit = new Limit(name, options);
    this.#pending++;
    try {
      return await this.#calls.submit(name, args, limit.signal);
    } finally {
      this.#pending--;
      limit.leave();
    }
  }
}

/** What ends a call from outside: one signal, whose reason is the error. */
class Limit {
  readonly signal: AbortSignal | undefined;
  readonly leave: () => void = () => undefined;

  constructor(name: string, { signal, ctx, timeoutMs = Number.POSITIVE_INFINITY }: CallOptions) {
    if (!signal && !ctx && timeoutMs === Number.POSITIVE_INFINITY) return;
    const end = new AbortController();
    const onSignal = () => end.abort(new AbortError(signal?.reason));
    const stopWatching = ctx?.afterDone(() => end.abort(ctx.error));
    const timer =
      timeoutMs < 2 ** 31
        ? later(() => end.abort(new TimeoutError(`${name}: no result within ${timeoutMs} ms`)), timeoutMs, true)
        : undefined;
    signal?.addEventListener("abort", onSignal, { once: true });
    if (signal?.aborted) onSignal();
    else if (ctx?.error) end.abort(ctx.error);
    this.signal = end.signal;
    this.leave = () => {
      timer?.cancel();
      stopWatching?.();
      signal?.removeEventListener("abort", onSignal);
    };
  }
}

/** The promise of a call, which can also be iterated if its result can. */
class ServiceCall extends Promise<unknown> implements AsyncIterable<unknown> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    const result = (await this) as AsyncIterable<unknown>;
    if (typeof result?.[Symbol.asyncIterator] !== "function")
      throw invalidArg("for await", "a function whose result is an async iterable", result);
    yield* result;
  }
}
