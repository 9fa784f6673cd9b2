// Crew: threads of one's own that serve a queue of one's own. A pool's and a service's threads are crews; light and dedicated tasks never come to them.
//
//   go → queue ─▶ whichever thread has fewer than `limit` tasks        thread dies → its tasks reject, another takes its place
//   close: what is queued is refused → the threads are stopped → the queue's place is free for another crew
//
// Crash    unstarted tasks stay queued; sweep.ts ends the dead thread's and wakes another for what a lost wake was meant for.

import { HeddleError, invalidArg } from "../runtime/errors.ts";
import * as L from "../runtime/memory/layout.ts";
import type { FunctionName } from "./module-ref.ts";
import type { Post, PostChange } from "./post.ts";
import type { CrewsSeen } from "./seeing/crews-seen.ts";
import type { GoOptions } from "./starter.ts";
import type { Task } from "./task.ts";

export interface CrewOptions {
  /** Threads; with `threads: 0` of the runtime the calling thread takes their place. A whole number from 0. */
  readonly threads: number;
  /** Tasks at a time of each thread. Default 1. */
  readonly limit?: number;
  /** Called on each thread before it takes tasks; a thread it fails on has not started. */
  readonly setUp?: { readonly fn: FunctionName; readonly args: readonly unknown[] };
  readonly onChange?: (change: PostChange) => void;
}

/** What a crew needs of its runtime's supervising side. */
export interface CrewHome {
  readonly hasThreads: boolean;
  readonly queues: CrewQueues;
  /** Has the queue served: by threads of its own, or by this one if there are none. */
  open(post: Post): void;
  /** Has its threads stopped; resolves when the last has exited. */
  leave(post: Post): Promise<void>;
  dismiss(threadId: number): boolean;
  kill(threadId: number, reason: string): boolean;
  go(fn: FunctionName, args: readonly unknown[], options: GoOptions, queue: number, isBackground: boolean): Task<unknown>;
  /** Ends what is queued there as cancelled; answers how many. */
  refuse(queue: number): number;
  /** Has missing threads started. */
  check(): void;
  /** Each is called when the runtime is closed, before its tasks are waited for, and awaited. It must end within graceMs or so, and not reject. */
  readonly closers: Set<(graceMs: number) => Promise<void>>;
  /** Those that are open, for rt.stats(). */
  readonly seen: CrewsSeen;
  encode(setUp: NonNullable<CrewOptions["setUp"]>): NonNullable<Post["setUp"]>;
}

/** Places for the queues of crews that are open. */
export class CrewQueues {
  readonly #free: number[] = [];
  #opened = 0;

  take(): number {
    const place = this.#free.pop() ?? this.#opened++;
    if (place < L.CREW_QUEUE_COUNT) return L.CREW_QUEUES_AT + place * L.QUEUE_SIZE;
    this.#opened--;
    throw new HeddleError("ERR_TOO_MANY_CREWS", `expected at most ${L.CREW_QUEUE_COUNT} pools and services open in a runtime`);
  }

  give(queue: number): void {
    this.#free.push((queue - L.CREW_QUEUES_AT) / L.QUEUE_SIZE);
  }
}

export class Crew {
  readonly #home: CrewHome;
  readonly #post: Post;
  readonly #ready = new Set<number>();
  /** Once it is closed: resolves when its threads have exited, or are zombies. */
  gone: Promise<void> = Promise.resolve();
  #wanted: number;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** Throws: ERR_INVALID_ARG, ERR_TOO_MANY_CREWS, ERR_UNSENDABLE. */
  constructor(home: CrewHome, options: CrewOptions) {
    const { threads, limit = 1, setUp, onChange } = options;
    checkThreads(threads);
    this.#home = home;
    this.#wanted = threads;
    this.#post = {
      setUp: setUp && home.encode(setUp),
      queue: home.queues.take(),
      limit,
      wanted: () => this.#wanted,
      onChange: (change) => {
        this.#note(change);
        onChange?.(change);
      },
    };
    home.open(this.#post);
  }

  /** Node's ids of the threads that are ready; with `threads: 0` of the runtime none. */
  get threadIds(): number[] {
    return this.#home.hasThreads ? [...this.#ready] : [];
  }

  /** Threads there are to be. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Resolves when as many threads are ready as there are to be. Rejects: ERR_THREAD_START when they die before, ERR_CLOSED. */
  ready(): Promise<void> {
    if (this.#isClosed) return Promise.reject(crewClosed());
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#isStaffed) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /**
   * Starts a task on one of its threads; otherwise as rt.go(). `isBackground`: it keeps no process alive, and rt.close() does not wait for it.
   * Throws also: ERR_THREAD_START when its threads die before they are ready.
   */
  go(fn: FunctionName, args: readonly unknown[], options: GoOptions = {}, isBackground = false): Task<unknown> {
    if (this.#isClosed) throw crewClosed();
    if (this.#failure) throw this.#failure.error;
    return this.#home.go(fn, args, options, this.#post.queue, isBackground);
  }

  /** More threads at once, or, for fewer, none in the place of those that are dismissed or die. A whole number from 0. */
  resize(threads: number): void {
    checkThreads(threads);
    this.#wanted = threads;
    this.#home.check();
    this.#settleReady();
  }

  /** Stops a thread for good: another takes its place if there are too few then. False if there is no such thread. */
  dismiss(threadId: number): boolean {
    if (!this.#ready.delete(threadId) || !this.#home.dismiss(threadId)) return false;
    this.#home.check();
    return true;
  }

  /** Kills a thread: its tasks reject with ERR_THREAD_DIED, another takes its place. False if there is no such thread. */
  kill(threadId: number, reason: string): boolean {
    return this.#ready.delete(threadId) && this.#home.kill(threadId, reason);
  }

  /** Refuses what is queued and stops its threads; answers how many tasks it refused. Second call: 0. */
  close(): number {
    if (this.#isClosed) return 0;
    this.#isClosed = true;
    this.#wanted = 0;
    const { queue } = this.#post;
    const refused = this.#home.refuse(queue);
    this.gone = this.#home.leave(this.#post).then(() => this.#home.queues.give(queue));
    this.#ready.clear();
    this.#rejectReady(crewClosed());
    return refused;
  }

  #note(change: PostChange): void {
    if (change.what === "ready") this.#ready.add(change.threadId);
    else if (change.what === "died") this.#ready.delete(change.threadId);
    else {
      this.#failure = change;
      this.#rejectReady(change.error);
    }
    this.#settleReady();
  }

  /** Without threads there is one place: the calling thread, once it is set up. */
  get #isStaffed(): boolean {
    return this.#ready.size >= (this.#home.hasThreads ? this.#wanted : 1);
  }

  #settleReady(): void {
    if (!this.#isStaffed) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #rejectReady(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function crewClosed(): HeddleError {
  return new HeddleError("ERR_CLOSED", "its threads were stopped: it is closed");
}

function checkThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 0) throw invalidArg("threads", "a whole number from 0", threads);
}
