// Fan-in: many inputs, one output. Source: Concurrency in Go, ch. 4, "Fan-Out, Fan-In". The figure there hangs on an input that never closes, even when it
// is cancelled; a value it has taken by then is lost.
//
// A value is taken from a channel only when somebody asks for one: what is not delivered stays where it is.

import { invalidArg } from "../runtime/errors.ts";
import { type EndOptions, endOf } from "./ending.ts";
import { type Flow, Passing } from "./flow.ts";
import { armOf, Merging } from "./merging.ts";
import { abortable, type Input } from "./source.ts";

/**
 * The values of all inputs as they come; ends when all of them have. Of no input: ends at once. A channel named twice counts once.
 * Waits: never; iteration does, in one select over all channels. Threads: any. Order: each input's own is kept; ready inputs take turns.
 * Throws: ERR_INVALID_ARG; what has ended it already. The iteration throws what an input throws, and cancels the others.
 * Cost: no task, no copy; linear in the number of channels for a value that must be waited for. Of an input that is no channel one value is asked for
 * ahead, and dropped when the reader leaves early.
 * See: Concurrency in Go, ch. 4, "Fan-Out, Fan-In".
 */
export function fanIn<T>(inputs: Iterable<Input<T>>, options: EndOptions = {}): Flow<T> {
  const end = endOf("fanIn", options);
  if (typeof inputs !== "object" || inputs === null || typeof inputs[Symbol.iterator] !== "function") {
    throw invalidArg("fanIn: inputs", "a list of channels, receivers or iterables", inputs);
  }
  const merged = new Merged([...inputs]);
  return new Passing(end ? abortable(merged, end) : merged);
}

class Merged<T> extends Merging<T> {
  protected readonly more = undefined;

  constructor(inputs: Input<T>[]) {
    super();
    const seen = new Set<number>();
    for (const input of inputs) {
      const arm = armOf("fanIn: input", input, this.wake);
      const handle = arm.receiver?.ring.handle;
      if (handle === undefined || !seen.has(handle)) this.arms.push(arm);
      if (handle !== undefined) seen.add(handle);
    }
  }

  protected refill(): boolean {
    return false;
  }

  protected onMore(): void {}
}
