// The output of a pattern: values to iterate over or to send into a channel, and a way to leave that settles when everything has ended.

import { closeOnce, Sender } from "../runtime/channel/index.ts";
import { invalidArg } from "../runtime/errors.ts";
import { type EndOptions, endError, laterEndOf } from "./ending.ts";
import { DONE, type Source, STOPPABLE, type Stoppable } from "./source.ts";

/** Options of into(). */
export interface IntoOptions extends EndOptions {
  /** Closes the channel in the end, however it ends. Default true. */
  close?: boolean;
}

/**
 * Values as they come out of a pattern.
 * Consumed once, with `for await` or into(). Nothing is started before the first value is asked for. Leaving the loop (return()) cancels everything
 * upstream and settles only when every task that was started has ended; the second call is the same as the first.
 */
export abstract class Flow<T> implements Stoppable<T> {
  readonly [STOPPABLE] = true;

  /** The next value. Waits: this promise. After the end, and after return(): done. Throws (rejects), once: what ended the pattern. */
  abstract next(): Promise<IteratorResult<T, undefined>>;

  abstract return(): Promise<IteratorResult<T, undefined>>;

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Sends every value into a channel and then closes it, once: after all tasks have ended, on failure and cancellation too.
   * Waits: this promise; a slow receiver holds the pattern back. Answers how many values were sent.
   * Throws (rejects): what ended the pattern; AbortError; ChannelClosedError when the receiving side closed the channel (the value in hand is lost).
   */
  async into(sender: Sender<T>, options: IntoOptions = {}): Promise<number> {
    if (!(sender instanceof Sender)) throw invalidArg("into", "the sending end of a channel", sender);
    const end = laterEndOf("into", options);
    const { ctx, signal, close = true } = options;
    const onAbort = () => void this.return();
    let sent = 0;
    try {
      if (end?.aborted) throw endError(end.reason);
      end?.addEventListener("abort", onAbort, { once: true });
      for await (const value of this) {
        await sender.send(value, { ctx, signal });
        sent++;
      }
      if (end?.aborted) throw endError(end.reason); // aborted while nothing came: an error, not an end
      return sent;
    } finally {
      end?.removeEventListener("abort", onAbort);
      await this.return();
      if (close) closeOnce(sender);
    }
  }
}

const READY_PER_TURN = 1_000;
let readyLeft = READY_PER_TURN;

/** A promise resolved at once; now and then on the next turn of the event loop, so that a loop over values that are always there stops nobody else. */
export function ready<T>(value: T): Promise<T> {
  if (--readyLeft > 0) return Promise.resolve(value);
  readyLeft = READY_PER_TURN;
  return new Promise((resolve) => setImmediate(resolve, value));
}

/** Something has changed: whoever waits for it looks again. */
export class Change {
  #told: Promise<void> | undefined;
  #tell: (() => void) | undefined;

  wait(): Promise<void> {
    this.#told ??= new Promise((resolve) => {
      this.#tell = resolve;
    });
    return this.#told;
  }

  tell(): void {
    this.#told = undefined;
    this.#tell?.();
    this.#tell = undefined;
  }
}

interface Reader<T> {
  readonly resolve: (step: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** A flow made on this thread from one source, a value at a time: subclasses say how. */
export abstract class LocalFlow<T, S = T> extends Flow<T> {
  protected readonly source: Source<S>;
  readonly #readers: Reader<T>[] = [];
  #isPulling = false;
  #isOver = false;
  #stopped: Promise<void> | undefined;

  constructor(source: Source<S>) {
    super();
    this.source = source;
  }

  /** The next value, or the end. Never called while a call is under way. */
  protected abstract pull(): Promise<IteratorResult<T, undefined>>;

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return this.#stop().then(() => DONE);
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (!this.#isPulling) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#isPulling = true;
    while (this.#readers.length > 0 && !this.#isOver) {
      try {
        const step = await ready(await this.pull());
        if (step.done) await this.#end(undefined);
        else this.#readers.shift()?.resolve(step);
      } catch (error) {
        await this.#end({ error });
      }
    }
    this.#isPulling = false;
  }

  /** The first reader hears of the end, the others after it that it is over. */
  async #end(failure: { readonly error: unknown } | undefined): Promise<void> {
    this.#isOver = true;
    const [stopped] = await Promise.allSettled([this.#stop()]);
    const error = failure ?? (stopped.status === "rejected" ? { error: stopped.reason as unknown } : undefined);
    if (error) this.#readers.shift()?.reject(error.error);
    for (const reader of this.#readers.splice(0)) reader.resolve(DONE);
  }

  #stop(): Promise<void> {
    this.#stopped ??= this.source.stop();
    return this.#stopped;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isOver = true;
    try {
      await this.#stop();
    } finally {
      for (const reader of this.#readers.splice(0)) reader.resolve(DONE);
    }
    return DONE;
  }
}

/** A source as a flow. */
export class Passing<T> extends LocalFlow<T> {
  protected async pull(): Promise<IteratorResult<T, undefined>> {
    return this.source.next();
  }
}
