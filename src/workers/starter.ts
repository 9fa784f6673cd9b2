// Starting tasks from any thread, and taking in their ends: the joiner's half of a task's life (the runner is the other).
//
// A call is encoded into a private block, which taskGo publishes with the task's record. The record comes back through this thread's ready list.

import type { Wire } from "../runtime/channel/index.ts";
import { Context } from "../runtime/context/index.ts";
import { AbortError, HeddleError, invalidArg, ThreadDiedError } from "../runtime/errors.ts";
import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { Cancellation } from "./cancellation.ts";
import type { FunctionName } from "./module-ref.ts";
import { type TaskTrace, traceEnd, traceStart } from "./seeing/diagnostics.ts";
import { preciseNow, type Timings } from "./seeing/timings.ts";
import { Task, type TaskOutcome } from "./task.ts";
import { CallWriter } from "./task-call.ts";
import { checkTransfer, detach } from "./transfer.ts";

/** Options of rt.with(), for the tasks started through it. */
export interface GoOptions {
  /** The task gets an OS thread of its own, so it may block it or compute for long. Default false: it shares a thread with other light tasks. */
  dedicated?: boolean;
  /** Aborted before the task has started: it never runs. Afterwards: its promise rejects at once; the task itself runs on, but for `graceMs`. */
  signal?: AbortSignal | undefined;
  /** The same by a context. The task itself gets one as an argument. */
  ctx?: Context | undefined;
  /**
   * With a signal or ctx: how long a running task may go on once it is aborted, in milliseconds. Then its thread is killed and replaced; light tasks
   * beside it there reject with ERR_THREAD_DIED, so it is meant for dedicated ones. Default Infinity, minimum 0. Nothing is killed with `threads: 0`.
   */
  graceMs?: number | undefined;
  /** ArrayBuffers among the arguments that are to be detached here, as postMessage's transfer list does; the task gets a copy all the same. */
  transfer?: readonly ArrayBuffer[] | undefined;
}

interface Joining {
  readonly task: Task<unknown>;
  /** If it has a signal. */
  readonly cancellation: Cancellation | undefined;
  /** If somebody traces. */
  readonly trace: TaskTrace | undefined;
  /** If tasks are timed. */
  readonly queuedAt: number;
}

/** Has the thread killed that runs a task (its record and generation), if it still does. */
export type KillTask = (record: number, gen: number, why: string) => void;

export class Starter {
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #calls: CallWriter;
  readonly #hasThreads: boolean;
  readonly #onUnjoined: (error: unknown) => void;
  readonly #killTask: KillTask;
  readonly #joining = new Map<number, Joining>();
  readonly #background = new Set<Task<unknown>>();
  /** Set where tasks are timed. */
  timings: Timings | undefined;

  constructor(thread: Thread, wire: Wire, hasThreads: boolean, onUnjoined: (error: unknown) => void, killTask: KillTask) {
    this.#thread = thread;
    this.#wire = wire;
    this.#calls = new CallWriter(thread, wire);
    this.#hasThreads = hasThreads;
    this.#onUnjoined = onUnjoined;
    this.#killTask = killTask;
  }

  /** Tasks this thread has started and not yet seen end. */
  get pending(): number {
    return this.#joining.size;
  }

  /** A signal or a context may end the wait for one of them. */
  get hasSignals(): boolean {
    for (const { cancellation } of this.#joining.values()) if (cancellation) return true;
    return false;
  }

  go(fn: FunctionName, args: readonly unknown[], options: GoOptions): Task<unknown> {
    checkOptions(options);
    const isDedicated = options.dedicated === true && this.#hasThreads;
    const payload = this.#encodeCall(fn, args);
    if (isDedicated) this.#reserve(1, [payload]);
    return this.#start(fn, payload, isDedicated ? L.QUEUE_DEDICATED_AT : L.QUEUE_LIGHT_AT, options);
  }

  /** A task for the threads of a crew; one in the background, of the supervising thread's only, keeps no process alive and no close waiting. */
  goTo(queue: number, fn: FunctionName, args: readonly unknown[], options: GoOptions, isBackground: boolean): Task<unknown> {
    checkOptions(options);
    const task = this.#start(fn, this.#encodeCall(fn, args), queue, options);
    if (isBackground) {
      this.#background.add(task);
      this.#countLive(-1);
    }
    return task;
  }

  #countLive(change: 1 | -1): void {
    Atomics.add(this.#thread.heap.i32, (L.LIVE_AT + L.LIVE_TASKS) >> 2, change);
    if (change < 0) this.#thread.parker.release();
    else this.#thread.parker.hold();
  }

  /** Dedicated tasks that need each other: all are admitted, or none and the reason. */
  gang(calls: readonly { fn: FunctionName; args: readonly unknown[] }[], options: GoOptions): Task<unknown>[] {
    checkOptions(options);
    const payloads: number[] = [];
    try {
      for (const call of calls) payloads.push(this.#encodeCall(call.fn, call.args));
    } catch (error) {
      for (const payload of payloads) this.#thread.free(payload);
      throw error;
    }
    if (this.#hasThreads) this.#reserve(calls.length, payloads);
    return calls.map((call, i) => this.#start(call.fn, payloads[i]!, this.#hasThreads ? L.QUEUE_DEDICATED_AT : L.QUEUE_LIGHT_AT, options));
  }

  #encodeCall(fn: FunctionName, args: readonly unknown[]): number {
    return this.#calls.write(fn, args);
  }

  #reserve(count: number, payloads: readonly number[]): void {
    const thread = this.#thread;
    const status = thread.call("reserve", (fn) => fn.taskReserve(thread.slot, thread.epoch, L.QUEUE_DEDICATED_AT, count));
    if (status === L.OK) return;
    for (const payload of payloads) thread.free(payload);
    const { i32 } = thread.heap;
    const limit = i32[(L.QUEUE_DEDICATED_AT + L.QUEUE_LIMIT) >> 2]!;
    const busy = Atomics.load(i32, (L.QUEUE_DEDICATED_AT + L.QUEUE_BUSY) >> 2);
    throw new HeddleError(
      "ERR_GANG_REFUSED",
      `expected ${count} free dedicated thread${count === 1 ? "" : "s"}, and ${limit - busy} of ${limit} are free (option maxDedicated)`,
    );
  }

  #start(fn: FunctionName, payload: number, queue: number, options: GoOptions): Task<unknown> {
    const thread = this.#thread;
    if (!this.#hasThreads) thread.parker.stir(); // this thread runs it itself, on its next turn
    thread.call(`the task ${fn.name}`, (transitions) => transitions.taskGo(thread.slot, thread.epoch, queue, payload));
    const record = thread.answered;
    const gen = thread.answeredGen;
    const task = new Task<unknown>(fn.name);
    const queuedAt = this.timings ? preciseNow() : 0;
    const trace = traceStart(fn.name, fn.url);
    this.#joining.set(record, { task, cancellation: this.#cancellation(record, gen, task, options), trace, queuedAt });
    thread.parker.hold();
    if (options.transfer) detach(options.transfer);
    return task;
  }

  #cancellation(record: number, gen: number, task: Task<unknown>, options: GoOptions): Cancellation | undefined {
    const { graceMs = Number.POSITIVE_INFINITY } = options;
    const signal = endOf(options);
    if (!signal) return undefined;
    return new Cancellation(this.#thread, signal, this.#hasThreads ? graceMs : Number.POSITIVE_INFINITY, {
      tell: (reason) => task.fail(new AbortError(reason)),
      takeOut: () => this.cancelQueued(record, gen),
      kill: () => this.#killTask(record, gen, `${task.name} was cancelled and went on for more than ${graceMs} ms`),
    });
  }

  /** Takes an unstarted task out of its queue; it comes back as cancelled. False if it has started or is gone. */
  cancelQueued(record: number, gen: number): boolean {
    const thread = this.#thread;
    const status = thread.call("cancel", (fn) => fn.taskCancel(thread.slot, thread.epoch, record, gen));
    if (status !== L.OK) return false;
    thread.free(thread.answered);
    return true;
  }

  /** A task's record came through the ready list: settle its handle, free it. */
  onTaskDone(record: number): void {
    const joining = this.#joining.get(record);
    if (!joining) {
      this.#collect(record); // started by a thread that had this slot before, or a report that has arrived
      return;
    }
    this.#joining.delete(record);
    if (this.#background.delete(joining.task)) this.#countLive(1); // until it is collected, as any other
    const { task, cancellation, trace, queuedAt } = joining;
    cancellation?.leave();
    const loud = task.isSettled ? undefined : this.#settle(task, record);
    const outcome = this.#outcomeOf(record, cancellation?.isAsked === true);
    task.end(outcome);
    if (outcome !== "cancelled") this.timings?.record(queuedAt, this.#thread.heap.f64[(record + L.TASK_STARTED) >> 3]!);
    if (trace) traceEnd(trace, outcome, loud?.error);
    if (loud && !task.isJoined) setImmediate(() => this.#finish(record, task, loud));
    else this.#finish(record, task, undefined);
  }

  #finish(record: number, task: Task<unknown>, loud: { error: unknown } | undefined): void {
    try {
      if (loud && !task.isJoined) this.#onUnjoined(loud.error);
    } finally {
      this.#collect(record); // not before the report is on its way: until then the task keeps the process alive
      this.#thread.parker.release();
    }
  }

  #collect(record: number): void {
    const thread = this.#thread;
    const status = thread.call("collect", (fn) => fn.taskCollect(thread.slot, thread.epoch, record));
    if (status === L.OK && thread.answered !== 0) thread.free(thread.answered);
  }

  /** Answers the error if it is one that somebody must look after. The record is DONE and this thread's to collect: what it points to is stable. */
  #settle(task: Task<unknown>, record: number): { error: unknown } | undefined {
    const { i32, u32 } = this.#thread.heap;
    const outcome = i32[(record + L.TASK_OUTCOME) >> 2]!;
    const block = u32[(record + L.TASK_RESULT) >> 2]!;
    let error: unknown;
    try {
      if (outcome === L.OUTCOME_RESULT) {
        task.succeed(block === 0 ? undefined : this.#calls.readResult(block));
        return undefined;
      }
      const bytes = block === 0 ? undefined : this.#thread.read(block);
      error = this.#errorOf(task, outcome, bytes);
    } catch (undecodable) {
      error = undecodable;
    }
    task.fail(error);
    return outcome === L.OUTCOME_CANCELLED ? undefined : { error };
  }

  #errorOf(task: Task<unknown>, outcome: number, bytes: Uint8Array | undefined): unknown {
    if (outcome === L.OUTCOME_CANCELLED) return new HeddleError("ERR_TASK_CANCELLED", `${task.name} was cancelled before it started`);
    const told = bytes && this.#wire.decode(bytes);
    if (outcome === L.OUTCOME_DIED) {
      const message = (told as Error | undefined)?.message ?? "its thread died, and the heap had no room to say of what";
      const { threadId, kind } = (told ?? {}) as ThreadDiedError;
      return Object.assign(new ThreadDiedError(`${task.name}: ${message}`, { cause: told }), { threadId, kind });
    }
    return bytes ? told : new HeddleError("ERR_HEAP_EXHAUSTED", `${task.name} failed, and the heap had no room for its error`);
  }

  #outcomeOf(record: number, wasAsked: boolean): TaskOutcome {
    const { i32, u32 } = this.#thread.heap;
    switch (i32[(record + L.TASK_OUTCOME) >> 2]) {
      case L.OUTCOME_CANCELLED:
        return "cancelled";
      case L.OUTCOME_DIED: {
        const block = u32[(record + L.TASK_RESULT) >> 2]!;
        const { kind } = block === 0 ? {} : (this.#wire.decode(this.#thread.read(block)) as { kind?: unknown });
        return kind === "killed" || kind === "zombie" ? kind : "died";
      }
      case L.OUTCOME_RESULT:
        return wasAsked ? "stopped" : "finished";
      default:
        return wasAsked ? "stopped" : "failed";
    }
  }

  /** Ends every handle that is still open: the runtime is closed and nothing will come any more. */
  giveUpAll(reason: () => Error): void {
    for (const joining of this.#joining.values()) {
      joining.cancellation?.leave();
      if (!this.#background.delete(joining.task)) this.#thread.parker.release();
      joining.task.fail(reason());
      joining.task.end("zombie");
    }
    this.#joining.clear();
  }
}

function checkOptions(options: GoOptions): void {
  const { dedicated, signal, ctx, graceMs, transfer } = options;
  if (dedicated !== undefined && typeof dedicated !== "boolean") throw invalidArg("dedicated", "true or false", dedicated);
  if (ctx !== undefined) {
    if (!(ctx instanceof Context)) throw invalidArg("ctx", "a Context", ctx);
    if (ctx.error) throw ctx.error;
  }
  if (graceMs !== undefined && (typeof graceMs !== "number" || !(graceMs >= 0)))
    throw invalidArg("graceMs", "milliseconds, 0 or more", graceMs);
  if (graceMs !== undefined && !signal && !ctx) throw invalidArg("graceMs", "a signal or a ctx beside it", "neither");
  if (transfer !== undefined) checkTransfer(transfer);
  if (signal === undefined) return;
  if (typeof signal !== "object" || signal === null || typeof signal.aborted !== "boolean")
    throw invalidArg("signal", "an AbortSignal", signal);
  if (signal.aborted) throw new AbortError(signal.reason);
}

/** The signal that ends what is started with these options. */
function endOf({ signal, ctx }: GoOptions): AbortSignal | undefined {
  if (ctx === undefined || ctx.done === undefined) return signal;
  return signal ? AbortSignal.any([signal, ctx.signal]) : ctx.signal;
}
