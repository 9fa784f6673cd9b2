// Race: one request and its replicas, from the first start to the last end.
//
//   replica 0 ── hedge delay ──▶ replica 1 ── hedge delay ──▶ …        a failure starts the next one at once
//       └──────────── the first success ─▶ the answer; the others are stopped, and waited for in `ended`

import { type Later, later, now } from "../../runtime/clock.ts";
import type { Context } from "../../runtime/context/index.ts";
import { AbortError } from "../../runtime/errors.ts";
import type { AtomicFloat } from "../../runtime/sync/index.ts";
import { type AnyFunction, isReference, moduleRef, nameOf } from "../../workers/module-ref.ts";
import type { Launcher, Runtime } from "../../workers/runtime.ts";
import type { TaskOutcome } from "../../workers/task.ts";
import { endError } from "../ending.ts";
import { Run, type RunEnd } from "../run.ts";
import type { ReplicatedSettings } from "./settings.ts";
import type { Tally } from "./tally.ts";
import { threadCpu } from "./task.ts";

const own = moduleRef<typeof import("./task.ts")>(new URL("./task.js", import.meta.url));

type Functions = readonly AnyFunction[];
type Args = readonly unknown[];

/** What became of a replica. */
export interface ReplicaReport {
  readonly replica: number;
  /** 'lost': another was first, or nobody wanted an answer any more. */
  readonly place: "won" | "lost" | "failed";
  readonly outcome: TaskOutcome;
  /** From its start to its real end. */
  readonly ms: number;
  /** CPU time of its thread, if it is dedicated and Node tells it. */
  readonly cpuMs: number | undefined;
}

export class Race<R> {
  /** The first success, at once. Rejects: an AggregateError (ERR_REPLICAS_FAILED) when all have failed, AbortError, TimeoutError. */
  readonly result: Promise<R>;
  /** Resolves when every replica has really ended; never rejects. In the order they ended. */
  readonly ended: Promise<readonly ReplicaReport[]>;
  readonly #rt: Runtime;
  readonly #functions: Functions;
  readonly #args: Args;
  readonly #settings: ReplicatedSettings;
  readonly #above: Context;
  readonly #tally: Tally;
  readonly #startMs = now();
  readonly #runs = new Set<Run<R>>();
  readonly #reports: ReplicaReport[] = [];
  readonly #errors: unknown[] = [];
  #started = 0;
  #isOver = false;
  #timer: Later | undefined;
  #settle!: { resolve: (value: R) => void; reject: (error: unknown) => void };
  #onEnded!: (reports: readonly ReplicaReport[]) => void;

  constructor(rt: Runtime, functions: Functions, args: Args, settings: ReplicatedSettings, above: Context, tally: Tally) {
    this.#rt = rt;
    this.#functions = functions;
    this.#args = args;
    this.#settings = settings;
    this.#above = above;
    this.#tally = tally;
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    tally.onRequest();
    settings.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#start();
    this.#hedge();
  }

  readonly #onAbort = (): void => {
    const error = endError(this.#settings.signal!.reason);
    this.#tally.failed++;
    this.#settle.reject(error);
    this.#finish(error);
  };

  get #mayStart(): boolean {
    return !this.#isOver && this.#started < this.#settings.replicas;
  }

  /** Starts the next one when its delay is over; without a delay, all. */
  #hedge(): void {
    if (!this.#mayStart) return;
    const delayMs = this.#tally.hedgeMs;
    if (delayMs === 0) {
      while (this.#mayStart && this.#tally.admit(this.#rt, this.#runs.size === 0)) this.#start();
      return;
    }
    if (delayMs >= 2 ** 31) return;
    this.#timer = later(() => {
      if (this.#mayStart && this.#tally.admit(this.#rt, false)) this.#start(); // a failure may have started the last one meanwhile
      this.#hedge();
    }, delayMs);
  }

  #start(): void {
    const replica = this.#started++;
    const { dedicated, graceMs } = this.#settings;
    let cpuMs: AtomicFloat | null = null;
    try {
      if (dedicated && threadCpu()) cpuMs = this.#rt.sync.atomicFloat();
      const above = this.#above.withValue("replica", replica);
      const run = new Run<R>(this.#rt, { dedicated, graceMs, above }, (launcher, ctx) => this.#launch(launcher, replica, cpuMs, ctx));
      this.#runs.add(run);
      void run.ended.then((end) => {
        this.#runs.delete(run);
        this.#onEnd(replica, end, costOf(cpuMs));
      });
    } catch (error) {
      cpuMs?.[Symbol.dispose]();
      this.#onEnd(replica, { status: "rejected", reason: error, outcome: "failed", ms: 0 }, undefined);
    }
  }

  #launch(launcher: Launcher, replica: number, cpuMs: AtomicFloat | null, ctx: Context): PromiseLike<R> {
    const fn = this.#functions[replica % this.#functions.length]!;
    if (!isReference(fn)) return new Promise((resolve) => resolve((fn as (...args: unknown[]) => R)(...this.#args, ctx)));
    const { url, name } = nameOf(fn);
    return launcher.go(own.runReplica, url, name, this.#args, cpuMs, ctx) as PromiseLike<unknown> as PromiseLike<R>;
  }

  #onEnd(replica: number, end: RunEnd<R>, cpuMs: number | undefined): void {
    const place = this.#isOver ? "lost" : end.status === "fulfilled" ? "won" : "failed";
    this.#reports.push({ replica, place, outcome: end.outcome, ms: end.ms, cpuMs });
    if (place === "lost") this.#tally.lostMs += cpuMs ?? end.ms;
    else if (end.status === "fulfilled") this.#win(replica, end.value);
    else this.#onFailure(end.reason);
    if (this.#isOver && this.#runs.size === 0) this.#onEnded(this.#reports);
  }

  #win(replica: number, value: R): void {
    this.#tally.onAnswer(replica, now() - this.#startMs);
    this.#settle.resolve(value);
    this.#finish(new AbortError(`replica ${replica} has answered`));
  }

  #onFailure(error: unknown): void {
    this.#errors.push(error);
    if (this.#mayStart && this.#tally.admit(this.#rt, this.#runs.size === 0)) this.#start();
    else if (this.#runs.size === 0) {
      this.#tally.failed++;
      this.#settle.reject(replicasFailed(this.#errors));
      this.#finish(undefined);
    }
  }

  #finish(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    for (const run of this.#runs) run.stop(reason);
    if (this.#runs.size === 0) this.#onEnded(this.#reports);
  }
}

/** What a replica has told of its cost; its word is given back. Of one that was killed nothing is known, nor after the runtime's end. */
function costOf(cpuMs: AtomicFloat | null): number | undefined {
  if (!cpuMs || cpuMs.place.thread.isClosed) return undefined;
  const told = cpuMs.load();
  cpuMs[Symbol.dispose]();
  return told || undefined;
}

function replicasFailed(errors: readonly unknown[]): AggregateError {
  const error = new AggregateError(errors, `all ${errors.length} replicas failed`, { cause: errors[0] });
  return Object.assign(error, { code: "ERR_REPLICAS_FAILED" });
}
