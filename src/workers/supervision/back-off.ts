// How long a child waits before it is started again: not at all the first time, then longer and longer, each time a little different, so that what failed
// together does not come back together.

import { random } from "../../runtime/clock.ts";

/** How the pauses between restarts grow. */
export interface BackOffOptions {
  /** The wait before the second restart; the first is at once. Default 100, minimum 0. */
  minMs?: number;
  /** The longest wait. Default 10,000. */
  maxMs?: number;
  /** By how much each wait is longer than the one before. Default 2, minimum 1. */
  factor?: number;
  /** How much of a wait is left to chance: from 0, none, to 1, all of it. Default 0.5. */
  jitter?: number;
  /** A child that has run for so long starts again from the first wait. Default 30,000. */
  resetMs?: number;
}

export type BackOffSettings = Required<BackOffOptions>;

export const BACK_OFF: BackOffSettings = { minMs: 100, maxMs: 10_000, factor: 2, jitter: 0.5, resetMs: 30_000 };

export class BackOff {
  readonly #settings: BackOffSettings;
  #inARow = 0;

  constructor(settings: BackOffSettings) {
    this.#settings = settings;
  }

  /** The wait before the next restart of a child that has run for `ranMs`. */
  next(ranMs: number): number {
    const { minMs, maxMs, factor, jitter, resetMs } = this.#settings;
    if (ranMs >= resetMs) this.#inARow = 0;
    const steps = this.#inARow++;
    if (steps === 0) return 0;
    const longest = Math.min(maxMs, minMs * factor ** (steps - 1));
    return longest * (1 - jitter * random());
  }
}
