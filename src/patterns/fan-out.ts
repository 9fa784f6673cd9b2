// Fan-out: one input, many workers, one output. The work itself is in ./fan-out/.

import type { Context } from "../runtime/context/index.ts";
import type { Runtime } from "../workers/runtime.ts";
import type { FanOut } from "./fan-out/fan-out.ts";
import { checkParallel, type ParallelOptions } from "./fan-out/settings.ts";
import { stage, stageStep } from "./fan-out/stage.ts";
import { type Input, sourceOf } from "./source.ts";

/**
 * Spreads the items of one input over workers, each of which runs `fn` on one item after another; what they give comes out as one flow, which ends when
 * all workers have ended. An item goes to whoever is free.
 * `fn` is a function of a module reference, which runs on threads, or one of this thread, which runs on it. Its second argument is a context,
 * below `ctx`, that ends when its result is no longer wanted: a loop looks at `ctx.cancelled`, a wait takes `{ ctx }`.
 * Waits: never; iteration does. Threads: any thread of the runtime; items and results pass through the calling thread.
 * Order: see `ordered`, `key`. At most width × (1 + prefetch) + capacity batches are taken from the input and not yet delivered; those are given up when
 * the reader leaves early, what is still in a channel stays there.
 * Throws: ERR_INVALID_ARG. The iteration throws what an item failed of (see `onError`), what the input throws, what `ctx` or `signal` ended it with, ERR_NO_FUNCTION and what a
 * module throws at import, and ERR_GANG_REFUSED when there is no thread for even one worker.
 * Cost: a task and two channels for each worker, and one context; two copies of each item and two of each result; about 10 µs of the calling thread for each batch.
 * See: Concurrency in Go, ch. 4, "Fan-Out, Fan-In".
 */
export function fanOut<T, R>(
  rt: Runtime,
  input: Input<T>,
  fn: (item: T, ctx: Context) => R,
  options: ParallelOptions<T> = {},
): FanOut<Awaited<R>> {
  const step = stageStep("fanOut: fn", "map", fn);
  const parallel = checkParallel("fanOut", rt, options, "auto");
  return stage(rt, sourceOf("fanOut: input", input), [step], parallel);
}
