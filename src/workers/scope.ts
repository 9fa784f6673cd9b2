// Scope: structured concurrency. What is started in it cannot outlive it; the first failure cancels the rest; what was made in it goes with it.
//
//   body ──┬── go(…)     tasks on threads ──┐
//          ├── run(…)    work of this thread ├── all have ended ── resources, last first ── channels ── the scope's own context
//          └── its own steps ────────────────┘
//
// Source   Nathaniel J. Smith's "Notes on structured concurrency" for the idea; golang.org/x/sync/errgroup for the first failure.

import type { Channel, ChannelOptions, Codec, SendableArgs } from "../runtime/channel/index.ts";
import type { Canceller, Context } from "../runtime/context/index.ts";
import { AbortError, ChannelClosedError, HeddleError, invalidArg } from "../runtime/errors.ts";
import type { AnyFunction } from "./module-ref.ts";
import type { GoOptions } from "./starter.ts";
import type { Task } from "./task.ts";

/** Options of rt.scope(). */
export interface ScopeOptions {
  /** The scope ends with it. Default: the background. */
  ctx?: Context | undefined;
  /** Cancels the scope after so many milliseconds. Default Infinity. */
  timeoutMs?: number | undefined;
}

/** What a scope needs of its runtime. */
export interface ScopeHome {
  readonly background: Context;
  channel<T>(codec: Codec<T>, capacity?: number, options?: ChannelOptions): Channel<T>;
  with(options: GoOptions): { go<F extends AnyFunction>(fn: F, ...args: SendableArgs<Parameters<F>>): Task<Awaited<ReturnType<F>>> };
}

type Resource = Disposable | AsyncDisposable;

/** What rt.scope() gives its function: whatever is started or made through it ends, at the latest, with the block. Threads: the one that opened it. */
export class Scope {
  /** Ends when the scope is cancelled: by the first failure, by cancel(), by what is above it. Hand it to what is started. */
  readonly ctx: Context;
  readonly #home: ScopeHome;
  readonly #canceller: Canceller;
  readonly #children = new Set<Promise<unknown>>();
  readonly #channels: Channel<unknown>[] = [];
  readonly #resources: Resource[] = [];
  readonly #failures: unknown[] = [];
  #started = 0;
  #isOver = false;

  private constructor(home: ScopeHome, canceller: Canceller) {
    this.#home = home;
    this.#canceller = canceller;
    this.ctx = canceller.ctx;
  }

  /** @internal */
  static async run<T>(home: ScopeHome, body: (scope: Scope) => T | PromiseLike<T>, options: ScopeOptions): Promise<T> {
    if (typeof body !== "function") throw invalidArg("scope: body", "a function that takes the scope", body);
    if (typeof options !== "object" || options === null) throw invalidArg("scope: options", "an object { ctx, timeoutMs }", options);
    const above = options.ctx ?? home.background;
    const canceller = options.timeoutMs === undefined ? above.withCancel() : above.withTimeout(options.timeoutMs);
    const scope = new Scope(home, canceller);
    const stopWatching = scope.ctx.afterDone(() => scope.#closeChannels());
    try {
      return await scope.#run(body);
    } finally {
      stopWatching();
      canceller[Symbol.dispose]();
    }
  }

  /** Starts a task, as rt.go() does; the scope waits for it. Throws also ERR_CLOSED once the scope has ended. */
  go<F extends AnyFunction>(fn: F, ...args: SendableArgs<Parameters<F>>): Task<Awaited<ReturnType<F>>> {
    return this.with({}).go(fn, ...args);
  }

  /** The same with options. */
  with(options: GoOptions): ReturnType<ScopeHome["with"]> {
    return {
      go: <F extends AnyFunction>(fn: F, ...args: SendableArgs<Parameters<F>>) => {
        this.#checkOpen();
        const task = this.#home.with(options).go(fn, ...args);
        this.#adopt(task, task.ended);
        return task;
      },
    };
  }

  /** Runs work of this thread beside the body; the scope waits for it. Answers its promise, which need not be looked after. */
  run<T>(work: (ctx: Context) => T | PromiseLike<T>): Promise<T> {
    this.#checkOpen();
    const running = new Promise<T>((resolve) => resolve(work(this.ctx)));
    this.#adopt(running);
    return running;
  }

  /** A channel that is closed when the scope is cancelled, and gone with it, values and all. Otherwise as rt.channel(). */
  channel<T>(codec: Codec<T>, capacity?: number, options?: ChannelOptions): Channel<T> {
    this.#checkOpen();
    const channel = this.#home.channel(codec, capacity, options);
    this.#channels.push(channel as Channel<unknown>);
    return channel;
  }

  /** Something to be disposed of when everything started has ended, in reverse order. */
  use<R extends Resource>(resource: R): R {
    this.#checkOpen();
    this.#resources.push(resource);
    return resource;
  }

  /** Cancels what runs in it. The second call, and one after a failure, does nothing. */
  cancel(cause?: unknown): void {
    this.#canceller.cancel(cause);
    this.#closeChannels();
  }

  /** `ended`, of a task: it may still run when its promise has rejected, because its signal has fired. */
  #adopt(child: PromiseLike<unknown>, ended?: Promise<unknown>): void {
    this.#started++;
    const watched = Promise.resolve(child).then(
      () => ended,
      (error) => {
        this.#fail(error);
        return ended;
      },
    );
    this.#children.add(watched);
    void watched.then(() => this.#children.delete(watched));
  }

  /** What only follows from the cancellation is no failure of its own. */
  #fail(error: unknown): void {
    if (this.ctx.cancelled && (error instanceof AbortError || error instanceof ChannelClosedError)) return;
    this.#failures.push(error);
    this.cancel(error instanceof Error ? error : new AbortError(error));
  }

  async #run<T>(body: (scope: Scope) => T | PromiseLike<T>): Promise<T> {
    let result: { value: T } | undefined;
    try {
      result = { value: await body(this) };
    } catch (error) {
      this.#fail(error);
    }
    while (this.#children.size > 0) await Promise.all(this.#children); // what ends may have started more
    this.#isOver = true;
    await this.#clean();
    if (this.#failures.length === 1) throw this.#failures[0];
    if (this.#failures.length > 1) throw scopeFailed(this.#failures, this.#started);
    if (!result) throw this.ctx.error ?? new AbortError(undefined);
    return result.value;
  }

  async #clean(): Promise<void> {
    for (const resource of this.#resources.reverse()) {
      try {
        if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
        else resource[Symbol.dispose]();
      } catch (error) {
        this.#failures.push(error);
      }
    }
    for (const channel of this.#channels) channel[Symbol.dispose]();
  }

  #closeChannels(): void {
    for (const { ring } of this.#channels) ring.close(); // whoever its declared sender is
  }

  #checkOpen(): void {
    if (this.#isOver) throw new HeddleError("ERR_CLOSED", "the scope has ended: its body and everything it started are over");
  }
}

function scopeFailed(failures: readonly unknown[], started: number): AggregateError {
  const error = new AggregateError(failures, `${failures.length} failures in a scope that had started ${started}`, { cause: failures[0] });
  return Object.assign(error, { code: "ERR_SCOPE_FAILED" });
}
