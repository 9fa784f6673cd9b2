// The supervising side of a runtime, which its threads do not load: its heap, its threads (or, with none, this thread as the one that runs everything), and its end.

import { Wire } from "../runtime/channel/index.ts";
import { now, setVirtualClock, VirtualClock } from "../runtime/clock.ts";
import { type Canceller, Context } from "../runtime/context/index.ts";
import { HeddleError, invalidArg } from "../runtime/errors.ts";
import { type HeapUse, SharedHeap } from "../runtime/memory/heap.ts";
import * as L from "../runtime/memory/layout.ts";
import * as S from "../runtime/memory/layout-seeing.ts";
import { runtimeClosed, Thread } from "../runtime/memory/thread.ts";
import type { CrewHome } from "./crew.ts";
import { Home } from "./crew-home.ts";
import type { Death } from "./death.ts";
import { importWithin } from "./import-module.ts";
import { type LeftChannel, leftChannels } from "./leftovers.ts";
import { Pool, type PoolOptions } from "./pool/index.ts";
import { type ReportReader, readReports } from "./reports.ts";
import { Runner } from "./runner.ts";
import { RuntimeEvents } from "./seeing/events.ts";
import { type RuntimeStats, statsOf } from "./seeing/stats.ts";
import { Timings } from "./seeing/timings.ts";
import { Watch } from "./seeing/watch.ts";
import { Supervision } from "./service/supervision.ts";
import { type Checked, checkOptions, type StartOptions } from "./start-options.ts";
import { type KillTask, Starter } from "./starter.ts";
import type { SupervisionOptions } from "./supervision/settings.ts";
import type { Supervisor } from "./supervisor.ts";
import { refuseQueued } from "./sweep.ts";

/** Options of rt.close(). */
export interface CloseOptions {
  /**
   * How long started and queued tasks may still take, in milliseconds. Half of it they have for themselves; then `rt.closing` ends, for those that look at
   * it; at last queued ones are cancelled and running ones are stopped with their threads. Default 5,000, minimum 0, Infinity allowed (then nothing is
   * stopped, and `rt.closing` ends at once).
   */
  graceMs?: number;
}

/** What rt.close() found and did. */
export interface CloseReport {
  /** Unstarted tasks that were cancelled, and running ones that were stopped. */
  readonly tasks: { readonly cancelled: number; readonly stopped: number };
  /**
   * Threads that were stopped in the middle of a task, and Node's ids of those that have not exited: they can change nothing, but Node waits for them when
   * the process ends. `rt.zombies` tells later which are left.
   */
  readonly threads: { readonly killed: number; readonly zombies: readonly number[] };
  /** Threads that died before the close. */
  readonly deaths: readonly Death[];
  /** What was still there: open channels, and promises that waited on the supervising thread. */
  readonly leftovers: { readonly channels: readonly LeftChannel[]; readonly waits: number };
  /** Errors of failed tasks nobody joined, oldest first; the newest 1,000. */
  readonly failures: readonly unknown[];
  readonly heap: HeapUse;
}

const DEFAULT_GRACE_MS = 5_000;
const MOST_FAILURES_KEPT = 1_000;
/** Beyond the grace, for threads to exit: two thirds of the 100 ms within which a close returns. */
const EXIT_MS = 65;
let nextRuntimeId = 1;

export class Host implements ReportReader {
  readonly thread: Thread;
  readonly starter: Starter;
  readonly threads: number;
  readonly #wire: Wire;
  readonly #isVirtual: boolean;
  #supervisor: Supervisor | undefined;
  #runner: Runner | undefined;
  #closing: Promise<CloseReport> | undefined;
  #onDrained: (() => void) | undefined;
  readonly #failures: unknown[] = [];
  readonly events: RuntimeEvents;
  #watch: Watch | undefined;
  readonly #enter: () => () => void;
  /** Made when somebody asks. */
  #canceller: Canceller | undefined;
  #home: Home | undefined;

  private constructor(options: Checked, enter: () => () => void) {
    this.#enter = enter;
    const heap = SharedHeap.create(options.heapBytes, nextRuntimeId++);
    this.events = new RuntimeEvents(heap.runtimeId);
    this.threads = options.threads;
    this.#isVirtual = options.isVirtual;
    if (options.isVirtual) setVirtualClock(new VirtualClock(options.seed));
    heap.u32[S.HEAP_WATCHED_AT >> 2] = (options.deadlocks === "off" ? 0 : S.WATCH_DEADLOCKS) | (options.timings ? S.WATCH_TIMES : 0);
    this.thread = new Thread(heap, L.SLOTS_AT, Thread.open(heap, L.SLOTS_AT));
    Atomics.store(heap.i32, L.HEAP_SLOTS_AT >> 2, 1);
    this.#wire = Wire.of(this.thread);
    this.starter = new Starter(
      this.thread,
      this.#wire,
      options.threads > 0,
      (error) => this.#onUnjoined(error),
      (record, gen, why) => this.#supervisor?.killTask(record, gen, why),
    );
    if (options.timings) this.starter.timings = new Timings();
    if (options.threads === 0) {
      this.#runner = new Runner(this.thread, this.#wire, {
        queue: L.QUEUE_LIGHT_AT,
        limit: Number.MAX_SAFE_INTEGER,
        waits: false,
        importModule: (url) => importWithin(url, options.startMs),
        enter,
      });
    }
    this.thread.mayNotBlock = () =>
      options.threads === 0
        ? new HeddleError("ERR_WOULD_DEADLOCK", "this wait would block the only thread there is (threads: 0); await the async door instead")
        : new HeddleError(
            "ERR_WOULD_BLOCK_SUPERVISOR",
            "this wait would block the supervising thread, which must see deaths; await the async door instead",
          );
    this.thread.duties = {
      onTaskDone: (record) => this.starter.onTaskDone(record),
      onIdle: () => this.#onIdle(),
      onBusy: () => this.#runner?.onBusy(),
      isNeeded: () => this.#liveTasks > 0,
    };
  }

  static async start(options: StartOptions, enter: () => () => void): Promise<Host> {
    const checked = checkOptions(options);
    if (checked.threads === 0 && checked.init) await importWithin(checked.init, checked.startMs);
    const host = new Host(checked, enter);
    if (checked.threads > 0) {
      const { Supervisor } = await import("./supervisor.ts");
      host.#supervisor = new Supervisor(host.thread, host.#wire, {
        ...checked,
        onReady: (threadId, isReplacement) => host.events.ready(threadId, isReplacement),
        onDeath: (death) => host.events.died(death),
      });
      try {
        await host.#supervisor.start();
      } catch (error) {
        await host.close({ graceMs: 0 });
        throw error;
      }
    }
    if (checked.deadlocks !== "off") host.#startWatch(checked.deadlocks);
    return host;
  }

  stats(): Promise<RuntimeStats> {
    return statsOf(this.thread, async (threadId) => this.#supervisor?.vitals(threadId), this.starter.timings, this.#home?.seen);
  }

  #startWatch(mode: "report" | "throw"): void {
    this.#watch = new Watch(this.thread, {
      mode,
      tell: (error) => this.events.stuck(error),
      isUnderWay: () => this.isClosing || this.starter.hasSignals || this.#supervisor?.isChanging === true,
    });
  }

  /** Where crews are at home. Throws as checkOpen. */
  get crews(): CrewHome {
    this.checkOpen();
    this.#home ??= new Home(this.thread, this.#wire, this.starter, this.#enter, this.#supervisor);
    return this.#home;
  }

  pool<J>(jobs: J, options: PoolOptions): Pool<J> {
    return new Pool<J>(this.crews, this.thread, jobs, options);
  }

  supervise(options: SupervisionOptions): Supervision {
    return Supervision.root({ crews: this.crews, thread: this.thread, enter: this.#enter }, options);
  }

  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Throws if nothing can be started any more: ERR_CLOSED, or ERR_THREAD_START when threads die before they are ready. */
  checkOpen(): void {
    if (this.isClosing) throw runtimeClosed();
    const failure = this.#supervisor?.failure;
    if (failure) throw new HeddleError("ERR_THREAD_START", "the runtime has no thread left and none can be started", { cause: failure });
  }

  get #liveTasks(): number {
    return Atomics.load(this.thread.heap.i32, (L.LIVE_AT + L.LIVE_TASKS) >> 2);
  }

  /** For tests and the chaos tools: kills one of the threads. */
  kill(threadId: number, reason: string): boolean {
    return this.#supervisor?.kill(threadId, reason) ?? false;
  }

  get threadIds(): number[] {
    return this.#supervisor?.ready.map((member) => member.threadId) ?? [];
  }

  get startingIds(): number[] {
    return this.#supervisor?.startingIds ?? [];
  }

  get zombies(): number[] {
    return this.#supervisor?.zombies ?? [];
  }

  get deaths(): readonly Death[] {
    return this.#supervisor?.deaths ?? [];
  }

  #onIdle(): boolean {
    if (this.#liveTasks === 0) this.#onDrained?.();
    if (this.#runner) {
      const took = this.#runner.onIdle();
      return this.#home?.onIdle() || took;
    }
    this.#supervisor?.check();
    return readReports(this.thread, this);
  }

  onFailure(error: Uint8Array): void {
    this.#onUnjoined(this.#wire.decode(error));
  }

  onKill(task: Uint8Array): void {
    const [record, gen, why] = this.#wire.decode(task) as Parameters<KillTask>;
    this.#supervisor?.killTask(record, gen, why);
  }

  /** A failed task that nobody joined: as loud as any other promise nobody looked after. */
  #onUnjoined(error: unknown): void {
    this.#failures.push(error);
    if (this.#failures.length > MOST_FAILURES_KEPT) this.#failures.shift();
    if (!this.isClosing && !this.events.emit("error", error)) void Promise.reject(error);
  }

  close(options: CloseOptions = {}): Promise<CloseReport> {
    const graceMs = options?.graceMs ?? DEFAULT_GRACE_MS;
    if (typeof graceMs !== "number" || !(graceMs >= 0)) return Promise.reject(invalidArg("graceMs", "milliseconds, 0 or more", graceMs));
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<CloseReport> {
    const { thread } = this;
    this.#watch?.stop();
    const graceEndsMs = now() + graceMs;
    thread.parker.hold();
    const cancel = () => this.#canceller?.cancel(runtimeClosed());
    if (graceMs === Number.POSITIVE_INFINITY) cancel();
    const cancelTimer = thread.timers.add(now() + graceMs / 2, cancel);
    await Promise.all([this.#drain(graceMs), ...[...(this.#home?.closers ?? [])].map((close) => close(graceMs))]);
    thread.timers.cancel(cancelTimer);
    const cancelled = refuseQueued(thread);
    const running = (this.#runner?.running ?? 0) + (this.#home?.running ?? 0);
    this.#runner?.stop();
    const untilMs = Math.max(graceEndsMs, now()) + EXIT_MS;
    const ended = (await this.#supervisor?.close(untilMs)) ?? { tasks: running, killed: 0, zombies: [] };
    thread.parker.drain();
    await new Promise((resolve) => setImmediate(resolve)); // failures settled just now are looked at once more before they count as unjoined
    this.#canceller?.[Symbol.dispose]();
    const waits = thread.pending.size;
    thread.isClosed = true;
    thread.giveUpAll(runtimeClosed);
    this.starter.giveUpAll(runtimeClosed);
    const report: CloseReport = {
      tasks: { cancelled, stopped: ended.tasks },
      threads: { killed: ended.killed, zombies: ended.zombies },
      deaths: this.deaths,
      leftovers: { channels: leftChannels(thread.heap), waits },
      failures: this.#failures,
      heap: thread.heap.use(),
    };
    thread.parker.release();
    thread.parker.stop();
    thread.call("close", (fn) => fn.fence(thread.slot));
    if (this.#isVirtual) setVirtualClock(undefined);
    return report;
  }

  /** Ends in the middle of a close's grace. */
  get closing(): Context {
    this.#canceller ??= Context.background(this.thread).withCancel();
    return this.#canceller.ctx;
  }

  /** Until no task is queued or running, at most graceMs. */
  #drain(graceMs: number): Promise<void> {
    if (this.#liveTasks === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = graceMs === Number.POSITIVE_INFINITY ? undefined : this.thread.timers.add(now() + graceMs, () => this.#onDrained?.());
      this.#onDrained = () => {
        this.#onDrained = undefined;
        if (timer) this.thread.timers.cancel(timer);
        resolve();
      };
    });
  }
}
