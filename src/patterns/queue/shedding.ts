// When load is shed: CoDel as services use it.
//
// A queue that is only now and then long is a buffer; one in which every job waits is overload, and longer waits help nobody. So the least wait of an interval
// decides: was it above the target, then in the next interval jobs that have waited twice the target are shed, until some job is handed out in time again.
// What is served has then waited for twice the target at most, but for the interval in which the overload began.
//
// Source   Nichols and Jacobson, "Controlling Queue Delay"; Maurer, "Fail at Scale", for the use in services.

import type { ShedOptions } from "./settings.ts";

export class Shedding {
  readonly #targetMs: number;
  readonly #intervalMs: number;
  #endMs = 0;
  #leastMs = 0;
  #isOverloaded = false;

  constructor({ targetMs, intervalMs }: Required<ShedOptions>) {
    this.#targetMs = targetMs;
    this.#intervalMs = intervalMs;
  }

  /** Whether a job that is handed out at `atMs` and has waited for so long is to be shed. */
  isShed(waitedMs: number, atMs: number): boolean {
    if (atMs >= this.#endMs) {
      const isGap = atMs >= this.#endMs + this.#intervalMs; // nothing was handed out for an interval: nothing is known of it
      this.#isOverloaded = !isGap && this.#leastMs > this.#targetMs;
      this.#leastMs = waitedMs;
      this.#endMs = atMs + this.#intervalMs;
    }
    this.#leastMs = Math.min(this.#leastMs, waitedMs);
    return this.#isOverloaded && waitedMs > 2 * this.#targetMs;
  }
}
