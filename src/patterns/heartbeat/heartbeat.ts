// Heartbeat: a task that pulses beside its results. Source: Concurrency in Go, ch. 5, "Heartbeats". The figures there send pulses on a channel beside the
// results; here a pulse is one increment of a word that all threads share, so nobody who listens, or does not, can hold the task up.
//
//   task ── beat(progress) ──▶ beats │ turns │ thread ◀── looks, 4 an interval ── watch ──▶ health, pulses()
//        └─ results: its value, and whatever channels it was given

import type { Context } from "../../runtime/context/index.ts";
import { invalidArg } from "../../runtime/errors.ts";
import type { AnyFunction } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import { checkRuntime } from "../fan-out/settings.ts";
import { Beating } from "./beating.ts";
import type { Pulse } from "./pulse.ts";
import { type HeartbeatOptions, type HeartbeatSettings, heartbeatSettings } from "./settings.ts";
import type { Health } from "./watch.ts";

/** The arguments of a function, without the pulse and the context it is given behind them. */
export type BeatingArgs<F extends AnyFunction> =
  Parameters<F> extends [...infer A, Pulse, Context] ? A : Parameters<F> extends [...infer A, Pulse] ? A : Parameters<F>;

/** What a function tells of its progress. */
export type ProgressOf<F extends AnyFunction> =
  Parameters<F> extends [...unknown[], Pulse<infer P>, Context] ? P : Parameters<F> extends [...unknown[], Pulse<infer P>] ? P : unknown;

/**
 * What starts tasks that beat: `heartbeat(rt, { everyMs: 200 }).go(jobs.render, scene)` calls `render(scene, pulse, ctx)` on a thread.
 * Waits: never. Threads: the calling one starts, and watches while its event loop turns. Throws: ERR_INVALID_ARG.
 * Cost of a task that beats: three words of 128 bytes and a channel of one value; a few looks at shared memory an interval.
 * See: Concurrency in Go, ch. 5, "Heartbeats".
 */
export function heartbeat(rt: Runtime, options: HeartbeatOptions = {}): Heartbeat {
  checkRuntime("heartbeat", rt);
  return new Heartbeat(rt, heartbeatSettings("heartbeat", options), options.ctx ?? rt.background);
}

/** Starts tasks that are listened to, as heartbeat() has set it. Threads: the one that made it. */
export class Heartbeat {
  readonly #rt: Runtime;
  readonly #settings: HeartbeatSettings;
  readonly #above: Context;

  /** @internal */
  constructor(rt: Runtime, settings: HeartbeatSettings, above: Context) {
    this.#rt = rt;
    this.#settings = settings;
    this.#above = above;
  }

  /**
   * Starts `fn(...args, pulse, ctx)`, a function of a module reference, which runs on a thread, or one of this thread.
   * Waits: never. Throws: ERR_INVALID_ARG, ERR_UNSENDABLE, ERR_GANG_REFUSED when no dedicated thread is free, what `ctx` or `signal` ended with.
   */
  go<F extends AnyFunction>(fn: F, ...args: BeatingArgs<F>): Beating<Awaited<ReturnType<F>>, ProgressOf<F>> {
    return this.#go(fn, args, undefined);
  }

  /** The same, and `onChange` is called whenever its state changes; what it throws is an uncaught exception. */
  watched<F extends AnyFunction>(
    onChange: (health: Health<ProgressOf<F>>) => void,
    fn: F,
    ...args: BeatingArgs<F>
  ): Beating<Awaited<ReturnType<F>>, ProgressOf<F>> {
    if (typeof onChange !== "function") throw invalidArg("heartbeat: onChange", "a function", onChange);
    return this.#go(fn, args, onChange);
  }

  #go<R, P>(fn: AnyFunction, args: readonly unknown[], onChange: ((health: Health<P>) => void) | undefined): Beating<R, P> {
    if (typeof fn !== "function") throw invalidArg("heartbeat: fn", "a function", fn);
    return new Beating<R, P>(this.#rt, fn, args, this.#settings, this.#above, onChange);
  }
}
