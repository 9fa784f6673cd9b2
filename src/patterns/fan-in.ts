// Fan-in: many inputs, one output. Source: Concurrency in Go, ch. 4, "Fan-Out, Fan-In". The figure there hangs on an input that never closes, even when it
// is cancelled; a value it has taken by then is lost.
//
// A value is taken from a channel only when somebody asks for one: what is not delivered stays where it is.

import { Channel, CLOSED, EMPTY, Receiver } from "../runtime/channel/index.ts";
import { deadlineOf } from "../runtime/deadline.ts";
import { invalidArg } from "../runtime/errors.ts";
import { select } from "../runtime/select.ts";
import { type Flow, Passing } from "./flow.ts";
import { abortable, DONE, type Input, type Source, sourceOf } from "./source.ts";

export interface FanInOptions {
  /** Cancels: the iteration ends with an AbortError. */
  signal?: AbortSignal | undefined;
}

/**
 * The values of all inputs as they come; ends when all of them have. Of no input: ends at once. A channel named twice counts once.
 * Waits: never; iteration does, in one select over all channels. Threads: any. Order: each input's own is kept; ready inputs take turns.
 * Throws: ERR_INVALID_ARG; AbortError if the signal has fired already. The iteration throws what an input throws, and cancels the others.
 * Cost: no task, no copy; linear in the number of channels for a value that must be waited for. Of an input that is no channel one value is asked for
 * ahead, and dropped when the reader leaves early.
 * See: Concurrency in Go, ch. 4, "Fan-Out, Fan-In".
 */
export function fanIn<T>(inputs: Iterable<Input<T>>, options: FanInOptions = {}): Flow<T> {
  deadlineOf("fanIn", options);
  if (typeof inputs !== "object" || inputs === null || typeof inputs[Symbol.iterator] !== "function") {
    throw invalidArg("fanIn: inputs", "a list of channels, receivers or iterables", inputs);
  }
  const merged = new Merged([...inputs]);
  return new Passing(options.signal ? abortable(merged, options.signal) : merged);
}

/** One input. */
interface Arm<T> {
  /** The next value or the end, if it is there now. */
  poll(): IteratorResult<T, undefined> | undefined;
  /** What a select can wait for; an arm without it calls `onReady` given at its making. */
  readonly receiver: Receiver<T> | undefined;
  stop(): Promise<void>;
}

class Merged<T> implements Source<T> {
  readonly #arms: Arm<T>[];
  #turn = 0;
  #isStopped = false;
  /** Ends the select, while it waits. */
  #leave: AbortController | undefined;

  constructor(inputs: Input<T>[]) {
    const seen = new Set<number>();
    this.#arms = inputs.flatMap((input) => {
      const receiver = input instanceof Channel ? input.receiver : input;
      if (!(receiver instanceof Receiver)) return askingArm(sourceOf("fanIn: input", input), () => this.#leave?.abort());
      if (seen.has(receiver.ring.handle)) return [];
      seen.add(receiver.ring.handle);
      return receivingArm(receiver);
    });
  }

  next(): Promise<IteratorResult<T, undefined>> | IteratorResult<T, undefined> {
    return this.#poll() ?? this.#wait();
  }

  /** What is there now; inputs take turns. */
  #poll(): IteratorResult<T, undefined> | undefined {
    for (let tries = this.#arms.length; tries > 0 && !this.#isStopped; tries--) {
      this.#turn = (this.#turn + 1) % this.#arms.length;
      const step = this.#arms[this.#turn]!.poll();
      if (step && !step.done) return step;
      if (step) this.#arms.splice(this.#turn--, 1);
    }
    return this.#isStopped || this.#arms.length === 0 ? DONE : undefined;
  }

  async #wait(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const leave = new AbortController();
      this.#leave = leave;
      try {
        const chosen = await select(
          this.#arms.map((arm) => arm.receiver),
          { signal: leave.signal },
        );
        const value = chosen.value as T | typeof CLOSED;
        if (value !== CLOSED) return { value, done: false };
      } catch (error) {
        if (!leave.signal.aborted) throw error;
      } finally {
        this.#leave = undefined;
      }
      const step = this.#poll();
      if (step) return step;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#leave?.abort();
    await Promise.all(this.#arms.map((arm) => arm.stop()));
  }
}

function receivingArm<T>(receiver: Receiver<T>): Arm<T> {
  return {
    receiver,
    poll() {
      const value = receiver.tryRecv();
      if (value === EMPTY) return undefined;
      return value === CLOSED ? DONE : { value, done: false };
    },
    stop: async () => undefined,
  };
}

/** Of an input that cannot stand in a select one value is asked for ahead. */
function askingArm<T>(source: Source<T>, onReady: () => void): Arm<T> {
  let isAsked = false;
  let got: (() => IteratorResult<T, undefined>) | undefined;
  const settle = (take: () => IteratorResult<T, undefined>) => {
    got = take;
    onReady();
  };
  return {
    receiver: undefined,
    poll() {
      if (!isAsked) {
        const step = source.next();
        if (!(step instanceof Promise)) return step;
        isAsked = true;
        step.then(
          (value) => settle(() => value),
          (error) =>
            settle(() => {
              throw error;
            }),
        );
      }
      if (!got) return undefined;
      const take = got;
      got = undefined;
      isAsked = false;
      return take();
    },
    stop: () => source.stop(),
  };
}
