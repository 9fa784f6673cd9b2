// Beating: a task with a heartbeat, as it is seen from outside.

import { structured } from "../../runtime/channel/index.ts";
import type { Context } from "../../runtime/context/index.ts";
import { together } from "../../runtime/together.ts";
import { type AnyFunction, isReference, moduleRef, nameOf } from "../../workers/module-ref.ts";
import type { Launcher, Runtime } from "../../workers/runtime.ts";
import type { TaskOutcome } from "../../workers/task.ts";
import { endError } from "../ending.ts";
import { Change, type Flow, Passing } from "../flow.ts";
import { Run, type RunEnd } from "../run.ts";
import { DONE, type Source } from "../source.ts";
import { Pulse, type PulseHandles } from "./pulse.ts";
import type { HeartbeatSettings } from "./settings.ts";
import { type Health, Watch } from "./watch.ts";

const own = moduleRef<typeof import("./task.ts")>(new URL("./task.js", import.meta.url));

type Args = readonly unknown[];

/** A task with a pulse: its result, and how it is. Threads: the one that started it. */
export class Beating<R, P = unknown> {
  /** The task's result. Rejects: what it throws, ERR_THREAD_DIED, AbortError once it was stopped; never before the task has really ended. */
  readonly result: Promise<R>;
  /** Resolves when it has really ended; never rejects. */
  readonly ended: Promise<TaskOutcome>;
  /** Resolves with true at its first pulse, with false if it ended without one: work that has begun, for tests that must not guess. */
  readonly first: Promise<boolean>;
  readonly #handles: PulseHandles;
  readonly #watch: Watch<P>;
  readonly #run: Run<R>;
  readonly #change = new Change();
  /** Looks that have seen something. */
  #looks = 0;
  readonly #onChange: (health: Health<P>) => void;
  readonly #outer: AbortSignal | undefined;

  /** @internal */
  constructor(
    rt: Runtime,
    fn: AnyFunction,
    args: Args,
    settings: HeartbeatSettings,
    above: Context,
    onChange: (health: Health<P>) => void = () => undefined,
  ) {
    const { everyMs, signal } = settings;
    this.#handles = together((own) => {
      const [beats, turns, thread] = [own(rt.sync.atomicInt()), own(rt.sync.atomicInt()), own(rt.sync.atomicInt())];
      return { beats, turns, thread, progress: own(rt.channel(structured<unknown>(), 1)), everyMs };
    });
    this.#onChange = onChange;
    this.#outer = signal;
    try {
      this.#run = new Run<R>(rt, { ...settings, above }, (launcher, ctx) => this.#start(launcher, fn, args, ctx));
    } catch (error) {
      this.#free();
      throw error;
    }
    this.#watch = new Watch<P>(rt, this.#handles, settings, (isChange) => this.#onLook(isChange));
    this.first = this.#first();
    const ended = this.#run.ended.then((end) => this.#end(end));
    this.ended = ended.then(({ outcome }) => outcome);
    this.result = ended.then((end) => {
      if (end.status === "fulfilled") return end.value;
      throw end.reason;
    });
    signal?.addEventListener("abort", this.#onOuter, { once: true });
  }

  /** How it is, as of now. */
  get health(): Health<P> {
    this.#watch.look(false);
    this.#hear();
    return this.#watch.health;
  }

  /**
   * Its pulses as the looks see them, four an interval at most and the newest only: those that come in between, or while nobody asks, are dropped. Ends with the
   * task; leaving it leaves the task alone.
   */
  pulses(): Flow<Health<P>> {
    return new Passing(this.#pulses());
  }

  #pulses(): Source<Health<P>> {
    let isOver = false;
    let told = -1;
    return {
      next: async () => {
        while (!isOver && told === this.#looks) await this.#change.wait();
        if (isOver) return DONE;
        told = this.#looks;
        this.#hear();
        const { health } = this.#watch;
        isOver = health.state === "ended";
        return { value: health, done: false };
      },
      stop: async () => {
        isOver = true;
        this.#change.tell();
      },
    };
  }

  /** Ends its context; after `graceMs` its thread is killed. Waits: until it has really ended. Second call: the same. */
  stop(reason?: unknown): Promise<TaskOutcome> {
    this.#run.stop(endError(reason));
    return this.ended;
  }

  readonly #onOuter = (): void => this.#run.stop(endError(this.#outer!.reason));

  #start(launcher: Launcher, fn: AnyFunction, args: Args, ctx: Context): PromiseLike<R> {
    if (isReference(fn)) {
      const { url, name } = nameOf(fn);
      return launcher.go(own.beat, url, name, args, this.#handles, ctx) as PromiseLike<unknown> as PromiseLike<R>;
    }
    const pulse = new Pulse(this.#handles);
    const end = pulse.begin();
    return new Promise<R>((resolve) => resolve((fn as (...args: unknown[]) => R)(...args, pulse, ctx))).finally(end);
  }

  async #first(): Promise<boolean> {
    let told: unknown;
    try {
      told = await this.#handles.progress.receiver.recv();
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_CLOSED") throw error;
      return false; // the runtime was closed: no pulse will come
    }
    if (typeof told === "symbol") return false;
    this.#watch.progress ??= told as P; // what was told later may have been heard by now
    this.#watch.look(false);
    return true;
  }

  #hear(): void {
    const { beats, progress } = this.#handles;
    if (beats.place.thread.isClosed) return;
    const told = progress.receiver.tryRecv();
    if (told !== undefined && typeof told !== "symbol") this.#watch.progress = told as P;
  }

  #onLook(isChange: boolean): void {
    this.#looks++;
    this.#change.tell();
    if (!isChange) return;
    this.#hear();
    try {
      this.#onChange(this.#watch.health);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #end(end: RunEnd<R>): RunEnd<R> {
    this.#outer?.removeEventListener("abort", this.#onOuter);
    try {
      this.#hear();
      this.#watch.end();
    } finally {
      this.#free();
    }
    return end;
  }

  #free(): void {
    const { beats, turns, thread, progress } = this.#handles;
    for (const word of [beats, turns, thread]) word[Symbol.dispose]();
    progress[Symbol.dispose]();
  }
}
