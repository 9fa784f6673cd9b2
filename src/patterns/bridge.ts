// Bridge: a channel of channels as one. Source: Concurrency in Go, ch. 4, "The bridge-channel". In the figure there the inner loop goes on when it is
// cancelled; here the one wait for all of it ends.

import { CLOSED, type Receiver } from "../runtime/channel/index.ts";
import { invalidArg } from "../runtime/errors.ts";
import { type EndOptions, endOf } from "./ending.ts";
import { type Flow, Passing } from "./flow.ts";
import { type Arm, armOf, Merging } from "./merging.ts";
import { abortable, type Input } from "./source.ts";

/** Options of bridge(). */
export interface BridgeOptions extends EndOptions {
  /** Inner inputs read at a time, at least 1. Default 1: each is drained before the next is begun. */
  width?: number;
  /** Inner inputs taken ahead of their turn, 0 or more. Default 0. A channel taken ahead is held, not read; of anything else one value is asked for. */
  prefetch?: number;
}

/** What the outer input gives: inputs. undefined and null are disabled ones and are passed over. */
export type Inner<T> = Input<T> | undefined | null;

/**
 * The values of all the inputs that an input gives. Ends when the outer and every inner has; the outer may end while inner ones are open.
 * Waits: never; iteration does, in one select. Threads: any; inner channels may be made on any thread and arrive through a channel (channelOf, receiverOf).
 * Order: with `width` 1 inner after inner, each in its own order; wider, each in its own order and ready ones in turn.
 * Throws: ERR_INVALID_ARG; what has ended it already. The iteration throws what an input throws, and ERR_INVALID_ARG for an inner that is
 * none. When the reader leaves, what is in a channel stays there; an inner that was taken and is still open has lost its reader.
 * Cost: no task, no copy; linear in `width` for a value that must be waited for. See: Concurrency in Go, ch. 4, "The bridge-channel".
 */
export function bridge<T>(outer: Input<Inner<T>>, options: BridgeOptions = {}): Flow<T> {
  const end = endOf("bridge", options);
  const { width = 1, prefetch = 0 } = options;
  if (width !== Number.POSITIVE_INFINITY && (!Number.isInteger(width) || width < 1)) {
    throw invalidArg("bridge: width", "a whole number from 1, or Infinity", width);
  }
  if (!Number.isInteger(prefetch) || prefetch < 0) throw invalidArg("bridge: prefetch", "a whole number from 0", prefetch);
  const bridged = new Bridged<T>(outer, width, prefetch);
  return new Passing(end ? abortable(bridged, end) : bridged);
}

class Bridged<T> extends Merging<T> {
  readonly #outer: Arm<Inner<T>>;
  readonly #width: number;
  readonly #prefetch: number;
  /** Taken ahead of their turn. */
  readonly #ahead: Arm<T>[] = [];
  #isOuterOver = false;

  constructor(outer: Input<Inner<T>>, width: number, prefetch: number) {
    super();
    this.#outer = armOf("bridge: outer", outer, this.wake);
    this.#width = width;
    this.#prefetch = prefetch;
  }

  protected refill(): boolean {
    this.#begin();
    while (this.#wantsMore) {
      const step = this.#outer.poll();
      if (!step) break;
      if (step.done) this.#isOuterOver = true;
      else this.#take(step.value);
    }
    return !this.#isOuterOver || this.#ahead.length > 0;
  }

  get #wantsMore(): boolean {
    return !this.#isOuterOver && this.arms.length + this.#ahead.length < this.#width + this.#prefetch;
  }

  #take(inner: Inner<T>): void {
    if (inner === undefined || inner === null) return;
    const arm = armOf("bridge: inner", inner, this.wake);
    arm.ask();
    this.#ahead.push(arm);
    this.#begin();
  }

  #begin(): void {
    while (this.arms.length < this.#width && this.#ahead.length > 0) this.arms.push(this.#ahead.shift()!);
  }

  protected get more(): Receiver<Inner<T>> | undefined {
    return this.#wantsMore ? this.#outer.receiver : undefined;
  }

  protected onMore(value: unknown): void {
    if (value === CLOSED) this.#isOuterOver = true;
    else this.#take(value as Inner<T>);
  }

  override async stop(): Promise<void> {
    await Promise.all([super.stop(), this.#outer.stop(), ...this.#ahead.map((arm) => arm.stop())]);
  }
}
