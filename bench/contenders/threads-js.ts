/**
 * Threads.js as a contender: its pool, whose tasks call what the worker exposes, one at a time a thread, its default.
 * See https://threads.js.org/usage-pool and, for transfers, https://threads.js.org/usage-advanced
 */
import type { Library } from "./library.ts";

type Exposed = Record<string, (input: unknown) => Promise<unknown>>;

/** With each task that ends its pool goes through all that wait: 20,000 at once take it minutes. */
const MOST_AT_ONCE = 500;

export const threadsJs: Library = {
  name: "threads.js",
  family: "threads.js",
  async open(threads) {
    const { Pool, spawn, Transfer, Worker } = await import("threads"); // installs handlers of signals: not where it is not used
    const pool = Pool(() => spawn<Exposed>(new Worker("./threads-js-entry.js")), threads);
    return {
      mostAtOnce: MOST_AT_ONCE,
      call: (job, input, transfer) => pool.queue((thread) => thread[job]!(transfer ? Transfer(input, transfer) : input)),
      close: () => pool.terminate(),
    };
  },
};
