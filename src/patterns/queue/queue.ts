// Queuing: producers, a buffer, consumers, and what happens when they do not keep pace. Source: Concurrency in Go, ch. 4, "Queuing", which says when a queue
// helps and when it only hides that something is slow; the leased queue below it (src/runtime/lease) is what outlives threads.
//
//   put ─▶ full? whenFull ─▶ leased queue ─▶ too late? overload? ─▶ take, batches, serve ─▶ ack
//                                  ▲                │                         └─ nack, a death ─▶ handed out again
//                                  └────────────────┴──────── attempts used up ─▶ dead letters

import { CLOSED, type Codec, EMPTY, structured } from "../../runtime/channel/index.ts";
import { sharedNow } from "../../runtime/clock.ts";
import { deadlineOf, leftOf, type WaitOptions } from "../../runtime/deadline.ts";
import { HeddleError, invalidArg, TimeoutError } from "../../runtime/errors.ts";
import type { Lease, LeasedQueue } from "../../runtime/lease/index.ts";
import { together } from "../../runtime/together.ts";
import type { Runtime } from "../../workers/runtime.ts";
import { checkRuntime } from "../fan-out/settings.ts";
import { type CounterHandles, Counters, type Counts, littlesLaw, makeCounters, type QueueStats } from "./counters.ts";
import { type Envelope, Job } from "./job.ts";
import { checkDuration, checkRun, type QueueOptions, type QueueSettings, queueSettings } from "./settings.ts";
import { Shedding } from "./shedding.ts";

/** A queue as it crosses threads: queueOf(handle) is the same queue there. */
export interface QueueHandle<T> {
  readonly jobs: LeasedQueue<Envelope<T>>;
  readonly counters: CounterHandles;
  readonly settings: QueueSettings;
  readonly sinceMs: number;
}

/** What became of a job that was put. */
export type Put = "accepted" | "dropped" | "ran";

/** Options of put(). */
export interface PutOptions extends WaitOptions {
  /** As the queue's, for this job. */
  ttlMs?: number | undefined;
}

/** Options of batches(). */
export interface BatchOptions extends WaitOptions {
  /** Jobs at most, at least 1. Default 64. */
  size?: number;
  /** How long the first of them waits for the others: milliseconds, more than 0, less than 2^31. Default 100. */
  withinMs?: number;
}

/**
 * A queue of jobs between producers and consumers on any threads: none that was accepted is lost when a thread dies.
 * Waits: never. Throws: ERR_INVALID_ARG, ERR_HEAP_EXHAUSTED, ERR_CLOSED. Cost: a leased queue and twelve numbers, 1.8 KB of the shared heap until it is
 * disposed of; a job 64 bytes and its value. See: Concurrency in Go, ch. 4, "Queuing".
 */
export function queue<T>(rt: Runtime, options: QueueOptions<T>): Queue<T> {
  checkRuntime("queue", rt);
  const settings = queueSettings(options);
  const { capacity, attempts, leaseMs, run } = options;
  return together((own) => {
    const jobs = own(rt.leasedQueue(structured() as Codec<unknown> as Codec<Envelope<T>>, { capacity, attempts, leaseMs }));
    return new Queue<T>({ jobs, counters: makeCounters(rt.sync), settings, sinceMs: sharedNow() }, run);
  });
}

/** The queue of a handle that has come to this thread. Throws: ERR_INVALID_ARG. */
export function queueOf<T>(handle: QueueHandle<T>, options: Pick<QueueOptions<T>, "run"> = {}): Queue<T> {
  if (typeof handle?.settings !== "object") throw invalidArg("queueOf", "the handle of a queue", handle);
  checkRun(handle.settings.whenFull === "caller-runs" && !options.run ? "block" : handle.settings.whenFull, options.run);
  return new Queue<T>(handle, options.run);
}

/** Jobs that outlive the threads that work at them, with a bound, as queue() has made it. Threads: any; a thread gets its own view by queueOf(handle). */
export class Queue<T> {
  /** To be passed to tasks. */
  readonly handle: QueueHandle<T>;
  readonly #jobs: LeasedQueue<Envelope<T>>;
  readonly #settings: QueueSettings;
  readonly #counters: Counters;
  readonly #shedding: Shedding | undefined;
  readonly #run: ((value: T) => unknown) | undefined;

  /** @internal */
  constructor(handle: QueueHandle<T>, run: ((value: T) => unknown) | undefined) {
    this.handle = handle;
    this.#jobs = handle.jobs;
    this.#settings = handle.settings;
    this.#counters = new Counters(handle.counters);
    this.#shedding = handle.settings.shed && new Shedding(handle.settings.shed);
    this.#run = run;
  }

  /**
   * Puts a job. Answers what became of it, which depends on `whenFull` if the queue is full.
   * Waits: this promise, with 'block' for room, with 'caller-runs' for `run`. Ends also with close, context, signal, timeout. Order: producers in turn.
   * Throws (rejects): ERR_QUEUE_FULL with 'reject'; ChannelClosedError; AbortError, TimeoutError; what `run` throws; ERR_UNSENDABLE, ERR_INVALID_ARG.
   */
  async put(value: T, options: PutOptions = {}): Promise<Put> {
    deadlineOf("put", options);
    const { ttlMs = this.#settings.ttlMs } = options;
    checkDuration("put: ttlMs", ttlMs);
    const atMs = sharedNow();
    const job: Envelope<T> = [atMs, atMs + ttlMs, value];
    if (this.#jobs.trySend(job)) return this.#accepted();
    this.#counters.add("full");
    switch (this.#settings.whenFull) {
      case "reject":
        throw new HeddleError("ERR_QUEUE_FULL", `expected room for one more job, and ${this.#jobs.queued} of ${this.#jobs.capacity} wait`);
      case "drop-newest":
        this.#counters.add("dropped");
        return "dropped";
      case "drop-oldest":
        while (!this.#jobs.trySend(job)) this.#dropOldest();
        return this.#accepted();
      case "caller-runs": {
        if (!this.#run) throw invalidArg("put: run", "a function given to queueOf(), with 'caller-runs'", this.#run);
        await this.#run(value);
        this.#counters.add("ran");
        return "ran";
      }
      default:
        return this.#block(job, options);
    }
  }

  async #block(job: Envelope<T>, options: PutOptions): Promise<Put> {
    try {
      await this.#jobs.send(job, options);
    } finally {
      this.#counters.add("blockedMs", sharedNow() - job[0]);
    }
    return this.#accepted();
  }

  #accepted(): Put {
    this.#counters.add("arrived");
    return "accepted";
  }

  #dropOldest(): void {
    const oldest = this.#jobs.tryTake();
    if (oldest === EMPTY || oldest === CLOSED || !oldest.ack()) return;
    this.#counters.add("dropped");
  }

  /**
   * The next job, or CLOSED once the queue is closed and every job is acknowledged or dead. Jobs that are too late, or shed, are not handed out.
   * Waits: this promise. Ends also with context, signal, timeout. Order: consumers in turn; what comes back goes first.
   * Throws (rejects): AbortError, TimeoutError, ERR_INVALID_ARG, ERR_CLOSED.
   */
  async take(options?: WaitOptions): Promise<Job<T> | typeof CLOSED> {
    const deadline = deadlineOf("take", options);
    for (;;) {
      const lease = await this.#jobs.take(leftOf(options, deadline));
      if (lease === CLOSED) return CLOSED;
      const job = this.#admit(lease);
      if (job) return job;
    }
  }

  #admit(lease: Lease<Envelope<T>>): Job<T> | undefined {
    const [putMs, lateMs] = lease.value;
    const atMs = sharedNow();
    const waitedMs = atMs - putMs;
    const refused = lease.attempt > 1 ? (lease.causes.at(-1) as { code?: unknown } | undefined)?.code : undefined;
    this.#counters.add("handedOut");
    if (lease.attempt === 1) {
      this.#counters.add("begun");
      this.#counters.add("waitedMs", waitedMs);
    }
    const isShed = lease.attempt === 1 ? this.#shedding?.isShed(waitedMs, atMs) : refused === "ERR_DROPPED";
    if (lateMs <= atMs) {
      if (refused !== "ERR_QUEUE_TIMEOUT") this.#counters.add("late");
      this.#refuse(
        lease,
        new TimeoutError(`the job had waited for ${Math.round(waitedMs)} ms, which is too late for it`, "ERR_QUEUE_TIMEOUT"),
      );
      return undefined;
    }
    if (isShed) {
      if (lease.attempt === 1) this.#counters.add("shed");
      this.#refuse(lease, new HeddleError("ERR_DROPPED", `the job was shed after ${Math.round(waitedMs)} ms: there is too much to do`));
      return undefined;
    }
    return new Job<T>(lease, waitedMs, this.#counters);
  }

  /** To the dead letters, by using its attempts up; without them it is gone. */
  #refuse(lease: Lease<Envelope<T>>, error: Error): void {
    if (this.#settings.isEndless) lease.ack();
    else lease.nack(error);
  }

  /** Jobs until the end; each is to be acknowledged in the loop. Leaving it early, by an error too, gives back the one it was left with. */
  async *jobs(options?: WaitOptions): AsyncGenerator<Job<T>, void, undefined> {
    for (let job = await this.take(options); job !== CLOSED; job = await this.take(options)) {
      let isLeft = true;
      try {
        yield job;
        isLeft = false;
      } finally {
        if (isLeft) job[Symbol.dispose]();
      }
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Job<T>, void, undefined> {
    return this.jobs();
  }

  /**
   * Jobs in batches: a batch comes when it is full, or `withinMs` after its first job, whichever is earlier, also while nothing more comes; the last one at the end.
   * Leaving the loop early gives back what the batch still holds. Otherwise as jobs().
   */
  async *batches(options: BatchOptions = {}): AsyncGenerator<Job<T>[], void, undefined> {
    const { size = 64, withinMs = 100, ...waiting } = options;
    if (!Number.isInteger(size) || size < 1) throw invalidArg("batches: size", "a whole number from 1", size);
    checkDuration("batches: withinMs", withinMs);
    if (withinMs >= 2 ** 31) throw invalidArg("batches: withinMs", "less than 2^31 milliseconds", withinMs);
    let batch: Job<T>[] = [];
    try {
      for (;;) {
        const first = await this.take(waiting);
        if (first === CLOSED) return;
        batch.push(first);
        await this.#fill(batch, size, sharedNow() + withinMs, waiting);
        yield batch;
        batch = [];
      }
    } finally {
      for (const job of batch) job[Symbol.dispose]();
    }
  }

  async #fill(batch: Job<T>[], size: number, dueMs: number, waiting: WaitOptions): Promise<void> {
    const { ctx, signal } = waiting;
    while (batch.length < size) {
      try {
        const job = await this.take({ ctx, signal, timeoutMs: Math.max(0, dueMs - sharedNow()) });
        if (job === CLOSED) return;
        batch.push(job);
      } catch (error) {
        if (error instanceof TimeoutError && !ctx?.error) return;
        throw error;
      }
    }
  }

  /** Jobs whose attempts are used up, that were too late, or shed; `causes` says why. They end with the queue. None if attempts have no end. */
  async *dead(options?: WaitOptions): AsyncGenerator<Job<T>, void, undefined> {
    const letters = this.#jobs.deadLetters;
    if (!letters) return;
    for (let lease = await letters.take(options); lease !== CLOSED; lease = await letters.take(options)) {
      const job = new Job<T>(lease, sharedNow() - lease.value[0], undefined);
      let isLeft = true;
      try {
        yield job;
        isLeft = false;
      } finally {
        if (isLeft) job[Symbol.dispose]();
      }
    }
  }

  /** As of now, counted since it was made, or since `before` was read. */
  stats(before?: QueueStats): QueueStats {
    const counts: Counts = this.#counters.shown;
    const { queued: length, leased, dead, capacity } = this.#jobs;
    const [atMs, sinceMs] = [sharedNow(), before?.atMs ?? this.handle.sinceMs];
    return { ...counts, length, leased, dead, capacity, atMs, sinceMs, ...littlesLaw(before, counts, atMs - sinceMs) };
  }

  /**
   * No more jobs are accepted. Those that wait are still handed out; with `discard` they are dropped, and what is in hand may be finished.
   * Waits: never. Throws: ChannelClosedError the second time.
   */
  close(options: { discard?: boolean } = {}): void {
    this.#jobs.close();
    if (!options.discard) return;
    for (let lease = this.#jobs.tryTake(); lease !== EMPTY && lease !== CLOSED; lease = this.#jobs.tryTake()) {
      if (lease.ack()) this.#counters.add("dropped");
    }
  }

  /** Closes it if that was not done, and gives its numbers' memory back: stats() stays what it was. Jobs are still handed out. */
  [Symbol.dispose](): void {
    this.#jobs[Symbol.dispose]();
    this.#counters.close();
  }
}
