// A worker as the fanning side knows it: a task with an inbox of jobs and an outbox of answers, or the same on the calling thread for functions that
// are no module references.
//
//   submit → inbox ─▶ task: steps ─▶ outbox → onAnswer          retire: inbox closed; what is in it is still done
//                                                               stop:   inbox and outbox closed; the job in hand is given up when it is answered
//
// Crash    the outbox is read to its end first, so what was answered counts; what is left in the inbox was never begun (takeBack); one job at most was
//          in hand.

import { type Channel, CLOSED, closeOnce, EMPTY, structured } from "../../runtime/channel/index.ts";
import type { Context } from "../../runtime/context/index.ts";
import { AbortError } from "../../runtime/errors.ts";
import { moduleRef } from "../../workers/module-ref.ts";
import type { Runtime } from "../../workers/runtime.ts";
import type { Task } from "../../workers/task.ts";
import { type Job, workOf } from "./job.ts";
import { type Step, Steps } from "./steps.ts";
import type { Answer, StepName, Work, WorkSettings } from "./wire.ts";

export interface Worker {
  /** Jobs it has and has not answered, oldest first. */
  readonly jobs: ReadonlyMap<number, Job>;
  /** Throws what forbids a job to be sent; it is not this worker's then. */
  submit(job: Job): void;
  /** A job it has not begun, or undefined: it is not this worker's any more. */
  takeBack(): Job | undefined;
  /** Gets no more jobs. Second call: nothing. */
  retire(): void;
  /** Its answers are not wanted any more. Second call: nothing. */
  stop(): void;
  /** When it has ended and was heard to its end. Never rejects. */
  readonly ended: Promise<void>;
}

export interface WorkerHooks {
  /** A promise holds further answers of this worker back. */
  onAnswer(worker: Worker, job: Job, answer: Answer): void | Promise<void>;
  /** `jobs` has what it leaves undone. `failure`: why, unless it was retired or stopped. */
  onEnd(worker: Worker, failure: { readonly error: unknown } | undefined): void;
}

const own = moduleRef<typeof import("./work.ts")>(new URL("./work.js", import.meta.url));

export class ThreadWorker implements Worker {
  readonly jobs = new Map<number, Job>();
  readonly ended: Promise<void>;
  readonly #inbox: Channel<Work>;
  readonly #outbox: Channel<Answer>;
  readonly #hooks: WorkerHooks;

  /** `depth`: jobs it may have at a time. Throws what go() throws. */
  constructor(rt: Runtime, ctx: Context, names: StepName[], settings: WorkSettings, dedicated: boolean, depth: number, hooks: WorkerHooks) {
    this.#hooks = hooks;
    this.#inbox = rt.channel(structured<Work>(), depth);
    this.#outbox = rt.channel(structured<Answer>(), depth);
    let task: Task<void>;
    try {
      task = rt.with({ dedicated }).go(own.work, names, settings, this.#inbox.receiver, this.#outbox.sender, ctx);
    } catch (error) {
      this.stop();
      throw error;
    }
    this.ended = this.#follow(task);
  }

  async #follow(task: Task<void>): Promise<void> {
    const ended = task.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    void ended.then(() => this.stop());
    let failure: { readonly error: unknown } | undefined;
    try {
      for (let answer = await this.#outbox.recv(); answer !== CLOSED; answer = await this.#outbox.recv()) {
        const job = this.jobs.get(answer[0])!;
        if (answer[3]) this.jobs.delete(job.id);
        const heldBack = this.#hooks.onAnswer(this, job, answer);
        if (heldBack) await heldBack;
      }
    } catch (error) {
      failure = { error };
    }
    failure = (await ended) ?? failure;
    this.#hooks.onEnd(this, failure);
    while (this.takeBack()); // closed and drained: freed
  }

  submit(job: Job): void {
    this.jobs.set(job.id, job);
    try {
      if (this.#inbox.trySend(workOf(job))) return;
    } catch (error) {
      this.jobs.delete(job.id);
      throw error;
    }
    throw new Error(`expected room for a job in an inbox of ${this.#inbox.capacity}`);
  }

  takeBack(): Job | undefined {
    const work = this.#tryInbox();
    if (work === EMPTY || work === CLOSED) return undefined;
    const job = this.jobs.get(work[0])!;
    this.jobs.delete(job.id);
    return job;
  }

  #tryInbox(): Work | typeof EMPTY | typeof CLOSED {
    try {
      return this.#inbox.tryRecv();
    } catch (error) {
      if ((error as { code?: unknown }).code === "ERR_CLOSED") return CLOSED; // gone with its runtime
      throw error;
    }
  }

  retire(): void {
    closeOnce(this.#inbox);
  }

  stop(): void {
    closeOnce(this.#outbox); // first: whoever cannot answer begins nothing more
    closeOnce(this.#inbox);
  }
}

/** Runs its jobs on the calling thread, one at a time. */
export class LocalWorker implements Worker {
  readonly jobs = new Map<number, Job>();
  readonly ended: Promise<void>;
  readonly #queue: Job[] = [];
  readonly #steps: Steps;
  #isStopped = false;
  #end: () => void = () => undefined;
  #isRunning = false;
  #isRetired = false;

  constructor(ctx: Context, steps: Step[], settings: WorkSettings, hooks: WorkerHooks) {
    this.#steps = new Steps(steps, settings, ctx, (answer) => {
      const job = this.jobs.get(answer[0])!;
      if (answer[3]) this.jobs.delete(job.id);
      return this.#isStopped ? Promise.reject(new AbortError(undefined)) : hooks.onAnswer(this, job, answer);
    });
    this.ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    }).then(() => hooks.onEnd(this, undefined));
  }

  submit(job: Job): void {
    this.jobs.set(job.id, job);
    this.#queue.push(job);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await undefined; // the submitter goes on first
    for (let job = this.#queue.shift(); job && !this.#isStopped; job = this.#queue.shift()) {
      try {
        await this.#steps.run(workOf(job));
      } catch (error) {
        if (!this.#isStopped) throw error;
      }
    }
    this.#isRunning = false;
    if (this.#isRetired) this.#end();
  }

  takeBack(): Job | undefined {
    const job = this.#queue.pop();
    if (job) this.jobs.delete(job.id);
    return job;
  }

  retire(): void {
    this.#isRetired = true;
    if (!this.#isRunning) this.#end();
  }

  stop(): void {
    this.#isStopped = true;
    this.retire();
  }
}
