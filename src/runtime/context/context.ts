// Context: what ends waits and work, across threads. A tree: a context ends when it is cancelled, when its deadline passes, or when its parent ends.
//
// Nothing travels down the tree. A view knows the done channel of every context above it: a check loads one word for each, a wait links one node for each.
// So a busy thread sees a cancellation that happened elsewhere without turning its event loop, and no thread has to be alive for it to arrive.
//
// Source   Go's context package, for names and meanings.

import { carryAs, SENDABLE } from "../channel/index.ts";
import { now } from "../clock.ts";
import type { Cancellation, Deadline } from "../deadline.ts";
import { AbortError, HeddleError, invalidArg, TimeoutError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import type { Guard } from "../operation/guard.ts";
import { select } from "../select/index.ts";
import { Done } from "./done.ts";
import { Link } from "./link.ts";

/** How many looks at a context with a deadline go by between two looks at the clock. */
const LOOKS_PER_CLOCK = 16;

type Values = ReadonlyMap<unknown, unknown>;
const NO_VALUES: Values = new Map();

/**
 * Says when work is no longer wanted: every wait takes it as `{ ctx }`, a loop looks at `ctx.cancelled`, a select waits for `ctx.done`.
 * A handle: pass it to tasks and through channels. See: Go, context.Context.
 */
export class Context implements Cancellation {
  declare readonly [SENDABLE]: true;
  /** @internal */
  readonly thread: Thread;
  /** @internal The nearest cancellable context; undefined when nothing can end this one. */
  readonly link: Link | undefined;
  /** @internal */
  readonly values: Values;
  readonly #i32: Int32Array;
  /** The word that tells the nearest link's end, and what it holds until then. */
  readonly #word: number;
  readonly #active: number;
  readonly #isDeep: boolean;
  #looks = 0;
  #signal: AbortSignal | undefined;

  /** @internal */
  constructor(thread: Thread, link: Link | undefined, values: Values) {
    this.thread = thread;
    this.link = link;
    this.values = values;
    this.#i32 = thread.heap.i32;
    const ring = link?.done?.ring;
    this.#word = (ring ? ring.address + L.CHANNEL_GEN : L.HEAP_MAGIC_AT) >> 2;
    this.#active = ring ? ring.gen : link ? -1 : L.HEAP_MAGIC; // a link that was gone when it was opened: never equal
    this.#isDeep = this.deadlineMs !== Number.POSITIVE_INFINITY || link?.parent !== undefined;
  }

  /** @internal */
  static background(thread: Thread): Context {
    return new Context(thread, undefined, NO_VALUES);
  }

  /**
   * Whether it has ended.
   * Waits: never. Cost: one load, and one for each cancellable context above; with a deadline a look at the clock every 16 calls.
   */
  get cancelled(): boolean {
    return Atomics.load(this.#i32, this.#word) !== this.#active || (this.#isDeep && this.#looksDeeper());
  }

  #looksDeeper(): boolean {
    for (let link = this.link?.parent; link; link = link.parent) if (link.isDone) return true;
    if (++this.#looks % LOOKS_PER_CLOCK !== 0 || now() < this.deadlineMs) return false;
    for (let link = this.link; link; link = link.parent) if (link.deadlineMs <= now()) link.expire();
    return true;
  }

  /** The earliest deadline of it and the contexts above, on performance.now()'s clock of this thread; Infinity for none. See: Go, Context.Deadline. */
  get deadlineMs(): Deadline {
    let earliest = Number.POSITIVE_INFINITY;
    for (let link = this.link; link; link = link.parent) earliest = Math.min(earliest, link.deadlineMs);
    return earliest;
  }

  /** Why it has ended: what was given to cancel(), or a TimeoutError; undefined while it has not. See: Go, context.Cause. */
  get cause(): unknown {
    for (let link = this.link; link; link = link.parent) {
      if (link.isDone) return link.cause;
      if (link.deadlineMs <= now()) {
        link.expire();
        return link.cause;
      }
    }
    return undefined;
  }

  /** What a wait on it throws: an AbortError with the cause, or the TimeoutError of its deadline; undefined while it has not ended. */
  get error(): Error | undefined {
    if (!this.link?.isDone && !this.cancelled && now() < this.deadlineMs) return undefined;
    const { cause } = this;
    return cause instanceof TimeoutError || cause instanceof AbortError ? cause : new AbortError(cause);
  }

  /** @internal */
  get guards(): readonly Guard[] {
    const guards: Guard[] = [];
    for (let link = this.link; link; link = link.parent) if (link.guard) guards.push(link.guard);
    return guards;
  }

  /**
   * A case of a select, which happens once the context has ended: `select({ job: jobs, stop: ctx.done })`. Undefined, a disabled case, when nothing can
   * end it. See: Go, Context.Done.
   */
  get done(): Done | undefined {
    return this.link && new Done(this, this.link);
  }

  /** The value under a key, of the nearest context that has one. Keys are compared as a Map does. See: Go, Context.Value. */
  value(key: unknown): unknown {
    return this.values.get(key);
  }

  /**
   * A context below this one that can be cancelled.
   * Waits: never. Throws: ERR_HEAP_EXHAUSTED. Cost: about 1.2 KB of the shared heap until it is disposed of: `using work = ctx.withCancel()`.
   * See: Go, context.WithCancelCause.
   */
  withCancel(): Canceller {
    return new Canceller(this, Link.make(this.thread, this.link, Number.POSITIVE_INFINITY));
  }

  /** The same that ends by itself after `ms` milliseconds (0 or more; Infinity never), unless a context above ends earlier. See: Go, context.WithTimeout. */
  withTimeout(ms: number): Canceller {
    if (typeof ms !== "number" || !(ms >= 0)) throw invalidArg("withTimeout", "milliseconds, 0 or more", ms);
    return this.withDeadline(now() + ms);
  }

  /** The same that ends at an instant of performance.now()'s clock. See: Go, context.WithDeadline. */
  withDeadline(deadlineMs: Deadline): Canceller {
    if (typeof deadlineMs !== "number" || Number.isNaN(deadlineMs))
      throw invalidArg("withDeadline", "an instant of performance.now()'s clock", deadlineMs);
    const canceller = new Canceller(this, Link.make(this.thread, this.link, deadlineMs));
    canceller.watchClock();
    return canceller;
  }

  /** The same that ends when an AbortSignal of this thread aborts, with its reason as the cause. */
  withSignal(signal: AbortSignal): Canceller {
    if (!(signal instanceof AbortSignal)) throw invalidArg("withSignal", "an AbortSignal", signal);
    const canceller = this.withCancel();
    if (signal.aborted) canceller.cancel(signal.reason);
    else canceller.follow(signal);
    return canceller;
  }

  /** The same context with a value more. It crosses threads with the context, as a copy. See: Go, context.WithValue. */
  withValue(key: unknown, value: unknown): Context {
    return new Context(this.thread, this.link, new Map([...this.values, [key, value]]));
  }

  /** The values without the end. See: Go, context.WithoutCancel. */
  withoutCancel(): Context {
    return new Context(this.thread, undefined, this.values);
  }

  /**
   * Calls `fn` on this thread's event loop once the context has ended; the answer takes that back, and says whether it came in time.
   * Keeps no process alive. See: Go, context.AfterFunc.
   */
  afterDone(fn: (cause: unknown) => void): () => boolean {
    if (typeof fn !== "function") throw invalidArg("afterDone", "a function", fn);
    const { done } = this;
    let isOver = false;
    const run = () => {
      if (isOver) return;
      isOver = true;
      fn(this.cause);
    };
    const stop = new AbortController();
    const onStop = (error: unknown) => {
      if (!stop.signal.aborted && !this.thread.isClosed) throw error;
    };
    if (done) select({ done }, { signal: stop.signal, isBackground: true }).then(run, onStop);
    return () => {
      const isInTime = !isOver;
      isOver = true;
      stop.abort();
      return isInTime;
    };
  }

  /** An AbortSignal of this thread that aborts when the context ends, with its cause as the reason. The same one each time. */
  get signal(): AbortSignal {
    if (!this.#signal) {
      const controller = new AbortController();
      this.#signal = controller.signal;
      if (this.error) controller.abort(this.cause);
      else this.afterDone((cause) => controller.abort(cause));
    }
    return this.#signal;
  }
}

/** A context that its holder can cancel: hand tasks just the `ctx`. Sent to another thread it cancels from there. */
export class Canceller {
  declare readonly [SENDABLE]: true;
  readonly ctx: Context;
  readonly #link: Link;
  #leave: (() => void) | undefined;

  /** @internal */
  constructor(above: Pick<Context, "thread" | "values">, link: Link) {
    this.ctx = new Context(above.thread, link, above.values);
    this.#link = link;
  }

  /**
   * Ends the context, on whichever threads it is looked at or waited for. The first cause counts; later calls do nothing.
   * Waits: never; wakes waiters one transition each. Throws: ERR_UNSENDABLE for a cause that cannot cross threads; nothing is cancelled then.
   */
  readonly cancel = (cause?: unknown): void => {
    this.#link.cancel(cause ?? new AbortError(undefined));
    this.#leave?.();
  };

  /** Cancels it and gives its memory back. Views that are left see it cancelled, without its cause. */
  [Symbol.dispose](): void {
    this.#leave?.();
    this.#link.dispose();
  }

  /** @internal Ends it at its deadline, if this thread's event loop turns; waits and looks elsewhere see the deadline by themselves. */
  watchClock(): void {
    const { thread, deadlineMs } = this.#link;
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    const timer = thread.timers.add(deadlineMs, () => this.#link.expire());
    this.#leave = () => thread.timers.cancel(timer);
  }

  /** @internal */
  follow(signal: AbortSignal): void {
    const onAbort = () => this.cancel(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#leave = () => signal.removeEventListener("abort", onAbort);
  }
}

const EXT_CONTEXT = 0x59;
const EXT_CANCELLER = 0x5a;
type Entries = [key: unknown, value: unknown][];
type WireForm = [handle: number, ...Entries];

carryAs<Context, WireForm>(
  Context,
  EXT_CONTEXT,
  (ctx, thread) => wireOf(ctx, thread),
  (wire, thread) => fromWire(wire, thread),
);
carryAs<Canceller, WireForm>(
  Canceller,
  EXT_CANCELLER,
  ({ ctx }, thread) => wireOf(ctx, thread),
  (wire, thread) => {
    const ctx = fromWire(wire, thread);
    return new Canceller(ctx, ctx.link!);
  },
);

function wireOf({ thread, link, values }: Context, to: Thread): WireForm {
  if (thread.heap !== to.heap) throw new HeddleError("ERR_FOREIGN_HANDLE", "expected a context of this runtime, got one of another");
  return [link?.handle ?? 0, ...values];
}

function fromWire([handle, ...values]: WireForm, thread: Thread): Context {
  return new Context(thread, Link.open(thread, handle), values.length === 0 ? NO_VALUES : new Map(values));
}
