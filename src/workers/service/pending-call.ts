// PendingCall: a call that has not settled, from the side that made it.

import { AsyncResource } from "node:async_hooks";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { Found } from "./crossing.ts";

interface Made {
  /** Its number among the service's calls. */
  readonly order: number;
  readonly name: string;
  /** Encoded. */
  readonly args: Uint8Array;
  readonly found: readonly Found[];
  /** Aborts with the error the call is to settle with. */
  readonly end: AbortSignal | undefined;
}

/** As a resource it is sent in the context it was made in, whenever that is: what travels with it is the caller's (carried.ts). */
export class PendingCall extends AsyncResource {
  readonly order: number;
  readonly name: string;
  readonly args: Uint8Array;
  readonly found: readonly Found[];
  readonly end: AbortSignal | undefined;
  readonly promise: Promise<unknown>;
  wasSent = false;
  /** How often it may have been begun without coming to an end. */
  begun = 0;
  isSettled = false;
  onAborted: () => void = () => undefined;
  readonly #thread: Thread;
  readonly #onEnd = () => {
    this.reject(this.end!.reason);
    this.onAborted();
  };
  #resolve: (value: unknown) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(thread: Thread, { order, name, args, found, end }: Made) {
    super("heddle.service-call");
    this.#thread = thread;
    this.order = order;
    this.name = name;
    this.args = args;
    this.found = found;
    this.end = end;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    thread.parker.hold(); // the process lives while it waits
    end?.addEventListener("abort", this.#onEnd, { once: true });
    if (end?.aborted) this.#onEnd();
  }

  resolve(value: unknown): void {
    if (this.#settle()) this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    this.#thread.parker.release();
    this.end?.removeEventListener("abort", this.#onEnd);
    return true;
  }
}
