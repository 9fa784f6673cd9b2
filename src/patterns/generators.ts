// Where values begin: generators for the head of a pipeline. Source: Concurrency in Go, ch. 4, "Some Handy Generators".

import { invalidArg } from "../runtime/errors.ts";
import { type EndOptions, endOf } from "./ending.ts";
import { type Flow, LocalFlow, Passing } from "./flow.ts";
import { abortable, DONE, type Input, type Source, sourceOf } from "./source.ts";

/** The values of anything iterable, or of a channel. Throws: ERR_INVALID_ARG. */
export function from<T>(input: Input<T>): Flow<T> {
  return new Passing(sourceOf("from", input));
}

/** The given values again and again, for ever; of none, nothing at all. Cost: nothing runs until a value is asked for. */
export function* repeat<T>(...values: readonly T[]): Generator<T, undefined, undefined> {
  while (values.length > 0) yield* values;
  return undefined;
}

/** What `fn` gives, again and again, for ever; it is called on this thread, when its value is asked for, one call at a time. It may be async. */
export function repeatFn<T>(fn: () => T): Flow<Awaited<T>> {
  if (typeof fn !== "function") throw invalidArg("repeatFn", "a function", fn);
  let isOver = false;
  return new Passing<Awaited<T>>({
    next: async () => (isOver ? DONE : { value: await fn(), done: false }),
    stop: async () => {
      isOver = true;
    },
  });
}

/** Numbers from `start` up to but not including `end` (or down to it, with a negative step). `range(n)` is 0 … n − 1; the end may be infinite. */
export function range(end: number): Generator<number, undefined, undefined>;
export function range(start: number, end: number, step?: number): Generator<number, undefined, undefined>;
export function range(first: number, second?: number, step = 1): Generator<number, undefined, undefined> {
  const [start, end] = second === undefined ? [0, first] : [first, second];
  if (typeof start !== "number" || !Number.isFinite(start)) throw invalidArg("range: start", "a finite number", start);
  if (typeof end !== "number" || Number.isNaN(end)) throw invalidArg("range: end", "a number", end);
  if (typeof step !== "number" || !Number.isFinite(step) || step === 0)
    throw invalidArg("range: step", "a finite number that is not 0", step);
  return count(start, end, step);
}

function* count(start: number, end: number, step: number): Generator<number, undefined, undefined> {
  for (let i = 0, n = start; step > 0 ? n < end : n > end; n = start + ++i * step) yield n;
  return undefined;
}

/**
 * The first `n` values of an input (0 or more; Infinity: all), fewer if it ends before; nothing is made up. Nothing is taken beyond them, and then the
 * input is cancelled. `ctx` and `signal` are seen while the input is idle: the iteration ends with their error.
 * Throws: ERR_INVALID_ARG; what has ended it already.
 */
export function take<T>(input: Input<T>, n: number, options: EndOptions = {}): Flow<T> {
  checkCount("take", n);
  const end = endOf("take", options);
  const source = sourceOf("take", input);
  return new Taking(end ? abortable(source, end) : source, n);
}

export function checkCount(what: string, n: number): void {
  if (n !== Number.POSITIVE_INFINITY && (!Number.isInteger(n) || n < 0)) throw invalidArg(what, "a whole number from 0, or Infinity", n);
}

export class Taking<T> extends LocalFlow<T> {
  #left: number;

  constructor(source: Source<T>, n: number) {
    super(source);
    this.#left = n;
  }

  protected async pull(): Promise<IteratorResult<T, undefined>> {
    if (this.#left <= 0) return DONE;
    this.#left--;
    return this.source.next();
  }
}
