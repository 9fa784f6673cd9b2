// OS threads, from one piscina pool: the only file that imports piscina. It starts and stops threads; the supervisor decides when.
//
// A thread is one worker for its whole life. The piscina task is its start: it ends when the thread is ready, so piscina counts the worker as idle and
// lets the process exit while it is; our load balancer never hands a worker a second start. Deaths are read off the worker's own events.

import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { describe, HeddleError } from "../runtime/errors.ts";
import type { ThreadExit, ThreadOrder } from "./thread-order.ts";

export interface ThreadsOptions {
  /** Threads piscina starts at once and keeps. */
  readonly min: number;
  /** Most threads at a time, those that are on their way out included. */
  readonly max: number;
  readonly resourceLimits: { maxOldGenerationSizeMb?: number; maxYoungGenerationSizeMb?: number; stackSizeMb?: number } | undefined;
  readonly onExit: (exit: ThreadExit) => void;
}

interface Taken {
  readonly worker: Worker;
  error: { readonly thrown: unknown } | undefined;
}

export class Threads {
  readonly #pool: Piscina;
  readonly #onExit: (exit: ThreadExit) => void;
  readonly #taken = new Map<number, Taken>();
  #lastError: unknown;

  constructor(options: ThreadsOptions) {
    this.#onExit = options.onExit;
    this.#pool = new Piscina({
      filename: fileURLToPath(new URL("./bootstrap.js", import.meta.url)),
      minThreads: options.min,
      maxThreads: options.max,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: "disabled",
      recordTiming: false,
      ...(options.resourceLimits && { resourceLimits: options.resourceLimits }),
      loadBalancer: (_task, workers) => {
        const free = workers.find(
          (worker) => !this.#taken.has(worker.id) && worker.currentUsage === 0 && !worker.terminating && !worker.destroyed,
        );
        if (!free) return null;
        return this.#take(free.id) ? free : null;
      },
    });
    // An idle worker's error: its own listener tells more (#take). One that no start was given to yet is remembered for the start that then fails.
    this.#pool.on("error", (error) => {
      this.#lastError = error;
    });
  }

  #take(threadId: number): boolean {
    const worker = this.#pool.threads.find((thread) => thread.threadId === threadId);
    if (!worker) return false;
    const taken: Taken = { worker, error: undefined };
    this.#taken.set(threadId, taken);
    worker.on("error", (thrown: unknown) => {
      taken.error ??= { thrown };
    });
    worker.on("exit", (code) => {
      this.#taken.delete(threadId);
      this.#onExit({ threadId, code, error: taken.error });
    });
    return true;
  }

  /** Starts a thread on an order; resolves with its id when it is ready. Throws ERR_THREAD_START (cause: why) if it dies before. */
  async start(order: ThreadOrder): Promise<number> {
    try {
      return (await this.#pool.run(order)) as number;
    } catch (cause) {
      throw new HeddleError(
        "ERR_THREAD_START",
        `a thread died while it started: ${(cause as Error | undefined)?.message ?? describe(cause)}`,
        {
          cause: this.#lastError ?? cause,
        },
      );
    }
  }

  /** Stops a thread for good. Its exit is reported through onExit, later. */
  terminate(threadId: number): void {
    void this.#taken.get(threadId)?.worker.terminate();
  }

  /** Stops all threads and waits for their exits. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}
