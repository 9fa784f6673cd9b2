// The cancellation of one task, step by step; a step is taken when the one before has not ended the task.
//
//   signal or context ─▶ unstarted: it never starts ─▶ the task's own look at its context ─▶ graceMs ─▶ its thread is killed and replaced ─▶ a zombie
//
// The clock is that of the thread that started the task; the killing is the supervisor's (Supervisor.killTask).

import { now } from "../runtime/clock.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import type { TimerEntry } from "../runtime/timer-wheel.ts";

export interface CancellationSteps {
  /** Tells whoever joins the task. */
  tell(reason: unknown): void;
  /** Takes the task out of its queue; false if it has started. */
  takeOut(): boolean;
  /** Has the thread killed that runs it. */
  kill(): void;
}

export class Cancellation {
  readonly #thread: Thread;
  readonly #signal: AbortSignal;
  readonly #graceMs: number;
  readonly #steps: CancellationSteps;
  #timer: TimerEntry | undefined;
  /** It was asked for while the task had not ended. */
  isAsked = false;

  constructor(thread: Thread, signal: AbortSignal, graceMs: number, steps: CancellationSteps) {
    this.#thread = thread;
    this.#signal = signal;
    this.#graceMs = graceMs;
    this.#steps = steps;
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    this.isAsked = true;
    this.#steps.tell(this.#signal.reason);
    if (this.#steps.takeOut() || this.#graceMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#thread.timers.add(now() + this.#graceMs, this.#steps.kill);
  };

  /** The task has ended: nothing more is done to it. */
  leave(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    if (this.#timer) this.#thread.timers.cancel(this.#timer);
  }
}
