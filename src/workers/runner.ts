// Running tasks: the thread that serves a queue takes the oldest unstarted task, imports its module once, calls it, and ends it with its result.
// Light tasks run beside each other, each until its first await; a dedicated thread runs one at a time.

import type { Wire } from "../runtime/channel/index.ts";
import { virtualClock } from "../runtime/clock.ts";
import { FencedError, HeddleError } from "../runtime/errors.ts";
import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { type Carried, runWith } from "./carried.ts";
import { TaskNotes } from "./seeing/task-notes.ts";
import { CallReader, type TaskCall } from "./task-call.ts";

type Exports = Record<string, unknown>;

/** How long one turn goes on taking tasks before the event loop gets its turn. */
const TURN_MS = 1;

export interface RunnerOptions {
  readonly queue: number;
  /** Tasks at a time: 1 for a dedicated thread, Infinity for light tasks. */
  readonly limit: number;
  /** It stands in the queue's idle list while there is nothing to do. False where nobody else starts tasks: the starter stirs this thread itself. */
  readonly waits: boolean;
  readonly importModule: (url: string) => Promise<Exports>;
  /** Called around the synchronous part of each task. */
  readonly enter: () => () => void;
}

export class Runner {
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #calls: CallReader;
  readonly #options: RunnerOptions;
  readonly #notes: TaskNotes;
  readonly #modules = new Map<string, Exports>();
  readonly #running = new Set<number>();
  #isStopped = false;
  #turn = 0;
  /** It stands in the queue's idle list, or was taken off it by whoever wakes it for a task. */
  #mayBeListed = false;

  constructor(thread: Thread, wire: Wire, options: RunnerOptions) {
    this.#thread = thread;
    this.#wire = wire;
    this.#calls = new CallReader(thread, wire);
    this.#options = options;
    this.#notes = new TaskNotes(thread);
  }

  get running(): number {
    return this.#running.size;
  }

  /** Takes and starts tasks for about TURN_MS. False when there is none; the thread then stands in the queue's idle list. */
  onIdle(): boolean {
    const until = performance.now() + TURN_MS;
    this.#turn = Date.now();
    let took = false;
    while (!this.#isStopped && this.#running.size < this.#options.limit) {
      const { waits } = this.#options;
      const status = this.#take(waits ? L.TAKE_OR_IDLE : L.TAKE);
      if (status === L.NONE) {
        this.#mayBeListed = waits;
        return took;
      }
      this.#mayBeListed = false;
      took = true;
      this.#thread.parker.markRunning();
      this.#start(this.#thread.answeredGen >>> 0, this.#thread.answered);
      if (performance.now() >= until) return true;
    }
    return took;
  }

  /** About to run something else or to block: not there for new tasks. */
  onBusy(): void {
    if (!this.#mayBeListed) return;
    this.#mayBeListed = false;
    this.#take(L.LEAVE_IDLE);
  }

  #take(mode: number): number {
    const { slot, epoch } = this.#thread;
    return this.#thread.call("take", (fn) => fn.taskTake(slot, epoch, this.#options.queue, mode));
  }

  /** Takes no more tasks; the running ones go on. */
  stop(): void {
    this.#isStopped = true;
    this.onBusy();
  }

  #start(task: number, payload: number): void {
    this.#running.add(task);
    let call: TaskCall;
    try {
      call = this.#calls.take(payload);
    } catch (error) {
      this.#fail(task, error);
      return;
    }
    const { url, name, args, values } = call;
    this.#notes.started(task, name, this.#turn);
    const clock = virtualClock();
    if (clock?.random) clock.step(() => this.#begin(task, url, name, args, values));
    else this.#begin(task, url, name, args, values);
  }

  #begin(task: number, url: string, name: string, args: unknown[], values: Carried | undefined): void {
    virtualClock()?.touch();
    const known = this.#modules.get(url);
    if (known) this.#run(task, url, known, name, args, values);
    else void this.#import(task, url, name, args, values);
  }

  async #import(task: number, url: string, name: string, args: unknown[], values: Carried | undefined): Promise<void> {
    let exports: Exports;
    try {
      exports = await this.#options.importModule(url);
    } catch (error) {
      this.#fail(task, error);
      return;
    }
    this.#modules.set(url, exports);
    this.onBusy(); // it had gone idle meanwhile, and is not: what it runs now may compute for long
    this.#thread.parker.stir();
    this.#run(task, url, exports, name, args, values);
  }

  #run(task: number, url: string, exports: Exports, name: string, args: unknown[], values: Carried | undefined): void {
    const fn = exports[name];
    if (typeof fn !== "function") {
      const names = Object.keys(exports).filter((key) => typeof exports[key] === "function");
      this.#fail(
        task,
        new HeddleError(
          "ERR_NO_FUNCTION",
          `expected ${url} to export a function ${name}; its functions are: ${names.join(", ") || "none"}`,
        ),
      );
      return;
    }
    const leave = this.#options.enter();
    try {
      const result: unknown = values === undefined ? fn(...args) : runWith(values, () => fn(...args));
      if (isThenable(result)) {
        result.then(
          (value) => this.#succeed(task, name, value),
          (error) => this.#fail(task, error),
        );
      } else {
        this.#succeed(task, name, result);
      }
    } catch (error) {
      this.#fail(task, error);
    } finally {
      leave();
    }
  }

  #succeed(task: number, name: string, value: unknown): void {
    let block = 0;
    try {
      block = this.#calls.writeResult(name, value);
    } catch (error) {
      this.#fail(task, error);
      return;
    }
    this.#end(task, L.OUTCOME_RESULT, block);
  }

  #fail(task: number, thrown: unknown): void {
    let block = 0;
    try {
      block = this.#thread.store("an error", this.#wire.encodeError(thrown));
    } catch (error) {
      if (error instanceof FencedError) return;
      // No room even for the error: the joiner is told that much.
    }
    this.#end(task, L.OUTCOME_ERROR, block);
  }

  #end(task: number, outcome: number, block: number): void {
    this.#running.delete(task);
    this.#notes.ended();
    const { slot, epoch } = this.#thread;
    try {
      this.#thread.call("finish", (fn) => fn.taskFinish(slot, epoch, task, outcome, block));
    } catch (error) {
      if (error instanceof FencedError || this.#thread.isClosed) return; // retired, or closed: this task has been ended for its joiner
      throw error;
    }
    if (this.#running.size === this.#options.limit - 1) this.#thread.parker.stir(); // free again
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
