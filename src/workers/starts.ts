// How the starts of a post's threads go, and what follows from failures: the next try waits longer each time, with jitter; after MOST_IN_A_ROW none is
// made for a while, and then one, which decides whether there is another pause.
//
// Only starts count. A thread that dies of a task is replaced at once: each such death has used up a task, so it feeds no loop.

import { now } from "../runtime/clock.ts";

const MOST_IN_A_ROW = 3;
const FIRST_DELAY_MS = 50;
const PAUSE_MS = 5_000;

export class Starts {
  readonly #pauseMs: number;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;

  /** `isFinal`: whoever looks after the post decides what comes after too many failures; it is not tried again. */
  constructor(isFinal: boolean) {
    this.#pauseMs = isFinal ? Number.POSITIVE_INFINITY : PAUSE_MS;
  }

  /** Too many failures in a row: no start for the time being. */
  get isPaused(): boolean {
    return this.#failures >= MOST_IN_A_ROW && now() < this.#notBefore;
  }

  /** How many threads may be started now, of those that are missing beside those on their way. */
  allowed(missing: number, starting: number): number {
    if (this.#failures === 0) return Math.max(0, missing);
    return missing > 0 && starting === 0 && now() >= this.#notBefore ? 1 : 0;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Answers how long to wait before the next try. */
  failed(): number {
    this.#failures++;
    const delayMs =
      this.#failures >= MOST_IN_A_ROW ? this.#pauseMs : FIRST_DELAY_MS * 2 ** (this.#failures - 1) * (0.5 + Math.random() / 2);
    this.#notBefore = now() + delayMs;
    return delayMs;
  }
}
