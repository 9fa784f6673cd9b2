// The supervisor: starts the runtime's threads, sees them die, mends what they leave, and puts new ones in their place. It lives on the supervising
// thread and never blocks it.
//
//   start → ready → … tasks … → exit (or kill: fence → terminate → exit) → sweep → replacement, as long as the runtime is open
//
// Every thread is at a post: it serves one queue. Policies (strategies, intensity, back-off) build on this; here a light thread and one of a crew is
// replaced at once, a dedicated one when it is needed, and after BOOT_FAILURES deaths in a row during start nothing is started at that post any more
// and what is queued there is refused with the reason.

import type { Wire } from "../runtime/channel/index.ts";
import { describe, HeddleError } from "../runtime/errors.ts";
import * as L from "../runtime/memory/layout.ts";
import { slotAt, slotIndex, Thread } from "../runtime/memory/thread.ts";
import type { Post } from "./post.ts";
import { collectLate, refuseQueued, sweepExited, sweepShared } from "./sweep.ts";
import type { ThreadExit } from "./thread-order.ts";
import { Threads, type ThreadsOptions } from "./threads.ts";

const BOOT_FAILURES = 3;

export interface SupervisorOptions {
  readonly threads: number;
  readonly maxDedicated: number;
  readonly resourceLimits: ThreadsOptions["resourceLimits"];
}

export interface Death {
  /** Node's id of the thread. */
  readonly threadId: number;
  readonly reason: string;
  readonly tasksLost: number;
}

interface Member {
  readonly slot: number;
  readonly post: Post;
  threadId: number;
  isReady: boolean;
  /** It is not wanted any more: its end is no death. */
  isDismissed: boolean;
  /** Why it was stopped on purpose. */
  killed: string | undefined;
  onBuried: (() => void) | undefined;
  isFenced: boolean;
  /** What its tasks' joiners are told, encoded; set by the fence. */
  cause: Uint8Array;
  tasksLost: number;
}

export class Supervisor {
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #options: SupervisorOptions;
  readonly #threads: Threads;
  readonly #members = new Map<number, Member>();
  readonly #freeSlots: number[] = [];
  #slotsOpened = 1; // the supervising thread's own
  /** And how often a start has failed there since one has not. */
  readonly #posts = new Map<Post, number>();
  readonly #light: Post;
  #isClosing = false;
  readonly deaths: Death[] = [];
  /** Why no thread can be started any more, once that is so and none is left. */
  failure: unknown;

  constructor(thread: Thread, wire: Wire, options: SupervisorOptions) {
    this.#thread = thread;
    this.#wire = wire;
    this.#options = options;
    thread.heap.u32[(L.QUEUE_DEDICATED_AT + L.QUEUE_LIMIT) >> 2] = options.maxDedicated; // before any other thread exists
    const plain = { setUp: undefined, onChange: undefined };
    this.#light = { queue: L.QUEUE_LIGHT_AT, limit: Number.MAX_SAFE_INTEGER, wanted: () => options.threads, ...plain };
    this.#posts.set({ queue: L.QUEUE_DEDICATED_AT, limit: 1, wanted: () => this.#admitted, ...plain }, 0);
    this.#posts.set(this.#light, 0);
    this.#threads = new Threads({
      min: options.threads,
      max: L.SLOT_COUNT,
      resourceLimits: options.resourceLimits,
      onExit: (exit) => this.#onExit(exit),
    });
  }

  /** Starts the light threads; resolves when all are ready. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.threads }, () => this.#spawn(this.#light)));
  }

  /** Has a queue served by threads of its own from now on. */
  open(post: Post): void {
    this.#posts.set(post, 0);
    this.check();
  }

  /** Nobody serves it any more: its threads are stopped; resolves when the last has exited. */
  async leave(post: Post): Promise<void> {
    this.#posts.delete(post);
    const members = this.#at(post);
    await Promise.all(
      members.map(
        (member) =>
          new Promise<void>((resolve) => {
            member.onBuried = resolve;
            this.#stop(member, "its queue was closed");
          }),
      ),
    );
  }

  /** Stops a thread that is not wanted any more, which is no death. False if there is no such thread. */
  dismiss(threadId: number): boolean {
    const member = this.#find(threadId);
    if (member) this.#stop(member, "dismissed");
    return member !== undefined;
  }

  #stop(member: Member, reason: string): void {
    member.isDismissed = true;
    if (member.killed !== undefined) return;
    member.killed = reason;
    if (member.threadId === 0) return; // still starting: its start sees to it
    this.#fence(member, reason);
    this.#threads.terminate(member.threadId);
  }

  #find(threadId: number): Member | undefined {
    for (const member of this.#members.values()) if (member.threadId === threadId && !member.isFenced) return member;
    return undefined;
  }

  #at(post: Post): Member[] {
    return [...this.#members.values()].filter((member) => member.post === post);
  }

  /** Dedicated tasks that have a right to a thread. */
  get #admitted(): number {
    return Atomics.load(this.#thread.heap.i32, (L.QUEUE_DEDICATED_AT + L.QUEUE_BUSY) >> 2);
  }

  /** A thread is on its way in or out. */
  get isChanging(): boolean {
    for (const member of this.#members.values()) if (!member.isReady) return true;
    return false;
  }

  /** Threads that are ready. */
  get ready(): Member[] {
    return [...this.#members.values()].filter((member) => member.isReady);
  }

  async #spawn(post: Post): Promise<void> {
    const slot = this.#freeSlots.pop() ?? slotAt(this.#slotsOpened++);
    if (slotIndex(slot) >= L.SLOT_COUNT) throw new HeddleError("ERR_THREAD_START", `expected at most ${L.SLOT_COUNT} threads in a runtime`);
    const { heap } = this.#thread;
    const epoch = Thread.open(heap, slot);
    heap.u32[(slot + L.SLOT_QUEUE) >> 2] = post.queue;
    Atomics.store(heap.i32, L.HEAP_SLOTS_AT >> 2, this.#slotsOpened);
    const member: Member = {
      slot,
      post,
      threadId: 0,
      isReady: false,
      isDismissed: false,
      killed: undefined,
      onBuried: undefined,
      isFenced: false,
      cause: new Uint8Array(),
      tasksLost: 0,
    };
    this.#members.set(slot, member);
    try {
      member.threadId = await this.#threads.start({
        memory: heap.memory,
        slot,
        epoch,
        queue: post.queue,
        limit: post.limit,
        setUp: post.setUp,
        main: new URL(import.meta.url.endsWith(".ts") ? "./thread-main.ts" : "./thread-main.js", import.meta.url).href,
      });
      if (member.isDismissed) {
        this.#fence(member, member.killed!);
        this.#threads.terminate(member.threadId);
        return;
      }
      member.isReady = true;
      if (this.#posts.has(post)) this.#posts.set(post, 0);
      post.onChange?.({ what: "ready", threadId: member.threadId });
    } catch (error) {
      // A thread that never wrote its id never touched the slot; any other is swept when it has exited, if it was not already.
      const threadId = heap.i32[(slot + L.SLOT_THREAD) >> 2]!;
      if (threadId === 0) this.#bury(member, "it died while it started");
      else this.#threads.terminate(threadId);
      throw error;
    }
  }

  /** Starts threads for admitted dedicated tasks that have none, and again for threads that are missing. Called whenever the supervising thread was woken. */
  check(): void {
    for (const slot of this.#freeSlots) collectLate(this.#thread, slot);
    if (this.#isClosing) return;
    for (const [post, failedStarts] of this.#posts) if (failedStarts < BOOT_FAILURES) this.#fill(post);
  }

  #fill(post: Post): void {
    const have = this.#at(post).filter((member) => !member.isFenced && !member.isDismissed).length;
    for (let missing = post.wanted() - have; missing > 0; missing--) {
      void this.#spawn(post).catch((error: unknown) => this.#onFailedStart(post, error));
    }
  }

  #onFailedStart(post: Post, error: unknown): void {
    const failures = this.#posts.get(post);
    if (failures === undefined) return; // nobody serves it any more
    this.#posts.set(post, failures + 1);
    if (failures + 1 < BOOT_FAILURES) {
      this.check();
    } else if (!this.#at(post).some((member) => member.isReady)) {
      if (post === this.#light) this.failure = error;
      refuseQueued(this.#thread, post.queue); // nobody will ever start them
      post.onChange?.({ what: "failed", error });
    }
  }

  #onExit(exit: ThreadExit): void {
    const { heap } = this.#thread;
    if (this.#thread.isClosed) return;
    for (const member of this.#members.values()) {
      if (heap.i32[(member.slot + L.SLOT_THREAD) >> 2] !== exit.threadId) continue;
      member.threadId = exit.threadId;
      this.#bury(member, member.killed ?? reasonOf(exit), exit.error?.thrown);
      break;
    }
    this.check();
  }

  /** Fences a thread and mends what others see of it. Its promises settle with `reason` before it has exited. */
  #fence(member: Member, reason: string, thrown?: unknown): void {
    if (member.isFenced) return;
    member.isFenced = true;
    member.isReady = false;
    this.#thread.call("fence", (fn) => fn.fence(member.slot));
    const cause = new HeddleError(
      "ERR_THREAD_DIED",
      `thread ${member.threadId} died: ${reason}`,
      thrown === undefined ? undefined : { cause: thrown },
    );
    member.cause = this.#wire.encodeError(cause);
    member.tasksLost += sweepShared(this.#thread, member.slot, member.cause);
  }

  /** A thread has exited: mend, and free its slot. */
  #bury(member: Member, reason: string, thrown?: unknown): void {
    if (this.#members.get(member.slot) !== member) return; // buried before
    this.#fence(member, reason, thrown);
    member.tasksLost += sweepExited(this.#thread, member.slot, member.cause);
    this.#members.delete(member.slot);
    this.#freeSlots.push(member.slot);
    if (!this.#isClosing && !member.isDismissed) {
      this.deaths.push({ threadId: member.threadId, reason, tasksLost: member.tasksLost });
      member.post.onChange?.({ what: "died", threadId: member.threadId, reason, error: thrown });
    }
    member.onBuried?.();
  }

  /** Kills a thread: fence → mend → terminate; its slot is reused after its exit. False if there is no such thread. */
  kill(threadId: number, reason: string): boolean {
    const member = this.#find(threadId);
    if (!member) return false;
    member.killed = reason;
    this.#fence(member, reason);
    this.#threads.terminate(threadId);
    this.check();
    return true;
  }

  /** Stops all threads for good and sweeps them; answers how many tasks were still running. */
  async close(): Promise<number> {
    this.#isClosing = true;
    let lost = 0;
    for (const member of this.#members.values()) {
      this.#fence(member, "the runtime was closed");
      lost += member.tasksLost;
    }
    await this.#threads.destroy();
    return lost;
  }
}

function reasonOf(exit: ThreadExit): string {
  if (exit.error) {
    const { thrown } = exit.error;
    const code = (thrown as { code?: unknown } | null)?.code;
    if (code === "ERR_WORKER_OUT_OF_MEMORY") return "out of memory";
    return `uncaught ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : describe(thrown)}`;
  }
  if (exit.code === 13) return "an await that can never settle (exit code 13)";
  return `exit code ${exit.code}`;
}
