// What can end a wait beside what it waits for: channels that close when a context is cancelled. Each gets a node under the same operation, so that
// the wait, its cancellation and a peer race on one word.

import type { Cancellation } from "../deadline.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import type { Case } from "./operation.ts";

/** One channel that may close. */
export type Guard = Pick<Case<unknown>, "prepare" | "attempt" | "withdraw">;

/** The number of a guard's case: above any that a select has. */
const GUARD_CASE = 0xf_ffff;

export class Guards {
  readonly #thread: Thread;
  readonly #ctx: Cancellation;
  readonly #linked: { readonly guard: Guard; readonly carrier: Op }[] = [];

  constructor(thread: Thread, ctx: Cancellation) {
    this.#thread = thread;
    this.#ctx = ctx;
  }

  /** The guards of a wait, or undefined for none. */
  static of(thread: Thread, ctx: Cancellation | undefined): Guards | undefined {
    return ctx === undefined || ctx.guards.length === 0 ? undefined : new Guards(thread, ctx);
  }

  /** Links every guard beside a node that is linked already. False: the context has ended and the operation is claimed; nobody else completes it. */
  link(op: Op): boolean {
    for (const guard of this.#ctx.guards as readonly Guard[]) {
      const carrier = this.#thread.ops.acquire();
      carrier.lend(op);
      this.#linked.push({ guard, carrier });
      guard.prepare(carrier, GUARD_CASE);
      const status = guard.attempt(carrier.node, L.LINK | L.VISIBLE);
      if (status === L.FIRED) return true; // completed meanwhile: the ready list brings it
      if (status === L.CLOSED) return false;
    }
    return true;
  }

  /** It was a guard that ended the wait. */
  hasFired(op: Op): boolean {
    return op.firedCase === GUARD_CASE;
  }

  /** Takes the nodes back; once, after the operation was settled or cancelled. */
  unlink(): void {
    for (const { guard, carrier } of this.#linked) {
      guard.withdraw(carrier.node);
      carrier.unlend();
      this.#thread.ops.release(carrier);
    }
    this.#linked.length = 0;
  }
}
