// The runtime: the public door to tasks, channels and modules.

import { Channel, type ChannelOptions, type Codec, type SendableArgs } from "../runtime/channel/index.ts";
import { Context } from "../runtime/context/index.ts";
import { HeddleError, invalidArg } from "../runtime/errors.ts";
import { LeasedQueue, type LeasedQueueOptions } from "../runtime/lease/index.ts";
import type { HeapUse } from "../runtime/memory/heap.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { Sync } from "../runtime/sync/index.ts";
import type { CrewHome } from "./crew.ts";
import type { Death } from "./death.ts";
import type { CloseOptions, CloseReport, Host } from "./host.ts";
import type { Call, Launcher, Tasks } from "./launcher.ts";
import { type Leftovers, leftovers } from "./leftovers.ts";
import { type AnyFunction, type ModuleRef, moduleRef, nameOf } from "./module-ref.ts";
import type { Pool, PoolOptions } from "./pool/index.ts";
import { Scope, type ScopeOptions } from "./scope.ts";
import type { RuntimeEventMap } from "./seeing/events.ts";
import { Inspection } from "./seeing/inspect.ts";
import type { RuntimeStats } from "./seeing/stats.ts";
import type { Supervision } from "./service/supervision.ts";
import type { StartOptions } from "./start-options.ts";
import type { GoOptions, Starter } from "./starter.ts";
import type { SupervisionOptions } from "./supervision/settings.ts";
import type { Task } from "./task.ts";

export type { Launcher };

const NO_OPTIONS: GoOptions = {};
const open = new Set<Runtime>();
let ofThisThread: Runtime | undefined;
const entered: Runtime[] = [];

/**
 * Tasks on real threads, and channels between them, over one shared heap.
 * Two runtimes in one process do not disturb each other. A thread of a runtime starts none of its own: there, Runtime.current is the one it belongs to.
 */
export class Runtime implements Launcher {
  readonly #thread: Thread;
  readonly #starter: Starter;
  readonly #host: Host | undefined;
  /** Makes mutexes, wait groups, semaphores, … */
  readonly sync: Sync;

  private constructor(thread: Thread, starter: Starter, host: Host | undefined) {
    this.#thread = thread;
    this.#starter = starter;
    this.#host = host;
    this.sync = new Sync(() => {
      this.#checkOpen();
      return thread;
    });
  }

  /**
   * Starts a runtime; the calling thread supervises it and must keep turning its event loop.
   * Waits: this promise, until every thread is ready. Throws (rejects): ERR_INVALID_ARG, ERR_THREAD_START, ERR_HEAP_EXHAUSTED,
   * ERR_WASM_UNAVAILABLE, and ERR_NESTED_RUNTIME on a thread of a runtime. With `threads: 0` everything runs on the calling thread.
   */
  static async start(options: StartOptions = {}): Promise<Runtime> {
    if (ofThisThread) {
      throw new HeddleError("ERR_NESTED_RUNTIME", "expected a thread outside any runtime; on a runtime's thread use Runtime.current");
    }
    if (options?.clock === "virtual" && open.size > 0) {
      throw invalidArg("clock", "'real', or no other runtime open on this thread", "'virtual' beside another runtime");
    }
    const { Host } = await import("./host.ts");
    let runtime: Runtime | undefined;
    const host = await Host.start(options, () => runtime!.enter());
    runtime = new Runtime(host.thread, host.starter, host);
    open.add(runtime);
    return runtime;
  }

  /** @internal The runtime as one of its threads sees it. */
  static onThread(thread: Thread, starter: Starter): Runtime {
    ofThisThread = new Runtime(thread, starter, undefined);
    return ofThisThread;
  }

  /**
   * The runtime this code runs in: on a runtime's thread its own; elsewhere the one whose task is being started, or else the only one open here.
   * Throws: ERR_NO_RUNTIME if there is none, or more than one to choose from.
   */
  static get current(): Runtime {
    const found = ofThisThread ?? entered.at(-1) ?? (open.size === 1 ? [...open][0] : undefined);
    if (found) return found;
    throw new HeddleError("ERR_NO_RUNTIME", `expected one open runtime on this thread, and there are ${open.size}`);
  }

  /** @internal Marks the synchronous part of one of its tasks; call the answer when it is over. */
  enter(): () => void {
    entered.push(this);
    return () => void entered.pop();
  }

  /**
   * A channel of `capacity` values (0: a rendezvous), owned by the runtime until it is closed and drained.
   * Waits: never. Threads: any. Throws: ERR_INVALID_ARG, ERR_HEAP_EXHAUSTED, ERR_CLOSED. Cost: 512 bytes and 8 per value of the next power of two.
   */
  channel<T>(codec: Codec<T>, capacity = 0, options?: ChannelOptions): Channel<T> {
    this.#checkOpen();
    return Channel.make(this.#thread, codec, capacity, options);
  }

  /**
   * A queue whose jobs outlive the threads that work at them: handed out again until they are acknowledged, and after `attempts` set aside with the causes.
   * Owned by the runtime until it is closed and every job is acknowledged or set aside.
   * Waits: never. Threads: any. Throws: ERR_INVALID_ARG, ERR_CHANNEL_CLOSED for closed dead letters, ERR_FOREIGN_HANDLE, ERR_HEAP_EXHAUSTED, ERR_CLOSED.
   * Cost: 128 bytes, twice that with dead letters of its own, and 64 bytes a job.
   */
  leasedQueue<T>(codec: Codec<T>, options: LeasedQueueOptions<T>): LeasedQueue<T> {
    this.#checkOpen();
    return LeasedQueue.make(this.#thread, codec, options);
  }

  /** The context that never ends, above all others. See: Go, context.Background. */
  get background(): Context {
    this.#background ??= Context.background(this.#thread);
    return this.#background;
  }
  #background: Context | undefined;

  /**
   * Names the functions of a module, to be started with go(): `rt.module<typeof import("./jobs.js")>(new URL("./jobs.js", import.meta.url))`.
   * The main program imports only its type. Throws: ERR_INVALID_ARG for what is no URL, ERR_NO_MODULE if no file is there.
   */
  module<M>(url: URL | string): ModuleRef<M> {
    return moduleRef<M>(url);
  }

  go<F extends AnyFunction>(fn: F, ...args: SendableArgs<Parameters<F>>): Task<Awaited<ReturnType<F>>> {
    this.#checkOpen();
    return this.#starter.go(nameOf(fn), args, NO_OPTIONS) as Task<Awaited<ReturnType<F>>>;
  }

  gang<const C extends readonly Call<unknown>[]>(...calls: C): Tasks<C> {
    return this.with({}).gang(...calls);
  }

  /** The same with options for what is started. */
  with(options: GoOptions): Launcher {
    if (typeof options !== "object" || options === null) throw invalidArg("with: options", "an object { dedicated, signal }", options);
    return {
      go: <F extends AnyFunction>(fn: F, ...args: SendableArgs<Parameters<F>>) => {
        this.#checkOpen();
        return this.#starter.go(nameOf(fn), args, options) as Task<Awaited<ReturnType<F>>>;
      },
      gang: <const C extends readonly Call<unknown>[]>(...calls: C) => {
        this.#checkOpen();
        const named = calls.map((one) => ({ fn: nameOf(one?.fn), args: one.args }));
        return this.#starter.gang(named, options) as Tasks<C>;
      },
    };
  }

  /**
   * Runs `body` in a scope: nothing started in it outlives it, the first failure cancels the rest, and what was made in it goes with it.
   * `await rt.scope(async (scope) => { scope.go(jobs.read, scope.ctx, lines.sender); … })`
   * Waits: this promise, until the body and everything it started have ended. Threads: any.
   * Throws (rejects): the one failure, or an AggregateError (ERR_SCOPE_FAILED) of all in the order they happened; the context's error when that ended it.
   * Cost: a context. See: "Notes on structured concurrency".
   */
  scope<T>(body: (scope: Scope) => T | PromiseLike<T>, options: ScopeOptions = {}): Promise<T> {
    return Scope.run(this, body, options);
  }

  /**
   * A supervisor, for services and other children: `rt.supervise({ restarts: 3 }).service<typeof import("./search.js")>(url)`.
   * Waits: never. Threads: the supervising one (elsewhere ERR_NO_RUNTIME). Throws: ERR_INVALID_ARG, ERR_CLOSED. See: Erlang/OTP, supervisor.
   */
  supervise(options: SupervisionOptions = {}): Supervision {
    return this.#hosting.supervise(options);
  }

  /**
   * A pool of threads for the functions of a module: `rt.pool(jobs, { maxQueue: 256 }).call.hash(bytes)`.
   * Waits: never; the threads start meanwhile. Threads: the supervising one (elsewhere ERR_NO_RUNTIME).
   * Throws: ERR_INVALID_ARG, ERR_HEAP_EXHAUSTED, ERR_TOO_MANY_CREWS, ERR_CLOSED.
   * Cost: its threads, of its own; four records for each in the shared heap. With `threads: 0` of the runtime the calling thread takes their place.
   */
  pool<J>(jobs: J, options: PoolOptions = {}): Pool<J> {
    return this.#hosting.pool(jobs, options);
  }

  /** Threads for light tasks; 0 when everything runs on the calling thread. On a runtime's own thread undefined. */
  get threads(): number | undefined {
    return this.#host?.threads;
  }

  /** Node's ids of the threads that are ready, dedicated ones included; empty on a runtime's own thread. */
  get threadIds(): number[] {
    return this.#host?.threadIds ?? [];
  }

  /** @internal Node's ids of the threads that are not ready yet. */
  get startingIds(): number[] {
    return this.#host?.startingIds ?? [];
  }

  /** Node's ids of threads that were killed and have not exited in time: they can change nothing any more, but hold memory and perhaps a core. After close() too. */
  get zombies(): number[] {
    return this.#host?.zombies ?? [];
  }

  /** Threads that have died, oldest first; the newest 1,000. Empty on a runtime's own thread. */
  get deaths(): readonly Death[] {
    return this.#host?.deaths ?? [];
  }

  /** What the shared heap holds at this moment. */
  heapUse(): HeapUse {
    return this.#thread.heap.use();
  }

  /**
   * What is still there: channels, tasks, waiters with their threads, timers, threads. For leak checks, and for a look at what is stuck.
   * Waits: never. Threads: any; `threads` and `timers` are known on the supervising thread. Cost: a walk through the heap's records.
   */
  leftovers(): Leftovers {
    return leftovers(this.#thread, this.threadIds);
  }

  /**
   * Everything in the heap at this moment: threads with what each waits for, since when, and what it runs; channels and locks with who holds them and who
   * waits. Works while threads are stuck. JSON.stringify takes it as it is, String() makes text of it. Waits: never. Threads: any.
   */
  inspect(): Inspection {
    return new Inspection(this.#thread);
  }

  /**
   * Figures for a dashboard: threads, what they run, CPU and heap as far as this Node tells; tasks with their times (option `timings`); channels.
   * Waits: this promise, at most 50 ms for what threads answer. Threads: the supervising one (elsewhere rejects with ERR_NO_RUNTIME).
   */
  async stats(): Promise<RuntimeStats> {
    return this.#hosting.stats();
  }

  /**
   * Listens: 'error' (a task failed and nobody joined it), 'death' (of a thread), 'deadlock'. Answers what stops the listening. Threads: the supervising one.
   */
  on<K extends keyof RuntimeEventMap>(event: K, listener: (value: RuntimeEventMap[K]) => void): () => void {
    return this.#hosting.events.on(event, listener);
  }

  /**
   * Kills a thread by Node's id: its tasks reject with ERR_THREAD_DIED and a new thread takes its place; if it does not exit within `terminateMs` it is a
   * zombie. False if there is no such thread. Waits: never. Threads: the supervising one (elsewhere false).
   */
  kill(threadId: number, reason = "killed"): boolean {
    return this.#host?.kill(threadId, reason) ?? false;
  }

  /**
   * A context that ends when the runtime is being closed and half of the grace is over. Hand it to tasks that would go on for ever, or derive theirs from it.
   * Threads: the supervising one (elsewhere ERR_NO_RUNTIME; pass it on as an argument).
   */
  get closing(): Context {
    this.#checkOpen();
    return this.#hosting.closing;
  }

  /**
   * Ends the runtime: no more tasks are taken in, those there are may finish for graceMs, then queued ones are cancelled and the threads are stopped.
   * Every promise that still waits is settled, some 65 ms after the grace at the latest, whatever the threads do; one that cannot be stopped is left behind as
   * a zombie. The exit code stays as it is. Second call: the same report. Call on a closed runtime: ERR_CLOSED.
   * Waits: this promise. Threads: the supervising one (elsewhere ERR_NO_RUNTIME). Throws (rejects): ERR_INVALID_ARG.
   */
  async close(options?: CloseOptions): Promise<CloseReport> {
    if (!this.#host) throw noHost("a runtime is closed where it was started");
    try {
      return await this.#host.close(options);
    } finally {
      if (this.#host.isClosing) open.delete(this);
    }
  }

  [Symbol.asyncDispose](): Promise<CloseReport> {
    return this.close();
  }

  /** @internal Where pools and services get their threads. */
  get crews(): CrewHome {
    return this.#hosting.crews;
  }

  get #hosting(): Host {
    if (this.#host) return this.#host;
    throw noHost("that is done where the runtime was started; rt.inspect() works anywhere");
  }

  #checkOpen(): void {
    this.#host?.checkOpen();
  }
}

function noHost(why: string): HeddleError {
  return new HeddleError("ERR_NO_RUNTIME", `expected the supervising thread; ${why}`);
}
