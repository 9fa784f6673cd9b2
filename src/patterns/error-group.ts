// Error group: tasks that belong together; the first error cancels the rest. Source: golang.org/x/sync/errgroup; Concurrency in Go, ch. 5, "Error Propagation"
// (left open as an exercise there).
//
// A task of a module reference runs inside a task of ours (group-task.ts), which drops it if the group was cancelled before it began, and signals it
// afterwards. It is never given up: wait() settles when all have ended.

import type { Canceller, Context } from "../runtime/context/index.ts";
import { AbortError, HeddleError, invalidArg } from "../runtime/errors.ts";
import { type AnyFunction, isReference, moduleRef, nameOf } from "../workers/module-ref.ts";
import type { Runtime } from "../workers/runtime.ts";
import { type EndOptions, endError, endOf } from "./ending.ts";
import { checkRuntime } from "./fan-out/settings.ts";

/** Options of errorGroup(). */
export interface GroupOptions extends EndOptions {
  /**
   * 'first' (default): the first error cancels the rest, and wait() throws it. 'all': all run; wait() throws an AggregateError of all errors, in submit order,
   * whose cause is the first of them in time. 'collect': all run; wait() answers an outcome for each.
   */
  mode?: "first" | "all" | "collect";
  /** Tasks that run at a time, at least 1; the others wait in the group. Default Infinity. */
  limit?: number;
  /** Each task has an OS thread of its own. Default false: light tasks. */
  dedicated?: boolean;
}

/** A task that failed. */
export interface GroupFailure {
  /** Which one, counted in submit order from 0. */
  readonly index: number;
  readonly error: unknown;
}

/** The arguments of a function, without the context it is given behind them. */
export type GroupArgs<F extends AnyFunction> = Parameters<F> extends [...infer A, Context] ? A : Parameters<F>;

interface Submitted {
  readonly index: number;
  readonly start: () => PromiseLike<unknown>;
}

const own = moduleRef<typeof import("./group-task.ts")>(new URL("./group-task.js", import.meta.url));

/**
 * Starts a group. Functions are those of a module reference, which run on threads, or of this thread.
 * Waits: never. Threads: the calling one starts and waits. Throws: ERR_INVALID_ARG; what has ended it already.
 * Cost: a task for each task of a module reference, and one context for the group. A group that was given tasks is to be waited for.
 * See: golang.org/x/sync/errgroup.
 */
export function errorGroup(rt: Runtime, options: GroupOptions = {}): ErrorGroup {
  checkRuntime("errorGroup", rt);
  const end = endOf("errorGroup", options);
  const { mode = "first", dedicated = false } = options;
  if (mode !== "first" && mode !== "all" && mode !== "collect") throw invalidArg("errorGroup: mode", "'first', 'all' or 'collect'", mode);
  if (typeof dedicated !== "boolean") throw invalidArg("errorGroup: dedicated", "true or false", dedicated);
  return new ErrorGroup(rt, { ...options, mode, dedicated, signal: end });
}

/** Tasks that belong together, as errorGroup() has made the group: go() adds one, wait() has what became of all. Threads: the one that made it. */
export class ErrorGroup {
  readonly #rt: Runtime;
  readonly #mode: NonNullable<GroupOptions["mode"]>;
  readonly #dedicated: boolean;
  readonly #outer: AbortSignal | undefined;
  readonly #cancel = new AbortController();
  readonly #queue: Submitted[] = [];
  readonly #outcomes: PromiseSettledResult<unknown>[] = [];
  /** In the order they happened. */
  readonly #failures: GroupFailure[] = [];
  /** Why it was cancelled. */
  #cancelled: { readonly error: unknown } | undefined;
  readonly #above: Context;
  /** Tells the tasks; made with the first of them. */
  #work: Canceller | undefined;
  #limit: number;
  #submitted = 0;
  #running = 0;
  #waiting: Promise<unknown[]> | undefined;
  #onEmpty: (() => void) | undefined;
  #isOver = false;

  /** @internal */
  constructor(rt: Runtime, options: GroupOptions & Required<Pick<GroupOptions, "mode" | "dedicated">>) {
    this.#rt = rt;
    this.#mode = options.mode;
    this.#dedicated = options.dedicated;
    this.#limit = checkLimit(options.limit ?? Number.POSITIVE_INFINITY);
    this.#above = options.ctx ?? rt.background;
    this.#outer = options.signal;
    this.#outer?.addEventListener("abort", this.#onOuter, { once: true });
  }

  /** Fires when the group is cancelled; its reason is the first error, or what cancel() was given. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Every failure so far, in the order they happened; those after a cancellation too. */
  get failures(): readonly GroupFailure[] {
    return [...this.#failures];
  }

  /** Tasks that run. */
  get running(): number {
    return this.#running;
  }

  /** Tasks that wait for the limit. */
  get queued(): number {
    return this.#queue.length;
  }

  get limit(): number {
    return this.#limit;
  }

  /** More: tasks that wait are started. Fewer: those that run go on. Throws: ERR_INVALID_ARG. */
  set limit(limit: number) {
    this.#limit = checkLimit(limit);
    this.#startNext();
  }

  /**
   * Adds a task: `fn(...args, ctx)`; the context is below the group's and ends when the group is cancelled. It starts at once or when the limit allows; in a group that was cancelled it is dropped, which counts as a failure
   * with an AbortError. Waits: never. Throws: ERR_CLOSED when wait() has settled. Everything else, also a task that cannot be started, is its failure.
   */
  go<F extends AnyFunction>(fn: F, ...args: GroupArgs<F>): void {
    if (this.#isOver) throw new HeddleError("ERR_CLOSED", "the group has ended: wait() has settled");
    this.#queue.push({ index: this.#submitted++, start: () => this.#begin(fn as unknown as (...args: unknown[]) => unknown, args) });
    this.#startNext();
  }

  /** The same if it can start at once; otherwise, and in a group that was cancelled, false. */
  tryGo<F extends AnyFunction>(fn: F, ...args: GroupArgs<F>): boolean {
    if (this.#isOver || this.#cancelled || this.#running >= this.#limit || this.#queue.length > 0) return false;
    this.go(fn, ...args);
    return true;
  }

  /** Tasks that wait are dropped, those that run are signalled. Second call, and after the end: nothing. */
  cancel(reason?: unknown): void {
    this.#cancelWith(endError(reason));
  }

  readonly #onOuter = (): void => this.#cancelWith(endError(this.#outer!.reason));

  #cancelWith(error: unknown): void {
    if (this.#isOver || this.#cancelled) return;
    this.#cancelled = { error };
    this.#cancel.abort(error);
    this.#work?.cancel(error instanceof Error ? error : undefined);
    this.#startNext();
  }

  /**
   * The results in submit order; in mode 'collect' outcomes, as Promise.allSettled gives them, of which the types are for the caller to say.
   * Waits: this promise, until every task has ended, those of a cancelled group too. Of no task: at once. Second call: the same.
   * Throws (rejects): see `mode`; AbortError after cancel(), and what `ctx` or `signal` ended it with.
   */
  wait<R = unknown>(): Promise<R[]> {
    this.#waiting ??= this.#wait();
    return this.#waiting as Promise<R[]>;
  }

  async #wait(): Promise<unknown[]> {
    while (this.#running > 0 || this.#queue.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    this.#isOver = true;
    this.#outer?.removeEventListener("abort", this.#onOuter);
    this.#work?.[Symbol.dispose]();
    if (this.#mode === "collect") return this.#outcomes;
    if (this.#cancelled) throw this.#cancelled.error;
    if (this.#failures.length > 0) throw groupFailed(this.#failures, this.#submitted);
    return this.#outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value);
  }

  #startNext(): void {
    while (this.#queue.length > 0 && (this.#cancelled || this.#running < this.#limit)) {
      const task = this.#queue.shift()!;
      if (this.#cancelled) this.#fail(task.index, new AbortError(this.#cancelled.error));
      else void this.#run(task);
    }
    if (this.#running === 0 && this.#queue.length === 0) this.#onEmpty?.();
  }

  async #run({ index, start }: Submitted): Promise<void> {
    this.#running++;
    try {
      const value = await start();
      this.#outcomes[index] = { status: "fulfilled", value };
    } catch (error) {
      this.#fail(index, error);
      if (this.#mode === "first") this.#cancelWith(error);
    }
    this.#running--;
    this.#startNext();
  }

  #fail(index: number, reason: unknown): void {
    this.#outcomes[index] = { status: "rejected", reason };
    this.#failures.push({ index, error: reason });
  }

  #begin(fn: (...args: unknown[]) => unknown, args: unknown[]): PromiseLike<unknown> {
    this.#work ??= this.#above.withCancel();
    const { ctx } = this.#work;
    if (!isReference(fn)) return new Promise((resolve) => resolve(fn(...args, ctx)));
    const { url, name } = nameOf(fn);
    return this.#rt.with({ dedicated: this.#dedicated }).go(own.runInGroup, url, name, args, ctx);
  }
}

function checkLimit(limit: number): number {
  if (limit !== Number.POSITIVE_INFINITY && (!Number.isInteger(limit) || limit < 1)) {
    throw invalidArg("limit", "a whole number from 1, or Infinity", limit);
  }
  return limit;
}

function groupFailed(failures: readonly GroupFailure[], total: number): AggregateError {
  const inOrder = [...failures].sort((a, b) => a.index - b.index);
  const errors = inOrder.map(({ error }) => error);
  const indexes = inOrder.map(({ index }) => index);
  const error = new AggregateError(errors, `${errors.length} of ${total} tasks failed`, { cause: failures[0]!.error });
  return Object.assign(error, { code: "ERR_GROUP_FAILED", indexes });
}
