// Fan-out: one input, many workers, one output that ends after all of them have. Source: Concurrency in Go, ch. 4, "Fan-Out, Fan-In" (the figure of the
// prime finders); its fan-in hangs on a source that never closes even when it is cancelled, this one does not.
//
//   source ─▶ feed ─▶ [waiting] ─▶ staff: worker │ worker │ … ─▶ delivery ─▶ reader
//               ▲                         │ died: what it had not begun, and what it may try again
//               └── room ◀────────────────┴────────────── a job was delivered
//
// Invariants
//   1. At most `window` jobs are taken from the source and not yet delivered.
//   2. Every job taken is answered, failed, or handed on; `#open` counts those that are none of it yet.
//   3. The outcome is told only when every worker has ended and the source has stopped.

import type { Canceller, Context } from "../../runtime/context/index.ts";
import { invalidArg, ThreadDiedError } from "../../runtime/errors.ts";
import { endError } from "../ending.ts";
import { Change, Flow } from "../flow.ts";
import { DONE, type Source } from "../source.ts";
import { Delivery } from "./delivery.ts";
import { Intake } from "./intake.ts";
import { type Job, jobOf, singlesOf } from "./job.ts";
import type { Key, Parallel } from "./settings.ts";
import { Staff } from "./staff.ts";
import { type StageStats, Tally } from "./tally.ts";
import type { Answer } from "./wire.ts";
import type { Worker, WorkerHooks } from "./worker.ts";

/** Threads that may die in a row before any of them did anything: a module that ends its thread must not be imported for ever. */
const MOST_VAIN = 8;

/** What several workers make of one input, as fanOut() or a stage has set it. Read once. Threads: the one that made it. */
export class FanOut<T> extends Flow<T> {
  readonly #name: string;
  readonly #intake: Intake;
  readonly #settings: Parallel;
  readonly #staff: Staff;
  readonly #delivery: Delivery<T>;
  /** Jobs that must wait for a worker, oldest first. */
  readonly #waiting: Job[] = [];
  readonly #tally = new Tally();
  readonly #change = new Change();
  #state: "new" | "running" | "over" = "new";
  /** An item has failed for good under 'fail': nothing more is taken from the source. */
  #isFailing = false;
  #vain = 0;
  #open = 0;
  #received = 0;
  #outcome: Promise<void> | undefined;
  /** Cancels what the functions do; made with the first worker. */
  #work: Canceller | undefined;

  /** `below` makes the context of the functions; `hire` a worker. */
  constructor(
    name: string,
    source: Source<unknown>,
    settings: Parallel,
    below: () => Canceller,
    hire: (hooks: WorkerHooks, ctx: Context) => Worker,
  ) {
    super();
    this.#name = name;
    this.#intake = new Intake(source, settings);
    this.#settings = settings;
    const hooks: WorkerHooks = {
      onAnswer: (worker, job, answer) => this.#onAnswer(worker, job, answer),
      onEnd: (worker, failure) => this.#onEnd(worker, failure),
    };
    this.#staff = new Staff(settings.width, 1 + settings.prefetch, () => {
      this.#work ??= below();
      return hire(hooks, this.#work.ctx);
    });
    this.#delivery = new Delivery(
      settings.ordered,
      () => this.#change.tell(),
      (error) => this.#finish({ error }),
    );
  }

  /** Workers wished for; more are started when there is work, fewer finish what they have in hand. */
  get width(): number {
    return this.#staff.width;
  }

  /** Throws: ERR_INVALID_ARG. After the end: nothing. */
  set width(width: number) {
    if (!Number.isInteger(width) || width < 1) throw invalidArg("width", "a whole number from 1", width);
    if (this.#state === "over") return;
    this.#waiting.unshift(...this.#staff.resize(width, this.#settings.key !== undefined));
    this.#assign();
    this.#change.tell();
  }

  get stats(): StageStats {
    const { delivered, undelivered: pending } = this.#delivery;
    return { name: this.#name, received: this.#received, delivered, pending, workers: this.#staff.all.length, ...this.#tally.counts };
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === "new") this.#start();
    return this.#delivery.next();
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#delivery.drop();
    this.#finish(undefined);
    await this.#outcome!.catch(() => undefined); // whoever leaves is not told of it
    return DONE;
  }

  #start(): void {
    this.#state = "running";
    const { signal } = this.#settings;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
    else void this.#feed();
  }

  readonly #onAbort = (): void => {
    if (this.#state === "over") return; // all items are done: what is left is to be read
    const error = endError(this.#settings.signal!.reason);
    this.#delivery.drop();
    this.#finish({ error });
  };

  get #hasRoom(): boolean {
    const { prefetch, capacity, key } = this.#settings;
    const window = this.#staff.width * (1 + prefetch) + capacity;
    if (this.#isFailing || this.#delivery.undelivered >= window) return false;
    return key !== undefined || (this.#waiting.length === 0 && this.#staff.hasRoom);
  }

  async #feed(): Promise<void> {
    while (this.#state === "running" && !this.#intake.end) {
      if (!this.#hasRoom) {
        await this.#change.wait();
        continue;
      }
      const { items, key } = await this.#intake.gather();
      if (this.#state === "running" && items.length > 0) this.#take(items, key); // cancelled meanwhile: what came is dropped
    }
    this.#settle();
  }

  #take(items: readonly unknown[], key: Key | undefined): void {
    const job = jobOf(items, this.#received, key);
    this.#received += items.length;
    this.#open++;
    this.#delivery.add(job);
    this.#waiting.push(job);
    this.#assign();
  }

  /** Gives waiting jobs to whoever is free. */
  #assign(): void {
    const blocked = new Set<unknown>();
    for (let i = 0; i < this.#waiting.length && this.#state === "running"; ) {
      const job = this.#waiting[i]!;
      const worker = blocked.has(job.key) ? undefined : this.#choose(job);
      if (worker) {
        this.#waiting.splice(i, 1);
        this.#submit(worker, job);
      } else {
        if (job.key === undefined) return;
        blocked.add(job.key);
        i++;
      }
    }
  }

  #choose(job: Job): Worker | undefined {
    try {
      return this.#staff.choose(job);
    } catch (error) {
      this.#finish({ error });
      return undefined;
    }
  }

  #submit(worker: Worker, job: Job): void {
    try {
      this.#staff.submit(worker, job);
    } catch (error) {
      if (job.items.length > 1) this.#split(job);
      else this.#fail(job, error);
    }
  }

  /** One of its items is at fault: each is to be tried by itself. */
  #split(job: Job): void {
    const singles = singlesOf(job);
    this.#open += singles.length - 1;
    this.#delivery.replace(job, singles);
    this.#waiting.unshift(...singles);
  }

  #onAnswer(worker: Worker, job: Job, answer: Answer): void | Promise<void> {
    const [, values, failures, isLast, busyMs] = answer;
    this.#vain = 0;
    this.#tally.add(answer);
    for (const [at, error] of failures) this.#note(job, at, error);
    if (!isLast) {
      job.isStreamed = true;
      return this.#delivery.put(job, values, false);
    }
    this.#intake.learn(job, busyMs);
    this.#staff.release(job);
    this.#open--;
    this.#delivery.put(job, values, true);
    return this.#onFree(worker);
  }

  #note(job: Job, at: number, error: unknown): void {
    this.#tally.fail(job.index + at, error, this.#settings.otherwise === "collect");
    if (this.#settings.otherwise !== "fail") return;
    this.#isFailing = true;
    job.failure ??= { error };
  }

  /** A job of one item has failed for good. */
  #fail(job: Job, error: unknown): void {
    this.#note(job, 0, error);
    this.#open--;
    this.#delivery.put(job, [], true);
    this.#settle();
  }

  #onFree(worker: Worker): void {
    if (this.#state !== "running") return;
    this.#assign();
    this.#change.tell();
    if (worker.jobs.size === 0 && this.#waiting.length === 0 && this.#settings.key === undefined) this.#help(worker);
    this.#settle();
  }

  /** Nothing is left for an idle worker but what another one has not begun. */
  #help(idle: Worker): void {
    if (!this.#intake.end && this.#hasRoom && !this.#intake.isPulling) return;
    const job = this.#staff.has(idle) ? this.#staff.steal() : undefined;
    if (job) this.#submit(idle, job);
  }

  #onEnd(worker: Worker, failure: { readonly error: unknown } | undefined): void {
    this.#staff.remove(worker);
    if (this.#state !== "running") return;
    if (failure?.error instanceof ThreadDiedError) this.#onDeath(worker, failure.error);
    else if (failure) this.#finish(failure);
    this.#assign();
    this.#change.tell();
    this.#settle();
  }

  #onDeath(worker: Worker, error: unknown): void {
    this.#tally.deaths++;
    this.#waiting.unshift(...this.#staff.takeBack(worker));
    if (worker.jobs.size === 0 && ++this.#vain >= MOST_VAIN) this.#finish({ error });
    for (const job of [...worker.jobs.values()].reverse()) this.#afterDeath(job, error);
  }

  /** It was in hand when its thread died. */
  #afterDeath(job: Job, error: unknown): void {
    const { retry, otherwise } = this.#settings;
    this.#staff.release(job);
    job.deaths++;
    if (job.items.length > 1 && (retry > 0 || otherwise !== "fail")) {
      this.#split(job);
    } else if (job.deaths <= retry) {
      this.#tally.retried++;
      this.#waiting.unshift(job);
    } else {
      this.#fail(job, error);
    }
  }

  /** Ends it when the source has ended and every job is done. */
  #settle(): void {
    if (this.#state === "running" && this.#intake.end && this.#open === 0) this.#finish(this.#intake.end.failure);
  }

  /** Nothing more is begun. With a failure, and when the reader has left, what runs is cancelled. */
  #finish(failure: { readonly error: unknown } | undefined): void {
    if (this.#state === "over") return;
    const isClean = this.#state === "running" && this.#intake.end !== undefined && this.#open === 0;
    this.#state = "over";
    this.#waiting.length = 0;
    const workers = this.#staff.all;
    for (const worker of workers) isClean ? worker.retire() : worker.stop();
    if (!isClean) this.#work?.cancel();
    this.#outcome = this.#end(workers, failure);
    this.#delivery.end(this.#outcome);
    this.#change.tell();
  }

  async #end(workers: readonly Worker[], failure: { readonly error: unknown } | undefined): Promise<void> {
    const [stopped] = await Promise.allSettled([this.#intake.stop(), ...workers.map((worker) => worker.ended)]);
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    this.#work?.[Symbol.dispose]();
    if (failure) throw failure.error;
    if (stopped?.status === "rejected") throw stopped.reason;
    this.#tally.throwCollected(this.#received);
  }
}
