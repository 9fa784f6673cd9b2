// Instance: one run of a service, from the start of its module to its end, as its handle sees it.

import { HeddleError } from "../../runtime/errors.ts";
import type { Exit } from "../supervision/child.ts";
import type { Part, Side } from "./crossing.ts";
import type { Outcome } from "./served.ts";

export interface Instance extends Side {
  /** Node's id of its thread; 0 for the calling thread. */
  readonly threadId: number;
  readonly exited: Promise<Exit>;
  /**
   * Runs a function of the module; arguments are encoded. Rejects only for what is no doing of the function: ERR_TASK_CANCELLED if it was never begun,
   * ERR_THREAD_DIED if it may have been, ABORT_ERR with `signal`.
   */
  call(name: string, args: Uint8Array, parts: readonly Part[], signal: AbortSignal | undefined): Promise<Outcome>;
  /** Values between the threads outlive their call: one more, one less. */
  onStream(change: 1 | -1): void;
  /** Ends it: calls and streams that are under way are waited for, then the stop hook runs, all within `graceMs`; 0 is at once. What follows is seen on `exited`. */
  stop(graceMs: number): void;
}

/** What a service needs to know of itself to be started. */
export interface ServiceCode {
  /** For messages. */
  readonly name: string;
  readonly url: string;
  readonly hangMs: number | undefined;
  readonly onHang: (threadId: number, forMs: number, what: string) => void;
}

export function notBegun(name: string): HeddleError {
  return new HeddleError("ERR_TASK_CANCELLED", `${name} was not begun: what was to run it has ended`);
}
