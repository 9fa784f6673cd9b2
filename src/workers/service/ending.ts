// Ending: how one run of a service comes to its end, on a thread or on this one: at once, or when nothing is under way any more.

import { setMaxListeners } from "node:events";
import type { Exit } from "../supervision/child.ts";

export class Ending {
  readonly exited: Promise<Exit>;
  readonly #over = new AbortController();
  #settle: (exit: Exit) => void = () => undefined;
  #busy = 0;
  #whenFree: (() => void) | undefined;

  constructor() {
    setMaxListeners(0, this.over); // as many as there are streams and live objects
    this.exited = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Aborts at its end, with the reason its calls are told. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Calls and streams that are under way: one more, one less. */
  count(change: 1 | -1): void {
    this.#busy += change;
    if (this.#busy === 0) this.#whenFree?.();
  }

  /** Calls `fn` once, as soon as nothing is under way. */
  whenFree(fn: () => void): void {
    if (this.#busy === 0) fn();
    else {
      this.#whenFree = () => {
        this.#whenFree = undefined;
        fn();
      };
    }
  }

  /** It has ended. The first end counts. */
  end(exit: Exit, reason: Error): void {
    if (this.over.aborted) return;
    this.#over.abort(reason);
    this.#settle(exit);
  }
}
