// How often children may be started again before their supervisor gives up: at most so many times within a sliding window.

import { now } from "../../runtime/clock.ts";

export class Intensity {
  readonly restarts: number;
  readonly withinMs: number;
  /** When the latest restarts were, oldest first: at most `restarts` of them. */
  #times: number[] = [];

  constructor(restarts: number, withinMs: number) {
    this.restarts = restarts;
    this.withinMs = withinMs;
  }

  /** Counts a restart at this moment; false, and nothing is counted, if that is one too many. */
  admit(): boolean {
    if (this.restarts === Number.POSITIVE_INFINITY) return true;
    const at = now();
    this.#times = this.#times.filter((time) => at - time <= this.withinMs);
    if (this.#times.length >= this.restarts) return false;
    this.#times.push(at);
    return true;
  }

  reset(): void {
    this.#times = [];
  }
}
