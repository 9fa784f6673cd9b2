// OS threads, from one piscina pool: the only file that imports piscina. It starts and stops threads; the supervisor decides when.
//
//   start(order) ─▶ piscina makes one worker, for this order and no other ─▶ bootstrap ─▶ ready ─▶ … ─▶ exit
//
// A thread is one worker for its whole life. The piscina task is its start: it ends when the thread is ready, so piscina counts the worker as idle and
// lets the process exit while it is. Piscina starts and replaces no worker of its own accord (minThreads 0, and a queue of ours from which an order
// goes to its own worker only), so a death during a start is that order's and nobody else's. Deaths are read off the worker's own events.

import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { Piscina, queueOptionsSymbol, type TaskQueue } from "piscina";
import { HeddleError } from "../runtime/errors.ts";
import { type Vitals, vitalsOf } from "./seeing/vitals.ts";
import type { ThreadExit, ThreadOrder } from "./thread-order.ts";
import { hear } from "./voice.ts";

export interface ThreadsOptions {
  /** Most threads at a time, those that are on their way out included. */
  readonly max: number;
  readonly resourceLimits: { maxOldGenerationSizeMb?: number; maxYoungGenerationSizeMb?: number; stackSizeMb?: number } | undefined;
  /** Called once for each thread that was started, whatever becomes of it. */
  readonly onExit: (exit: ThreadExit) => void;
}

export interface StartedThread {
  readonly threadId: number;
  /** Resolves when it is ready, or with the error (encoded) its start threw. Rejects when it exits before, after onExit, which tells why. */
  readonly ready: Promise<Uint8Array | undefined>;
}

/** Which worker an order is for; 0 until piscina has made it. */
interface Ticket {
  threadId: number;
}

type QueuedTask = Parameters<TaskQueue["push"]>[0];

/** Orders whose worker is on its way. */
class Orders implements TaskQueue {
  readonly #tasks: QueuedTask[] = [];

  get size(): number {
    return this.#tasks.length;
  }

  shift(): QueuedTask | null {
    return this.#tasks.shift() ?? null;
  }

  push(task: QueuedTask): void {
    this.#tasks.push(task);
  }

  remove(task: QueuedTask): void {
    const at = this.#tasks.indexOf(task);
    if (at >= 0) this.#tasks.splice(at, 1);
  }

  /** Its worker will not come for it. */
  drop(ticket: Ticket): void {
    const task = this.#tasks.find((one) => one[queueOptionsSymbol] === ticket);
    if (task) this.remove(task);
  }
}

export class Threads {
  readonly #pool: Piscina;
  readonly #orders = new Orders();
  readonly #workers = new Map<number, Worker>();
  readonly #onExit: (exit: ThreadExit) => void;

  constructor(options: ThreadsOptions) {
    this.#onExit = options.onExit;
    this.#pool = new Piscina({
      filename: fileURLToPath(new URL("./bootstrap.js", import.meta.url)),
      minThreads: 0,
      maxThreads: options.max,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: "disabled",
      recordTiming: false,
      taskQueue: this.#orders,
      ...(options.resourceLimits && { resourceLimits: options.resourceLimits }),
      loadBalancer: (task, workers) => {
        const { threadId } = task[queueOptionsSymbol] as Ticket;
        return workers.find((worker) => worker.id === threadId) ?? null;
      },
    });
    this.#pool.on("error", () => {}); // heard of on the worker itself; without a listener it would end the process
  }

  /** Starts a thread on an order. Throws ERR_THREAD_START if the system gives none. */
  start(order: ThreadOrder): StartedThread {
    const ticket: Ticket = { threadId: 0 };
    const others = new Set(this.#pool.threads);
    let started: Promise<Uint8Array | undefined> | undefined;
    let cause: unknown;
    try {
      started = this.#pool.run({ ...order, [queueOptionsSymbol]: ticket });
    } catch (error) {
      cause = error;
    }
    const worker = started && this.#pool.threads.find((thread) => !others.has(thread));
    if (!started || !worker) {
      this.#orders.drop(ticket);
      throw new HeddleError("ERR_THREAD_START", "expected a new thread, and the system gave none", { cause });
    }
    const { threadId } = worker;
    ticket.threadId = threadId;
    this.#workers.set(threadId, worker);
    let hasDied = () => false;
    const left = new Promise<never>((_, reject) => {
      hasDied = this.#watch(worker, threadId, () => {
        this.#orders.drop(ticket);
        reject(new HeddleError("ERR_THREAD_START", "it exited before it was ready"));
      });
    });
    const untilReady = started.catch((error: unknown) => (hasDied() ? left : Promise.reject(error))); // its exit tells more
    return { threadId, ready: Promise.race([untilReady, left]) };
  }

  /** Answers how to ask whether it has had its last error. */
  #watch(worker: Worker, threadId: number, onExit: () => void): () => boolean {
    const heard = hear(worker);
    let error: ThreadExit["error"];
    worker.on("error", (thrown: unknown) => {
      error ??= { thrown };
    });
    worker.on("exit", (code) => {
      this.#workers.delete(threadId);
      this.#onExit({ threadId, code, error, last: heard.last });
      onExit();
    });
    return () => error !== undefined;
  }

  /** Stops a thread for good. Its exit is reported through onExit, later. */
  terminate(threadId: number): void {
    void this.#workers.get(threadId)?.terminate();
  }

  /** Bytes of JavaScript heap a thread uses, without its help; undefined if it is gone or this Node cannot tell. */
  async heapBytes(threadId: number): Promise<number | undefined> {
    const worker = this.#workers.get(threadId) as (Worker & { getHeapStatistics?(): Promise<{ used_heap_size: number }> }) | undefined;
    try {
      return (await worker?.getHeapStatistics?.())?.used_heap_size;
    } catch {
      return undefined; // it has exited meanwhile
    }
  }

  /** What Node tells of a thread; undefined if it is gone. */
  async vitals(threadId: number): Promise<Vitals | undefined> {
    const worker = this.#workers.get(threadId);
    return worker && vitalsOf(worker);
  }

  /**
   * It was told to stop and still runs: it keeps no process alive any more. Nobody refs it again either; piscina would, on closing the port of one that was
   * still starting.
   */
  abandon(threadId: number): void {
    const worker = this.#workers.get(threadId);
    if (!worker) return;
    worker.unref();
    worker.ref = () => worker;
  }
}
