// The supervising side of a runtime: its heap, its threads (or, with none, this thread as the one that runs everything), and its end.

import { Wire } from "../runtime/channel/index.ts";
import { now, setVirtualClock, VirtualClock, virtualClock } from "../runtime/clock.ts";
import { HeddleError, invalidArg } from "../runtime/errors.ts";
import { DEFAULT_CEILING_BYTES, type HeapUse, MAX_CEILING_BYTES, MIN_CEILING_BYTES, SharedHeap } from "../runtime/memory/heap.ts";
import * as L from "../runtime/memory/layout.ts";
import * as S from "../runtime/memory/layout-seeing.ts";
import { usableCores } from "../runtime/memory/spin.ts";
import { runtimeClosed, Thread } from "../runtime/memory/thread.ts";
import type { CrewHome } from "./crew.ts";
import { Home } from "./crew-home.ts";
import { importModule } from "./import-module.ts";
import { type LeftChannel, leftChannels } from "./leftovers.ts";
import { readReports } from "./reports.ts";
import { Runner } from "./runner.ts";
import { RuntimeEvents } from "./seeing/events.ts";
import { type DeadlockMode, defaultMode, Watch } from "./seeing/watch.ts";
import { Starter } from "./starter.ts";
import type { Death, Supervisor } from "./supervisor.ts";
import { refuseQueued } from "./sweep.ts";

export interface StartOptions {
  /** OS threads for light tasks. Default: the cores this process may use. 0: everything runs on the calling thread. */
  threads?: number;
  /** Dedicated tasks at a time, each with an OS thread of its own beside `threads`. Default 64, minimum 0. */
  maxDedicated?: number;
  /** Ceiling of the shared heap in bytes; reserved, and committed by the system as it is used. Default 512 MiB, minimum 2 MiB, maximum 4 GiB − 64 KiB. */
  heapBytes?: number;
  /**
   * 'virtual', with `threads: 0`: time stands still while anything can run and jumps to the next timer when all are asleep. For tests; only of this
   * library's waits, not of I/O or setTimeout. Default 'real'.
   */
  clock?: "real" | "virtual";
  /** With a virtual clock: what is ready at the same time goes on in an order drawn from this number, the same each time. A whole number from 0. */
  seed?: number;
  /**
   * What happens when waits can never end (docs/inspect.md tells which are found): 'report': listeners of rt.on("deadlock") are told, and if there are none it
   * is an unhandled rejection; 'throw': the waits end with ERR_DEADLOCK as well. Default: 'report' where a test runner runs (NODE_ENV=test, Vitest,
   * node:test), else 'off'.
   */
  deadlocks?: DeadlockMode;
  /** Tasks are timed for rt.stats(): some 300 ns each. Default false. */
  timings?: boolean;
  /** V8 limits of each thread, in MiB, as worker_threads takes them. */
  resourceLimits?: { maxOldGenerationSizeMb?: number; maxYoungGenerationSizeMb?: number; stackSizeMb?: number };
}

export interface CloseOptions {
  /** How long started and queued tasks may still take, in milliseconds; then queued ones are cancelled and running ones are stopped with their threads. Default 5,000, minimum 0, Infinity allowed. */
  graceMs?: number;
}

export interface CloseReport {
  /** Unstarted tasks that were cancelled, and running ones that were stopped. */
  readonly tasks: { readonly cancelled: number; readonly stopped: number };
  /** Threads that died before the close. */
  readonly deaths: readonly Death[];
  /** What was still there: open channels, and promises that waited on the supervising thread. */
  readonly leftovers: { readonly channels: readonly LeftChannel[]; readonly waits: number };
  /** Errors of failed tasks nobody joined. */
  readonly failures: readonly unknown[];
  readonly heap: HeapUse;
}

const DEFAULT_GRACE_MS = 5_000;
const DEFAULT_MAX_DEDICATED = 64;
let nextRuntimeId = 1;

export class Host {
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
  readonly events = new RuntimeEvents();
  #watch: Watch | undefined;
  readonly #enter: () => () => void;
  #home: Home | undefined;

  private constructor(options: Checked, enter: () => () => void) {
    this.#enter = enter;
    const heap = SharedHeap.create(options.heapBytes, nextRuntimeId++);
    this.threads = options.threads;
    this.#isVirtual = options.isVirtual;
    if (options.isVirtual) setVirtualClock(new VirtualClock(options.seed));
    heap.u32[S.HEAP_WATCHED_AT >> 2] = (options.deadlocks === "off" ? 0 : S.WATCH_DEADLOCKS) | (options.timings ? S.WATCH_TIMES : 0);
    this.thread = new Thread(heap, L.SLOTS_AT, Thread.open(heap, L.SLOTS_AT));
    Atomics.store(heap.i32, L.HEAP_SLOTS_AT >> 2, 1);
    this.#wire = Wire.of(this.thread);
    this.starter = new Starter(this.thread, this.#wire, options.threads > 0, (error) => this.#onUnjoined(error));
    if (options.threads === 0) {
      this.#runner = new Runner(this.thread, this.#wire, {
        queue: L.QUEUE_LIGHT_AT,
        limit: Number.MAX_SAFE_INTEGER,
        waits: false,
        importModule,
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
    const host = new Host(checked, enter);
    if (checked.threads > 0) {
      const { Supervisor } = await import("./supervisor.ts");
      host.#supervisor = new Supervisor(host.thread, host.#wire, {
        threads: checked.threads,
        maxDedicated: checked.maxDedicated,
        resourceLimits: options.resourceLimits,
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

  #startWatch(mode: "report" | "throw"): void {
    this.#watch = new Watch(this.thread, {
      mode,
      tell: (error) => this.events.emit("deadlock", error),
      isUnderWay: () => this.isClosing || this.starter.hasSignals || this.#supervisor?.isChanging === true,
    });
  }

  /** Where crews are at home. Throws as checkOpen. */
  get crews(): CrewHome {
    this.checkOpen();
    this.#home ??= new Home(this.thread, this.#wire, this.starter, this.#enter, this.#supervisor);
    return this.#home;
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

  #onIdle(): boolean {
    if (this.#liveTasks === 0) this.#onDrained?.();
    if (this.#runner) {
      const took = this.#runner.onIdle();
      return this.#home?.onIdle() || took;
    }
    this.#supervisor?.check();
    return readReports(this.thread, (error) => this.#onUnjoined(this.#wire.decode(error)));
  }

  /** A failed task that nobody joined: as loud as any other promise nobody looked after. */
  #onUnjoined(error: unknown): void {
    this.#failures.push(error);
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
    thread.parker.hold();
    await Promise.all([this.#drain(graceMs), ...[...(this.#home?.closers ?? [])].map((close) => close(graceMs))]);
    const cancelled = refuseQueued(thread);
    const running = (this.#runner?.running ?? 0) + (this.#home?.running ?? 0);
    this.#runner?.stop();
    const stopped = this.#supervisor ? await this.#supervisor.close() : running;
    thread.parker.drain();
    await new Promise((resolve) => setImmediate(resolve)); // failures settled just now are looked at once more before they count as unjoined
    const waits = thread.pending.size;
    thread.isClosed = true;
    thread.giveUpAll(runtimeClosed);
    this.starter.giveUpAll(runtimeClosed);
    const report: CloseReport = {
      tasks: { cancelled, stopped },
      deaths: this.#supervisor?.deaths ?? [],
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

interface Checked {
  readonly threads: number;
  readonly maxDedicated: number;
  readonly heapBytes: number;
  readonly isVirtual: boolean;
  readonly seed: number | undefined;
  readonly deadlocks: DeadlockMode;
  readonly timings: boolean;
}

function checkOptions(options: StartOptions): Checked {
  if (typeof options !== "object" || options === null) throw invalidArg("Runtime.start: options", "an object", options);
  const { threads = usableCores(), maxDedicated = DEFAULT_MAX_DEDICATED, heapBytes = DEFAULT_CEILING_BYTES, resourceLimits } = options;
  const most = L.SLOT_COUNT / 2;
  if (!Number.isInteger(threads) || threads < 0 || threads > most) throw invalidArg("threads", `a whole number from 0 to ${most}`, threads);
  if (!Number.isInteger(maxDedicated) || maxDedicated < 0 || maxDedicated > most) {
    throw invalidArg("maxDedicated", `a whole number from 0 to ${most}`, maxDedicated);
  }
  if (!Number.isInteger(heapBytes) || heapBytes < MIN_CEILING_BYTES || heapBytes > MAX_CEILING_BYTES) {
    throw invalidArg("heapBytes", `a whole number from ${MIN_CEILING_BYTES} to ${MAX_CEILING_BYTES}`, heapBytes);
  }
  if (resourceLimits !== undefined && (typeof resourceLimits !== "object" || resourceLimits === null)) {
    throw invalidArg("resourceLimits", "an object of worker_threads' resourceLimits", resourceLimits);
  }
  const { deadlocks = defaultMode(), timings = false } = options;
  if (deadlocks !== "report" && deadlocks !== "throw" && deadlocks !== "off")
    throw invalidArg("deadlocks", "'report', 'throw' or 'off'", deadlocks);
  if (typeof timings !== "boolean") throw invalidArg("timings", "true or false", timings);
  const { clock = "real", seed } = options;
  if (clock !== "real" && clock !== "virtual") throw invalidArg("clock", "'real' or 'virtual'", clock);
  const isVirtual = clock === "virtual";
  if (isVirtual && threads !== 0) throw invalidArg("clock", "'real', or threads: 0", `'virtual' with threads: ${threads}`);
  if (seed !== undefined && !isVirtual) throw invalidArg("seed", "clock: 'virtual' beside it", `clock: '${clock}'`);
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0)) throw invalidArg("seed", "a whole number from 0", seed);
  if (virtualClock()) throw invalidArg("Runtime.start", "no runtime with a virtual clock open on this thread", "a second runtime");
  return { threads, maxDedicated, heapBytes, isVirtual, seed, deadlocks, timings };
}
