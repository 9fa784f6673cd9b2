// The supervisor: starts the runtime's threads, sees them die, and puts new ones in their place. It lives on the supervising thread and never blocks it.
//
//   start → ready → … tasks … → the end (endings.ts) → replacement, as long as the runtime is open
//
// Every thread is at a post: it serves one queue. Policies (strategies, intensity) build on this; here a thread that was ready is replaced at once where
// it is needed, and starts that fail are spaced and then paused (starts.ts), with what is queued refused for that reason.

import type { Wire } from "../runtime/channel/index.ts";
import { now } from "../runtime/clock.ts";
import { HeddleError, TimeoutError } from "../runtime/errors.ts";
import * as L from "../runtime/memory/layout.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { type Death, inWords, reasonOf, thrownOf } from "./death.ts";
import { type Ended, Endings } from "./endings.ts";
import { settleLoops } from "./killable-loops.ts";
import type { Member } from "./member.ts";
import type { Post } from "./post.ts";
import { Roster } from "./roster.ts";
import type { Vitals } from "./seeing/vitals.ts";
import { Starts } from "./starts.ts";
import { failQueued } from "./sweep.ts";
import type { ThreadExit } from "./thread-order.ts";
import { Threads, type ThreadsOptions } from "./threads.ts";
import { Watchdog } from "./watchdog.ts";

export interface SupervisorOptions {
  readonly threads: number;
  readonly maxDedicated: number;
  /** What each thread imports first. */
  readonly init: string | undefined;
  /** How long a thread may take to be ready. */
  readonly startMs: number;
  /** How long a thread may take to exit once it was told to. */
  readonly terminateMs: number;
  /** A thread is ready; `isReplacement`: in the place of one that has died. */
  readonly onReady: (threadId: number, isReplacement: boolean) => void;
  readonly onDeath: (death: Death) => void;
  /** How much JavaScript heap a thread may use; Infinity: nobody looks. */
  readonly threadHeapBytes: number;
  readonly killableLoops: boolean | undefined;
  readonly resourceLimits: ThreadsOptions["resourceLimits"];
}

export class Supervisor {
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #options: SupervisorOptions;
  readonly #threads: Threads;
  readonly #roster: Roster;
  readonly #endings: Endings;
  readonly #watchdog: Watchdog | undefined;
  readonly #posts = new Map<Post, Starts>();
  readonly #light: Post;
  readonly #dedicated: Post;
  #failure: unknown;
  #isClosing = false;

  constructor(thread: Thread, wire: Wire, options: SupervisorOptions) {
    this.#thread = thread;
    this.#wire = wire;
    this.#options = options;
    thread.heap.u32[(L.QUEUE_DEDICATED_AT + L.QUEUE_LIMIT) >> 2] = options.maxDedicated; // before any other thread exists
    const plain = { setUp: undefined, onChange: undefined };
    this.#light = { queue: L.QUEUE_LIGHT_AT, limit: Number.MAX_SAFE_INTEGER, wanted: () => options.threads, ...plain };
    this.#dedicated = { queue: L.QUEUE_DEDICATED_AT, limit: 1, wanted: () => this.#admitted, ...plain };
    for (const post of [this.#dedicated, this.#light]) this.#posts.set(post, new Starts(false));
    settleLoops(options.killableLoops);
    this.#threads = new Threads({ max: L.SLOT_COUNT, resourceLimits: options.resourceLimits, onExit: (exit) => this.#onExit(exit) });
    this.#roster = new Roster(thread);
    this.#endings = new Endings(thread, wire, this.#roster, this.#threads, options.terminateMs, options.onDeath);
    if (options.threadHeapBytes === Number.POSITIVE_INFINITY) return;
    this.#watchdog = new Watchdog(thread, this.#roster, this.#threads, options.threadHeapBytes, (member, usedBytes) => {
      this.#endings.stop(member, { kind: "out-of-memory", thrown: undefined, usedBytes });
      this.check();
    });
  }

  /** Starts the light threads; resolves when all are ready. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.threads }, () => this.#spawn(this.#light)));
  }

  /** Has a queue served by threads of its own from now on. */
  open(post: Post): void {
    this.#posts.set(post, new Starts(true));
    this.check();
  }

  /** Nobody serves it any more: its threads are stopped; resolves when the last has exited, or is a zombie. */
  async leave(post: Post): Promise<void> {
    this.#posts.delete(post);
    const going = this.#roster.at(post).filter((member) => member.state !== "zombie");
    await Promise.all(
      going.map(
        (member) =>
          new Promise<void>((resolve) => {
            member.onGone = resolve;
            this.#dismiss(member, "its queue was closed");
          }),
      ),
    );
  }

  /** Stops a thread that is not wanted any more, which is no death. False if there is no such thread. */
  dismiss(threadId: number): boolean {
    const member = this.#roster.find(threadId);
    if (!member || member.isFenced) return false;
    this.#dismiss(member, "dismissed");
    return true;
  }

  #dismiss(member: Member, why: string): void {
    member.isDismissed = true;
    this.#endings.stop(member, { kind: "killed", why });
  }

  /** Kills a thread, also one that is still starting; its slot is reused after its exit. False if there is no such thread. */
  kill(threadId: number, why: string): boolean {
    const member = this.#roster.find(threadId);
    if (!member || member.isFenced) return false;
    this.#endings.stop(member, { kind: "killed", why });
    this.check();
    return true;
  }

  /** Kills the thread that runs a task, if it still does. The task hears of it last: by then it is known whether the thread has exited. */
  killTask(record: number, gen: number, why: string): void {
    const { i32, u32 } = this.#thread.heap;
    if (Atomics.load(i32, (record + L.TASK_STATE) >> 2) !== L.TASK_RUNNING || i32[(record + L.TASK_GEN) >> 2] !== gen) return;
    const slot = u32[(record + L.TASK_OWNER) >> 2]!;
    const epoch = i32[(record + L.TASK_OWNER_EPOCH) >> 2]!;
    const member = this.#roster.all.find((one) => one.slot === slot && one.epoch === epoch);
    if (!member) return;
    this.#endings.stop(member, { kind: "killed", why }, record);
    this.check();
  }

  /** Dedicated tasks that have a right to a thread. */
  get #admitted(): number {
    return Atomics.load(this.#thread.heap.i32, (L.QUEUE_DEDICATED_AT + L.QUEUE_BUSY) >> 2);
  }

  /** A thread is on its way in or out. */
  get isChanging(): boolean {
    return this.#roster.in("starting").length > 0 || this.#roster.in("ending").length > 0;
  }

  vitals(threadId: number): Promise<Vitals | undefined> {
    return this.#threads.vitals(threadId);
  }

  /** Threads that are ready. */
  get ready(): Member[] {
    return this.#roster.in("ready");
  }

  /** Node's ids of threads that are not ready yet. */
  get startingIds(): number[] {
    return this.#roster.in("starting").map((member) => member.threadId);
  }

  /** Node's ids of threads that were told to stop and have not exited in time. */
  get zombies(): number[] {
    return this.#roster.in("zombie").map((member) => member.threadId);
  }

  get deaths(): readonly Death[] {
    return this.#endings.deaths;
  }

  /** Why no light thread is there and none will be started for now. When it is time for another try, makes it. */
  get failure(): unknown {
    if (this.#failure === undefined || this.#posts.get(this.#light)?.isPaused) return this.#failure;
    this.#failure = undefined;
    this.check();
    return undefined;
  }

  /** Starts threads where posts miss some. Called whenever the supervising thread was woken. */
  check(): void {
    this.#roster.collectLate();
    if (this.#isClosing) return;
    for (const [post, starts] of this.#posts) {
      const members = this.#roster.at(post).filter((member) => !member.isFenced);
      const starting = members.filter((member) => member.state === "starting").length;
      for (let due = starts.allowed(post.wanted() - members.length, starting); due > 0; due--) {
        void this.#spawn(post).catch((error: unknown) => this.#onFailedStart(post, error));
      }
    }
  }

  async #spawn(post: Post): Promise<void> {
    const member = this.#roster.enlist(post);
    const { slot, epoch } = member;
    const { queue, limit, setUp } = post;
    const main = new URL(import.meta.url.endsWith(".ts") ? "./thread-main.ts" : "./thread-main.js", import.meta.url).href;
    const { init, startMs, threadHeapBytes } = this.#options;
    try {
      const { threadId, ready } = this.#threads.start({
        memory: this.#thread.heap.memory,
        slot,
        epoch,
        queue,
        limit,
        init,
        startMs,
        threadHeapBytes,
        setUp,
        main,
      });
      member.threadId = threadId;
      const failure = await this.#inTime(ready);
      if (failure) throw this.#wire.decode(failure);
    } catch (thrown) {
      this.#endings.stop(member, { kind: "init", thrown }); // if it has exited, the exit has told more
      const reason = member.reason!;
      if (member.threadId === 0) this.#endings.exited(member, reason); // there never was one
      if (reason.kind === "killed" || reason.kind === "zombie") return; // whoever killed it has seen to what follows
      throw new HeddleError("ERR_THREAD_START", `thread ${member.threadId} died while it started: ${inWords(reason)}`, {
        cause: thrownOf(reason) ?? thrown,
      });
    }
    if (member.isFenced) return;
    member.state = "ready";
    member.wasReady = true;
    this.#posts.get(post)?.succeeded();
    this.#options.onReady(member.threadId, this.#endings.takesPlace(post));
    post.onChange?.({ what: "ready", threadId: member.threadId });
  }

  /** Settles as `ready` does, and rejects when that takes too long. */
  #inTime<T>(ready: Promise<T>): Promise<T> {
    const { startMs } = this.#options;
    return new Promise((resolve, reject) => {
      const tooLate = () => reject(new TimeoutError(`expected it to be ready within ${startMs} ms, and it is not`));
      const timer = this.#thread.timers.add(now() + startMs, tooLate);
      void ready.then(resolve, reject).finally(() => this.#thread.timers.cancel(timer));
    });
  }

  #onFailedStart(post: Post, error: unknown): void {
    const starts = this.#posts.get(post);
    if (!starts || this.#isClosing) return; // nobody serves it any more
    const delayMs = starts.failed();
    if (Number.isFinite(delayMs)) this.#thread.timers.add(now() + delayMs, () => this.check()); // what comes meanwhile may wait for nothing else
    if (!starts.isPaused) return;
    const isServed = this.#roster.at(post).some((member) => member.state === "ready");
    if (isServed && post !== this.#dedicated) return; // a dedicated task counts on a thread of its own
    if (post === this.#light) this.#failure = error;
    failQueued(this.#thread, post.queue, this.#wire.encodeError(error));
    post.onChange?.({ what: "failed", error });
  }

  #onExit(exit: ThreadExit): void {
    const member = this.#roster.find(exit.threadId);
    if (this.#thread.isClosed) {
      if (member) this.#roster.strike(member); // the heap is nobody's any more
      return;
    }
    if (member) this.#endings.exited(member, reasonOf(exit));
    this.check();
  }

  /** Stops all threads for good; resolves when they have exited, or at `untilMs` (performance.now()'s clock). */
  close(untilMs: number): Promise<Ended> {
    this.#isClosing = true;
    this.#watchdog?.stop();
    return this.#endings.stopAll(untilMs);
  }
}
