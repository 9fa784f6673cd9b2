// An operation: anything that can be tried, waited for and taken back. trySend, send and sendSync are one algorithm behind three doors; so is
// every other primitive that waits, and select waits for several at once.

import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";

export interface Operation {
  readonly thread: Thread;
  /** What it is, for messages: "recv", "send". */
  readonly what: string;
  /**
   * One call of the transition with this operation's first node; mode as in layout.ts (0 tries, LINK registers). Answers OK, CLOSED, BLOCK, PARKED or
   * AGAIN. What it found not ready it links in the same call, so nothing is missed in between.
   */
  attempt(op: Op, mode: number): number;
  /** Unlinks the operation's node after it was cancelled. */
  withdraw(op: Op): void;
}
