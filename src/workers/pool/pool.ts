// Pool: threads of its own that run the functions of a module, one call at a time each.

import { Wire } from "../../runtime/channel/index.ts";
import { now } from "../../runtime/clock.ts";
import { AbortError, HeddleError, invalidArg } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { type Carried, carriedValues } from "../carried.ts";
import type { CrewHome } from "../crew.ts";
import { isReference, nameOf } from "../module-ref.ts";
import { arePlain } from "../plain.ts";
import type { PoolSummary } from "../seeing/crews-seen.ts";
import { isHeard, poolTracing, traced } from "../seeing/diagnostics.ts";
import { summaryOf } from "../seeing/timings.ts";
import type { Caller, Calls, Streams } from "./caller.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Here } from "./here.ts";
import { CARRYING, PACKED, PLAIN, STREAM } from "./message.ts";
import { type Arguments, keepResolve, PoolCall, PoolFunction, resolveLast, type Settle, TracedCall } from "./pool-call.ts";
import {
  type CallOptions,
  type CallSettings,
  checkCall,
  checkPool,
  checkThreads,
  duration,
  type PoolOptions,
  type PoolSettings,
} from "./settings.ts";
import { streamOf } from "./stream.ts";
import type { PoolStats } from "./tally.ts";

/** How long a close waits for threads to exit. */
const EXIT_MS = 1_000;
const DEFAULT_GRACE_MS = 5_000;

/** Calls of a module's functions on threads of the pool's own, one at a time on each, as rt.pool() has made it. Threads: the one that made it. */
export class Pool<M> implements Caller<M> {
  readonly call: Calls<M>;
  readonly stream: Streams<M>;
  readonly #home: CrewHome;
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #settings: PoolSettings;
  readonly #dispatcher: Dispatcher;
  readonly #here: Here;
  readonly #functions = new Map<string, PoolFunction>();
  readonly #url: string;
  readonly #tell = () => this.#summary();
  readonly #closer = (graceMs: number) => this.close({ graceMs });
  #numbered = 0;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(home: CrewHome, thread: Thread, jobs: unknown, options: PoolOptions) {
    this.#settings = checkPool(options);
    const url = urlOf(jobs);
    this.#url = url;
    this.#home = home;
    this.#thread = thread;
    this.#wire = Wire.of(thread);
    this.#here = new Here(url, this.#wire, this.#settings.setUp, this.#settings.tearDown);
    this.#dispatcher = new Dispatcher(home, thread, url, this.#settings, {
      runHere: (call) => this.#here.run(call),
      decode: (bytes) => this.#wire.decode(bytes),
      onStaff: (error) => this.#settleReady(error),
    });
    this.call = this.#calls(this.#settings.call);
    this.stream = this.#streams(this.#settings.call);
    home.closers.add(this.#closer);
    home.seen.pools.add(this.#tell);
  }

  /** The same with options for what is called. Throws: ERR_INVALID_ARG. */
  with(options: CallOptions): Caller<M> {
    const settings = checkCall(options, this.#settings);
    return { call: this.#calls(settings), stream: this.#streams(settings) };
  }

  /** Threads the pool is to have. */
  get size(): number {
    return this.#dispatcher.staff.size;
  }

  /**
   * Resolves when every thread has imported the module, is set up and warmed up. Calls need not wait for that.
   * Waits: this promise. Throws (rejects): ERR_THREAD_START when the threads cannot be set up, ERR_CLOSED.
   */
  ready(): Promise<void> {
    const { closed, staff } = this.#dispatcher;
    if (closed) return Promise.reject(closed);
    if (staff.open >= staff.size) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /**
   * Resolves when a call would find room: for producers that do not wait for their results. At once while the queue is not full, and when the pool is closed.
   * Waits: this promise; ends also with its signal (AbortError). Order: in turn; somebody else may have been quicker.
   */
  room(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { door, closed } = this.#dispatcher;
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(new AbortError(signal.reason));
    if (door.hasRoom || closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        leave();
        this.#thread.parker.release();
        reject(new AbortError(signal?.reason));
      };
      const leave = door.watch(() => {
        signal?.removeEventListener("abort", onAbort);
        this.#thread.parker.release();
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#thread.parker.hold();
    });
  }

  /**
   * More threads at once, or fewer as they end their calls. A whole number from 1; more than are reserved for lanes.
   * Waits: never. Throws: ERR_INVALID_ARG, ERR_CLOSED.
   */
  resize(threads: number): void {
    const { closed, staff, door } = this.#dispatcher;
    const reserved = [...this.#settings.lanes.values()].reduce((sum, own) => sum + own, 0);
    if (checkThreads(threads) <= reserved) throw invalidArg("threads", `more than the ${reserved} that are reserved for lanes`, threads);
    if (closed) throw closed;
    door.resize(threads);
    staff.resize(threads);
    this.#dispatcher.makeRoom();
    this.#settleReady();
  }

  /** What it has done and what it holds, at this moment. Waits: never. */
  stats(): PoolStats {
    const { tally, staff, door } = this.#dispatcher;
    const { running, queued } = this.#dispatcher;
    return { threads: staff.size, open: staff.open, outside: door.outside, queued, running, ...tally };
  }

  #summary(): PoolSummary {
    const { staff, timings, tally } = this.#dispatcher;
    return {
      url: this.#url,
      ...this.stats(),
      utilization: Math.min(1, tally.runMs / Math.max(1, staff.presentMs)),
      wait: timings && summaryOf(timings.wait),
      run: timings && summaryOf(timings.run),
    };
  }

  /**
   * Ends the pool: no more calls are let in; those there are may end for graceMs, then they reject with ERR_CLOSED. Its threads are torn down and stopped.
   * rt.close() closes it as well. Second call: the same promise.
   * Waits: this promise, about graceMs at most. Throws (rejects): ERR_INVALID_ARG.
   */
  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    try {
      const graceMs = duration("graceMs", options?.graceMs ?? DEFAULT_GRACE_MS);
      this.#closing ??= this.#close(graceMs);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(graceMs: number): Promise<void> {
    const dispatcher = this.#dispatcher;
    const error = new HeddleError("ERR_CLOSED", "the pool is closed");
    const untilMs = now() + graceMs;
    this.#home.closers.delete(this.#closer);
    this.#home.seen.pools.delete(this.#tell);
    dispatcher.shut(error);
    this.#settleReady(error);
    this.#thread.parker.hold();
    try {
      await dispatcher.drained(graceMs);
      dispatcher.refuseAll(error);
      await dispatcher.staff.dismiss(untilMs - now());
      await this.#here.close();
      await dispatcher.staff.close(EXIT_MS);
    } finally {
      this.#thread.parker.release();
    }
  }

  #calls(settings: CallSettings): Calls<M> {
    return lazily((name) => {
      const fn = this.#function(name);
      return (...args: unknown[]) => this.#call(fn, args, settings);
    }) as Calls<M>;
  }

  #streams(settings: CallSettings): Streams<M> {
    return lazily((name) => {
      const fn = this.#function(name);
      return (...args: unknown[]) =>
        streamOf(this.#thread, this.#settings.streamAhead, (sender) => this.#start(fn, sender, args, settings));
    }) as Streams<M>;
  }

  #function(name: string): PoolFunction {
    let fn = this.#functions.get(name);
    if (!fn) {
      fn = new PoolFunction(this.#dispatcher.handOut.name(name), name);
      this.#functions.set(name, fn);
    }
    return fn;
  }

  #call(fn: PoolFunction, args: unknown[], settings: CallSettings): Promise<unknown> {
    try {
      const values = carriedValues();
      const isPlain = values === undefined && arePlain(args);
      const sent = isPlain ? args : this.#pack(fn, args, values);
      const ended = new Promise<unknown>(keepResolve);
      this.#submit(fn, isPlain ? PLAIN : formOf(PACKED, values), sent, settings, resolveLast);
      return ended;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #start(fn: PoolFunction, sender: unknown, args: unknown[], settings: CallSettings) {
    let call: PoolCall | undefined;
    const values = carriedValues();
    const ended = new Promise<unknown>((resolve) => {
      call = this.#submit(fn, formOf(STREAM, values), this.#pack(fn, [sender, ...args], values), settings, resolve);
    });
    return { ended, abandon: () => call && this.#dispatcher.abort(call, undefined) };
  }

  #submit(fn: PoolFunction, form: number, args: Arguments, settings: CallSettings, resolve: Settle): PoolCall | undefined {
    const call = this.#newCall(fn, form, args, settings, resolve);
    const { signal, transfer } = settings;
    if (signal?.aborted) {
      call.reject(new AbortError(signal.reason));
      return undefined;
    }
    if (transfer) for (const buffer of transfer) structuredClone(buffer, { transfer: [buffer] }); // copied by now
    this.#dispatcher.submit(call);
    return call;
  }

  #newCall(fn: PoolFunction, form: number, args: Arguments, settings: CallSettings, resolve: Settle): PoolCall {
    const number = this.#numbered++;
    const { turn } = this.#dispatcher.handOut;
    if (!isHeard(poolTracing)) return new PoolCall(fn, form, args, settings, number, turn, resolve);
    const reject = (error: unknown) => resolve(Promise.reject(error));
    const [onValue, onError] = traced(poolTracing, fn.name, this.#url, resolve, reject);
    return new TracedCall(onError, fn, form, args, settings, number, turn, onValue);
  }

  #pack(fn: PoolFunction, args: unknown[], values: Carried | undefined): Uint8Array {
    return this.#wire.encode(`the arguments of ${fn.name}`, values === undefined ? args : [values, ...args]).slice();
  }

  #settleReady(error?: Error): void {
    const { staff } = this.#dispatcher;
    if (error) for (const { reject } of this.#waiting.splice(0)) reject(error);
    else if (staff.open >= staff.size) for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}

function formOf(form: number, values: Carried | undefined): number {
  return values === undefined ? form : form | CARRYING;
}

/** An object that makes a property when it is first read; from then on it is an ordinary one. */
function lazily(make: (name: string) => unknown): object {
  const maker = new Proxy(Object.create(null), {
    get(_, name, object: object) {
      if (typeof name !== "string" || name === "then") return undefined;
      const value = make(name);
      Object.defineProperty(object, name, { value, enumerable: true });
      return value;
    },
  });
  return Object.create(maker);
}

/** Where a module reference's functions are. */
function urlOf(jobs: unknown): string {
  const any = typeof jobs === "object" && jobs !== null ? (jobs as Record<string, unknown>).default : undefined;
  if (!isReference(any)) throw invalidArg("pool", "a module, as rt.module(new URL('./jobs.js', import.meta.url)) gives it", jobs);
  return nameOf(any).url;
}
