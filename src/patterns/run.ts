// One run of a function: it can be stopped, and is waited for to its real end. What stops losers and heals wards stands on it.
//
//   running ─ stop() ─▶ its context ends ─ graceMs ─▶ its thread is killed ─▶ ended

import { now } from "../runtime/clock.ts";
import type { Canceller, Context } from "../runtime/context/index.ts";
import { AbortError, invalidArg } from "../runtime/errors.ts";
import type { Launcher, Runtime } from "../workers/runtime.ts";
import { Task, type TaskOutcome } from "../workers/task.ts";

export interface RunOptions {
  readonly dedicated: boolean;
  /** How long it may go on once it was stopped before its thread is killed. Nothing is killed that has no thread of a runtime. */
  readonly graceMs: number;
  /** What its context is below. */
  readonly above: Context;
}

/** How a run has ended, and how long it took. */
export type RunEnd<R> = { readonly outcome: TaskOutcome; readonly ms: number } & PromiseSettledResult<R>;

export class Run<R> {
  /** Resolves when it has really ended, or its thread was given up; never rejects. */
  readonly ended: Promise<RunEnd<R>>;
  readonly #work: Canceller;
  readonly #stop = new AbortController();

  /** Throws what `start` throws: then there is nothing to end. `start` is given what starts tasks, and the run's context. */
  constructor(rt: Runtime, { dedicated, graceMs, above }: RunOptions, start: (launcher: Launcher, ctx: Context) => PromiseLike<R>) {
    this.#work = above.withCancel();
    try {
      const started = start(rt.with({ dedicated, graceMs, signal: this.#stop.signal }), this.#work.ctx);
      this.ended = this.#end(started, now());
    } catch (error) {
      this.#work[Symbol.dispose]();
      throw error;
    }
  }

  /** Second call, and after the end: nothing. */
  stop(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#work.cancel(reason instanceof Error ? reason : new AbortError(String(reason)));
    this.#stop.abort(reason);
  }

  async #end(started: PromiseLike<R>, startMs: number): Promise<RunEnd<R>> {
    const [settled] = await Promise.allSettled([started]);
    const own = this.#stop.signal.aborted ? "stopped" : settled.status === "fulfilled" ? "finished" : "failed";
    const outcome = started instanceof Task ? await started.ended : own;
    this.#work[Symbol.dispose]();
    return { ...settled, outcome, ms: now() - startMs };
  }
}

export function checkGrace(what: string, graceMs: number): number {
  if (typeof graceMs !== "number" || !(graceMs >= 0)) throw invalidArg(`${what}: graceMs`, "milliseconds, 0 or more", graceMs);
  return graceMs;
}
