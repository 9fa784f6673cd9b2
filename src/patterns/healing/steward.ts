// Self-healing: a steward watches its wards' heartbeats; one that is unhealthy is stopped, waited for, and started again. Source: Concurrency in Go, ch. 5, "Healing
// Unhealthy Goroutines". The steward there starts the next ward before the last has stopped, and spins when a ward closes its heartbeat.
//
//   steward ─ Supervision: strategy, intensity, back-off ─┬─ ward: task + heartbeat + channel ─┐
//                                                         ├─ ward …                            ├─▶ one output each, unbroken (bridge)
//                                                         └─ steward: its wards, and so on ────┘

import type { Sender } from "../../runtime/channel/index.ts";
import type { Context } from "../../runtime/context/index.ts";
import { invalidArg } from "../../runtime/errors.ts";
import { type AnyFunction, isReference, nameOf } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import type { Supervision } from "../../workers/service/supervision.ts";
import type { ChildState, Exit } from "../../workers/supervision/child.ts";
import { checkRuntime } from "../fan-out/settings.ts";
import type { Pulse } from "../heartbeat/pulse.ts";
import { Healed, Outputs } from "./healed.ts";
import { type StewardOptions, type StewardSettings, stewardSettings } from "./settings.ts";
import { WardChild } from "./ward-child.ts";

/** The arguments of a ward, without the sender, the pulse and the context it is given behind them. */
export type WardArgs<F extends AnyFunction> =
  Parameters<F> extends [...infer A, Sender<infer _>, Pulse, Context]
    ? A
    : Parameters<F> extends [...infer A, Sender<infer _>, Pulse]
      ? A
      : Parameters<F> extends [...infer A, Sender<infer _>]
        ? A
        : Parameters<F>;

/** What a ward puts out. */
export type WardValue<F extends AnyFunction> =
  Parameters<F> extends [...unknown[], Sender<infer T>, Pulse, Context]
    ? T
    : Parameters<F> extends [...unknown[], Sender<infer T>, Pulse]
      ? T
      : Parameters<F> extends [...unknown[], Sender<infer T>]
        ? T
        : never;

/** A killed ward's thread may take so long to be gone. */
const EXIT_MS = 2_000;

/**
 * A steward: `for await (const row of steward(rt, { everyMs: 500 }).ward(jobs.parse, input)) …` runs `parse(input, out, pulse, ctx)` on a thread, again and again
 * until it returns.
 * Waits: never. Threads: the supervising one. Throws: ERR_INVALID_ARG, ERR_NO_RUNTIME, ERR_CLOSED; what has ended it already.
 * Cost: a supervisor; for each ward what heartbeat() costs and a channel. See: Concurrency in Go, ch. 5, "Healing Unhealthy Goroutines"; Erlang/OTP, supervisor.
 */
export function steward(rt: Runtime, options: StewardOptions = {}): Steward {
  checkRuntime("steward", rt);
  const settings = stewardSettings(options);
  return new Steward(rt, rt.supervise(settings.supervision), settings, options.ctx ?? rt.background);
}

/** Whoever looks after wards, as steward() has made it: starts each again when it fails or falls ill. Threads: the one that made it. */
export class Steward {
  readonly #rt: Runtime;
  readonly #supervision: Supervision;
  readonly #settings: StewardSettings;
  readonly #above: Context;
  /** Of the wards whose flows are read. */
  readonly #outputs = new Set<Outputs<unknown>>();
  #exit: Exit | undefined;
  #wards = 0;

  /** @internal */
  constructor(rt: Runtime, supervision: Supervision, settings: StewardSettings, above: Context) {
    this.#rt = rt;
    this.#supervision = supervision;
    this.#settings = settings;
    this.#above = above;
    const { signal } = settings.beat;
    const onEnd = () => void this.stop();
    signal?.addEventListener("abort", onEnd, { once: true });
    void supervision.exited.then((exit) => {
      signal?.removeEventListener("abort", onEnd);
      this.#exit = exit;
      for (const outputs of this.#outputs) outputs.finish(exit.error);
    });
  }

  /**
   * A ward: `fn(...args, out, pulse, ctx)`, started when its first value is asked for. What it sends out is the flow, over all its runs: what a run had sent before its
   * end is delivered, then the next one's. Leaving the flow stops the ward, and settles when it has ended.
   * Throws: ERR_INVALID_ARG. The iteration throws ERR_RESTART_LIMIT (cause: of what it ended last) when the steward has given up, and what its first start throws.
   */
  ward<F extends AnyFunction>(fn: F, ...args: WardArgs<F>): Healed<WardValue<F>> {
    if (typeof fn !== "function") throw invalidArg("ward: fn", "a function", fn);
    const { beat, fallback, restart } = this.#settings;
    const name = isReference(fn) ? nameOf(fn).name : fn.name || "ward";
    const id = `${name}-${++this.#wards}`;
    const outputs = new Outputs<WardValue<F>>();
    const output = { begin: outputs.begin.bind(outputs), onIdle: (exit: Exit) => this.#onIdle(outputs, exit) };
    const child = new WardChild(this.#rt, { fn, args }, this.#settings, this.#above, output);
    const spec = { id, child, restart, shutdownMs: beat.graceMs + EXIT_MS, ...(fallback && { fallback: child.here }) };
    let added: Promise<void> | undefined;
    const start = () => {
      added = this.#supervision.add(spec).catch((error: unknown) => outputs.finish(error));
      this.#outputs.add(outputs);
      if (this.#exit) outputs.finish(this.#exit.error);
    };
    const stop = async () => {
      await added;
      await this.#supervision.remove(id);
      this.#outputs.delete(outputs);
    };
    return new Healed<WardValue<F>>(outputs, { parker: this.#above.thread.parker, start, stop }, beat.signal);
  }

  /** A ward that idles because the steward gave up, or was stopped, may be started again by the one above. */
  #onIdle(outputs: Outputs<unknown>, exit: Exit): void {
    const isOwn = exit.kind === "normal" || (exit.error as { code?: unknown } | undefined)?.code !== "ERR_RESTART_LIMIT";
    if (isOwn && exit.kind !== "stopped") outputs.onIdle(exit);
  }

  /** A steward below this one, which is a ward of it: when it gives up it is started again, wards and all, by this one's policy. Options as its own. */
  steward(options: StewardOptions = {}): Steward {
    const settings = stewardSettings({ ...options, signal: options.signal ?? this.#settings.beat.signal });
    return new Steward(this.#rt, this.#supervision.supervise(settings.supervision), settings, options.ctx ?? this.#above);
  }

  /** The wards and stewards below, in the order of their start. */
  which(): ChildState[] {
    return this.#supervision.which();
  }

  /** How it has ended, once it has: 'stopped', or 'failed' with ERR_RESTART_LIMIT; never rejects. */
  get exited(): Promise<Exit> {
    return this.#supervision.exited;
  }

  /** Stops all wards, last first; their flows end. Waits: until all have ended. Second call: the same. */
  stop(): Promise<void> {
    return this.#supervision.stop();
  }
}
