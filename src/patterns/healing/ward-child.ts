// A ward as its supervisor starts and stops it: a task with a heartbeat, and a channel for what it puts out.
//
//   start ─▶ beats ─▶ returns, throws, dies ─────────────▶ exited
//              └─ hung, closed, blocked too long ─▶ stop ─▶ its context ends ─ graceMs ─▶ its thread is killed ─▶ exited, failed: ERR_UNHEALTHY
//
// Invariant  `exited` settles when the task has really ended, and its channel is closed by then: the next one never runs beside it.

import { type Channel, closeOnce, structured } from "../../runtime/channel/index.ts";
import { type Later, later } from "../../runtime/clock.ts";
import type { Context } from "../../runtime/context/index.ts";
import { HeddleError } from "../../runtime/errors.ts";
import { importModule } from "../../workers/import-module.ts";
import { type AnyFunction, isReference, nameOf } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import type { Child, Exit, Running } from "../../workers/supervision/child.ts";
import { Beating } from "../heartbeat/beating.ts";
import type { Health } from "../heartbeat/watch.ts";
import type { StewardSettings } from "./settings.ts";

interface WardCall {
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
}

/** What a ward's output is told. */
export interface WardOutput {
  /** A new run, and where its values come. */
  begin(out: Channel<unknown>, beating: Beating<unknown>): void;
  /** Nothing runs any more, and nothing will be started. */
  onIdle(exit: Exit): void;
}

export class WardChild implements Child {
  readonly #rt: Runtime;
  readonly #fn: AnyFunction;
  readonly #args: readonly unknown[];
  readonly #settings: StewardSettings;
  readonly #above: Context;
  readonly #output: WardOutput;

  constructor(rt: Runtime, ward: WardCall, settings: StewardSettings, above: Context, output: WardOutput) {
    this.#rt = rt;
    this.#fn = ward.fn;
    this.#args = ward.args;
    this.#settings = settings;
    this.#above = above;
    this.#output = output;
  }

  async start(): Promise<Running> {
    const out = this.#rt.channel(structured<unknown>(), this.#settings.capacity);
    let blocked: Later | undefined;
    let beating: Beating<unknown> | undefined;
    let illness: Error | undefined;
    const treat = (health: Health) => {
      illness ??= unhealthy(health);
      void beating?.stop(illness);
    };
    const onChange = (health: Health) => {
      blocked?.cancel();
      blocked = undefined;
      if (health.state === "hung" || health.state === "closed") treat(health);
      const { blockedMs } = this.#settings;
      if (health.state === "blocked" && blockedMs < 2 ** 31) blocked = later(() => treat(health), blockedMs);
    };
    try {
      beating = new Beating<unknown>(
        this.#rt,
        this.#fn,
        [...this.#args, out.sender],
        { ...this.#settings.beat, signal: undefined },
        this.#above,
        onChange,
      );
    } catch (error) {
      out[Symbol.dispose]();
      throw error;
    }
    this.#output.begin(out, beating);
    const { result } = beating;
    const exited = result.then(
      (): Exit => (illness ? { kind: "failed", error: illness } : { kind: "normal" }), // one that ends because it was told to is not done
      (error: unknown): Exit => ({ kind: "failed", error: illness ?? error }),
    );
    let isAsked = false;
    return {
      exited: exited.then((exit) => {
        blocked?.cancel();
        closeOnce(out.sender);
        return isAsked && !illness ? { kind: "stopped" } : exit;
      }),
      stop: () => {
        isAsked = true;
        void beating.stop("its steward stops it");
      },
    };
  }

  onIdle(exit: Exit): void {
    this.#output.onIdle(exit);
  }

  /** The same on the calling thread. */
  get here(): Child {
    const fn = this.#fn;
    if (!isReference(fn)) return this;
    const { url, name } = nameOf(fn);
    const local = async (...args: unknown[]) => ((await importModule(url))[name] as (...args: unknown[]) => unknown)(...args);
    return new WardChild(this.#rt, { fn: local, args: this.#args }, this.#settings, this.#above, this.#output);
  }
}

function unhealthy({ state, doing, missed, beats }: Health): HeddleError {
  const what = state === "closed" ? "it has closed its pulse" : `${state}, ${doing}, for ${missed} intervals after ${beats} pulses`;
  return new HeddleError("ERR_UNHEALTHY", `the ward was stopped: ${what}`);
}
