// Timer channels that need no thread and no heap: cases of a select, or to be received from by themselves. Nothing runs until somebody waits.

import { type Later, later, now } from "./clock.ts";
import { type Deadline, deadlineOf, type WaitOptions } from "./deadline.ts";
import { AbortError, invalidArg, TimeoutError } from "./errors.ts";
import { LOOKS_READY, NOT_READY, TRY } from "./operation/operation.ts";

/**
 * A source of instants, local to the thread that waits: after(), tick(), never().
 * Two waits on one timer share it: each instant goes to one of them.
 */
export class Timer {
  #dueMs: Deadline;
  readonly #everyMs: number;

  /** @internal */
  constructor(dueMs: Deadline, everyMs: number) {
    this.#dueMs = dueMs;
    this.#everyMs = everyMs;
  }

  /** When it fires next, on performance.now()'s clock; Infinity for never. */
  get dueMs(): Deadline {
    return this.#dueMs;
  }

  /** @internal Takes the instant that has come. A tick that is late skips the instants it missed, as Go's Ticker does for a slow receiver. */
  take(): number {
    const due = this.#dueMs;
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (Number.isFinite(this.#everyMs)) {
      this.#dueMs = due + this.#everyMs * Math.max(1, Math.ceil((now() - due) / this.#everyMs));
    }
    return due;
  }

  /** @internal */
  get [LOOKS_READY](): boolean {
    return this.#dueMs <= now();
  }

  /** @internal A single try, as a case of a select. */
  [TRY](): number | typeof NOT_READY {
    return this.#dueMs <= now() ? this.take() : NOT_READY;
  }

  /**
   * Waits for the next instant and answers it (performance.now()'s clock); never, after it has fired once, is never again.
   * Waits: this promise; the process stays alive meanwhile unless nothing can come. Throws (rejects): AbortError, TimeoutError, ERR_INVALID_ARG.
   */
  async recv(options?: WaitOptions): Promise<number> {
    const deadline = deadlineOf("recv", options);
    const signal = options?.signal;
    return new Promise((resolve, reject) => {
      const at = Math.min(this.#dueMs, deadline);
      const end = (settle: () => void) => {
        signal?.removeEventListener("abort", onAbort);
        timer?.cancel();
        settle();
      };
      const onAbort = () => end(() => reject(new AbortError(signal?.reason)));
      const onDue = () => {
        if (now() < at) timer = later(onDue, Math.min(Math.ceil(at - now()), 2 ** 31 - 1), true);
        else if (this.#dueMs <= deadline) end(() => resolve(this.take()));
        else end(() => reject(new TimeoutError(`recv: nothing came within ${options?.timeoutMs} ms`)));
      };
      let timer: Later | undefined;
      signal?.addEventListener("abort", onAbort, { once: true });
      if (Number.isFinite(at)) onDue();
    });
  }
}

function duration(what: string, ms: number, min: number): number {
  if (typeof ms !== "number" || !(ms >= min)) throw invalidArg(what, `milliseconds, ${min} or more`, ms);
  return ms;
}

/** Fires once, `ms` milliseconds from now; 0 is at once, Infinity never. See: Go, time.After. */
export function after(ms: number): Timer {
  return new Timer(now() + duration("after", ms, 0), Number.POSITIVE_INFINITY);
}

/** Fires every `ms` milliseconds (1 or more), first in `ms`; instants nobody takes in time are skipped. See: Go, time.Tick. */
export function tick(ms: number): Timer {
  return new Timer(now() + duration("tick", ms, 1), ms);
}

/** Never fires. */
export function never(): Timer {
  return new Timer(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
}
