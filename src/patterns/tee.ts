// Tee: one input, many outputs, each of which sees every value in order. Source: Concurrency in Go, ch. 4, "The tee-channel".
//
//   source ─▶ pump: one value to every tap ─▶ tap [size 1, lockstep]   ─▶ reader
//              ▲                           ─▶ tap [size n, buffer]     ─▶ reader
//              └── all that hold it back have room; somebody asks      ─▶ tap [size n, drop-oldest] ─▶ …
//
// Invariant: a value is taken from the source only when a reader waits for one and every tap that holds back has room for it; so a value taken is a value
// delivered to each, and what is not wanted stays in the source.

import { HeddleError, invalidArg } from "../runtime/errors.ts";
import { type EndOptions, endError, endOf } from "./ending.ts";
import { Change, Flow, ready } from "./flow.ts";
import { DONE, type Input, type Source, sourceOf } from "./source.ts";

/** What becomes of the source when a tap's reader is slow. */
export type TapPolicy =
  /** Holds the others back until it has taken the last value. */
  | "lockstep"
  /** Holds the others back only when it is `size` values behind. */
  | "buffer"
  /** `size` values behind, it loses the oldest of them. */
  | "drop-oldest"
  /** `size` values behind, it does not get what comes. */
  | "drop-newest"
  /** `size` values behind, it is cut off: after them its reader gets ERR_DETACHED. */
  | "detach";

/** Options of tap(). */
export interface TapOptions {
  /** What happens when its reader is slow. Default 'lockstep'. */
  policy?: TapPolicy;
  /** Values it may be behind, at least 1. Default 16; a lockstep tap's is 1. */
  size?: number;
}

const POLICIES: readonly unknown[] = ["lockstep", "buffer", "drop-oldest", "drop-newest", "detach"];

/**
 * Splits an input: every tap() gives all values from then on, in order. Taps come and go while it runs; when the last one has gone, the input is cancelled.
 * Waits: never. Threads: it runs on the calling thread; a tap's into(sender) carries it to others.
 * Throws: ERR_INVALID_ARG; what has ended it already. Taps throw what the input throws, after the values before it.
 * Cost: no task; values are handed on, not copied: local readers share them. See: Concurrency in Go, ch. 4, "The tee-channel".
 */
export function tee<T>(input: Input<T>, options: EndOptions = {}): Tee<T> {
  const end = endOf("tee", options);
  return new Tee(sourceOf("tee: input", input), end);
}

/** One input for several readers, as tee() has made it: tap() adds one. Threads: the one that made it. */
export class Tee<T> {
  readonly #source: Source<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #taps = new Set<Tap<T>>();
  readonly #change = new Change();
  #isPumping = false;
  #end: TapEnd | undefined;

  /** @internal */
  constructor(source: Source<T>, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** One more output: the values from now on. After the end: an output that has ended. Throws: ERR_INVALID_ARG. */
  tap(options: TapOptions = {}): Tap<T> {
    if (typeof options !== "object" || options === null) throw invalidArg("tap: options", "an object { policy, size }", options);
    const { policy = "lockstep", size = 16 } = options;
    if (!POLICIES.includes(policy)) throw invalidArg("tap: policy", `one of ${POLICIES.join(", ")}`, policy);
    if (!Number.isInteger(size) || size < 1) throw invalidArg("tap: size", "a whole number from 1", size);
    const tap: Tap<T> = new Tap(policy, policy === "lockstep" ? 1 : size, {
      onWanted: () => this.#onWanted(),
      onLeft: () => this.#onLeft(tap),
    });
    if (this.#end) tap.end(this.#end, false);
    else this.#taps.add(tap);
    return tap;
  }

  /** Taps at this moment. */
  get taps(): number {
    return this.#taps.size;
  }

  /** Ends all taps at once and cancels the input. Waits: until it has stopped. Second call: the same. */
  async close(): Promise<void> {
    await this.#finish({ failure: undefined, stopped: this.#source.stop() }, true);
  }

  readonly #onAbort = (): void => {
    void this.#finish({ failure: { error: endError(this.#signal!.reason) }, stopped: this.#source.stop() }, true);
  };

  #onWanted(): void {
    this.#change.tell();
    if (this.#isPumping || this.#end) return;
    this.#isPumping = true;
    void this.#pump();
  }

  /** The last one to leave waits for the input to stop. */
  async #onLeft(tap: Tap<T>): Promise<void> {
    this.#taps.delete(tap);
    this.#change.tell();
    if (this.#taps.size > 0 || this.#end) return this.#end?.stopped;
    await this.#finish({ failure: undefined, stopped: this.#source.stop() }, true);
  }

  get #isWanted(): boolean {
    const taps = [...this.#taps];
    return taps.some((tap) => tap.isWaiting) && taps.every((tap) => tap.hasRoom);
  }

  async #pump(): Promise<void> {
    while (!this.#end) {
      if (!this.#isWanted) {
        await this.#change.wait();
        continue;
      }
      try {
        const step = await this.#source.next();
        if (this.#end) return;
        if (!step.done) this.#put(step.value);
        if (step.done || this.#taps.size === 0) await this.#finish({ failure: undefined, stopped: this.#source.stop() }, false);
      } catch (error) {
        await this.#finish({ failure: { error }, stopped: this.#source.stop() }, false);
      }
    }
  }

  #put(value: T): void {
    for (const tap of this.#taps) if (!tap.put(value)) this.#taps.delete(tap);
  }

  async #finish(end: TapEnd, isDropped: boolean): Promise<void> {
    if (!this.#end) {
      this.#end = end;
      end.stopped.catch(() => undefined); // each tap's reader hears of it
      this.#signal?.removeEventListener("abort", this.#onAbort);
      for (const tap of this.#taps) tap.end(end, isDropped);
      this.#taps.clear();
      this.#change.tell();
    }
    await this.#end.stopped;
  }
}

interface TapEnd {
  readonly failure: { readonly error: unknown } | undefined;
  /** When the input has stopped. */
  readonly stopped: Promise<void>;
}

interface TapHooks {
  onWanted(): void;
  onLeft(): Promise<void>;
}

/** One output of a tee. Leaving it (return()) lets the others go on. */
export class Tap<T> extends Flow<T> {
  readonly policy: TapPolicy;
  readonly #size: number;
  readonly #hooks: TapHooks;
  readonly #queue: T[] = [];
  readonly #readers: ((step: Promise<IteratorResult<T, undefined>>) => void)[] = [];
  #end: TapEnd | undefined;
  #isTold = false;
  #dropped = 0;

  /** @internal */
  constructor(policy: TapPolicy, size: number, hooks: TapHooks) {
    super();
    this.policy = policy;
    this.#size = size;
    this.#hooks = hooks;
  }

  /** Values that came and were not taken yet. */
  get lag(): number {
    return this.#queue.length;
  }

  /** Values it lost. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @internal */
  get isWaiting(): boolean {
    return this.#readers.length > 0;
  }

  /** @internal It does not hold the others back. */
  get hasRoom(): boolean {
    return this.#queue.length < this.#size || (this.policy !== "lockstep" && this.policy !== "buffer");
  }

  /** @internal The next value of the input. False: it is cut off. */
  put(value: T): boolean {
    const reader = this.#readers.shift();
    if (reader) {
      reader(ready({ value, done: false }));
      return true;
    }
    if (this.#queue.length >= this.#size) {
      this.#dropped++;
      if (this.policy === "drop-newest") return true;
      if (this.policy === "detach") {
        const error = new HeddleError("ERR_DETACHED", `this tap was cut off: its reader fell ${this.#size} values behind`);
        this.end({ failure: { error }, stopped: Promise.resolve() }, false);
        return false;
      }
      this.#queue.shift();
    }
    this.#queue.push(value);
    return true;
  }

  /** @internal Nothing comes any more; `isDropped`: what is queued is not delivered either. */
  end(end: TapEnd, isDropped: boolean): void {
    if (this.#end) return;
    this.#end = end;
    if (isDropped) this.#queue.length = 0;
    for (const reader of this.#readers.splice(0)) reader(this.#last(end));
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#queue.length > 0) {
      const value = this.#queue.shift()!;
      if (!this.#end) this.#hooks.onWanted();
      return ready({ value, done: false });
    }
    if (this.#end) return this.#last(this.#end);
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      this.#hooks.onWanted();
    });
  }

  /** The first reader hears of a failure, the others that it is over. */
  async #last({ failure, stopped }: TapEnd): Promise<IteratorResult<T, undefined>> {
    const isTold = this.#isTold;
    this.#isTold = true;
    const [outcome] = await Promise.allSettled([stopped]);
    if (isTold) return DONE;
    if (failure) throw failure.error;
    if (outcome.status === "rejected") throw outcome.reason;
    return DONE;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isTold = true;
    const left = this.#end ? this.#end.stopped : this.#hooks.onLeft();
    this.end({ failure: undefined, stopped: left }, true);
    this.#queue.length = 0;
    await left.catch(() => undefined); // whoever leaves is not told of it
    return DONE;
  }
}
