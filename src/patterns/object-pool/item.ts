// An object of a pool, as its pool knows it.

import type { Later } from "../../runtime/clock.ts";

export interface Item<T> {
  readonly object: T;
  /** How often it was lent. */
  uses: number;
  /** Ends it, while it is idle. */
  timer?: Later | undefined;
}
