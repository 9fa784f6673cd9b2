// A post: a queue and the threads that serve it, as the supervisor keeps it. Types only.

import type { ThreadOrder } from "./thread-order.ts";

export interface Post {
  readonly queue: number;
  /** Tasks at a time of each thread. */
  readonly limit: number;
  /** What each thread does before it takes tasks. */
  readonly setUp: ThreadOrder["setUp"];
  /** Threads there are to be. */
  readonly wanted: () => number;
  /** For whoever looks after the post. */
  readonly onChange: ((change: PostChange) => void) | undefined;
}

export type PostChange =
  | { readonly what: "ready"; readonly threadId: number }
  /** A thread has exited, not on its post's own wish. */
  | { readonly what: "died"; readonly threadId: number; readonly reason: string; readonly error: unknown }
  /** Its threads die before they are ready: no more are started, and what was queued was refused. */
  | { readonly what: "failed"; readonly error: unknown };
