// What a pattern reads from: channels, other patterns, and anything iterable, behind one door that can be stopped while it waits.

import { Channel, CLOSED, EMPTY, Receiver } from "../runtime/channel/index.ts";
import { invalidArg } from "../runtime/errors.ts";
import { endError } from "./ending.ts";

/** The input of a pattern: a channel or its receiving end, another pattern's output, or anything iterable, async or not. */
export type Input<T> = Receiver<T> | Channel<T> | AsyncIterable<T> | Iterable<T>;

export interface Source<T> {
  /** The next value, at once or as a promise. One call at a time. stop() ends a call that waits, and from then on it answers the end. */
  next(): Promise<IteratorResult<T, undefined>> | IteratorResult<T, undefined>;
  /** No more values are wanted. Settles when everything the source had started has ended; a channel's next value stays in the channel. */
  stop(): Promise<void>;
}

export const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** An iterator whose return() ends a next() that waits, and settles when all that it started has ended. */
const STOPPABLE: unique symbol = Symbol("heddle.stoppable");
export interface Stoppable<T> extends AsyncIterableIterator<T, undefined> {
  readonly [STOPPABLE]: true;
  return(): Promise<IteratorResult<T, undefined>>;
}
export { STOPPABLE };

/** Throws: ERR_INVALID_ARG for what is no input. */
export function sourceOf<T>(what: string, input: Input<T>): Source<T> {
  if (input instanceof Channel) return new ReceiverSource(input.receiver);
  if (input instanceof Receiver) return new ReceiverSource(input);
  if (input !== null && input !== undefined) {
    const { [STOPPABLE]: isStoppable, [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = input as unknown as Partial<AnyInput<T>>;
    if (isStoppable) return new StoppableSource(input as unknown as Stoppable<T>);
    if (typeof async === "function") return new IteratorSource<T>(async.call(input));
    if (typeof sync === "function") return new IteratorSource<T>(sync.call(input));
  }
  throw invalidArg(what, "a channel, a receiver or anything iterable", input);
}

type AnyInput<T> = Stoppable<T> & AsyncIterable<T> & Iterable<T>;

class ReceiverSource<T> implements Source<T> {
  readonly #receiver: Receiver<T>;
  readonly #stop = new AbortController();

  constructor(receiver: Receiver<T>) {
    this.#receiver = receiver;
  }

  next(): Promise<IteratorResult<T, undefined>> | IteratorResult<T, undefined> {
    if (this.#stop.signal.aborted) return DONE;
    const value = this.#receiver.tryRecv();
    if (value === CLOSED) return DONE;
    return value === EMPTY ? this.#recv() : { value, done: false };
  }

  async #recv(): Promise<IteratorResult<T, undefined>> {
    try {
      const value = await this.#receiver.recv(this.#stop);
      return value === CLOSED ? DONE : { value, done: false };
    } catch (error) {
      if (this.#stop.signal.aborted) return DONE; // stopped: no value was taken
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
  }
}

class StoppableSource<T> implements Source<T> {
  readonly #flow: Stoppable<T>;

  constructor(flow: Stoppable<T>) {
    this.#flow = flow;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#flow.next();
  }

  async stop(): Promise<void> {
    await this.#flow.return();
  }
}

class IteratorSource<T> implements Source<T> {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  /** Ends the next() that waits, if one does. */
  #endWait: (() => void) | undefined;
  #isOver = false;

  constructor(iterator: Iterator<T> | AsyncIterator<T>) {
    this.#iterator = iterator;
  }

  next(): Promise<IteratorResult<T, undefined>> | IteratorResult<T, undefined> {
    if (this.#isOver) return DONE;
    try {
      const step = this.#iterator.next();
      return step instanceof Promise ? this.#wait(step) : this.#take(step);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #wait(step: Promise<IteratorResult<T>>): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#endWait = () => resolve(DONE);
      const settled = (settle: () => void) => {
        this.#endWait = undefined;
        settle();
      };
      step.then(
        (got) => settled(() => resolve(this.#take(got))),
        (error) =>
          settled(() => {
            this.#isOver = true;
            reject(error);
          }),
      );
    });
  }

  #take(step: IteratorResult<T>): IteratorResult<T, undefined> {
    if (step.done) this.#isOver = true;
    return step.done ? DONE : step;
  }

  /** A foreign next() that waits cannot be taken back and may never end: then nobody waits for its return() either, and what still comes is dropped. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const returned = this.#iterator.return?.();
    if (this.#endWait === undefined) {
      await returned;
    } else {
      this.#endWait();
      if (returned instanceof Promise) returned.catch(() => undefined); // of an iterator left for good: there is nobody to tell
    }
  }
}

/** The same source, whose waiting ends with an AbortError (or a context's TimeoutError) when the signal fires. A value that had come by then is not lost. */
export function abortable<T>(source: Source<T>, signal: AbortSignal): Source<T> {
  const wait = async (step: Promise<IteratorResult<T, undefined>>): Promise<IteratorResult<T, undefined>> => {
    const onAbort = () => void source.stop();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const got = await step;
      if (got.done && signal.aborted) throw endError(signal.reason);
      return got;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
  return {
    next() {
      if (signal.aborted) throw endError(signal.reason);
      const step = source.next();
      return step instanceof Promise ? wait(step) : step;
    },
    stop: () => source.stop(),
  };
}
