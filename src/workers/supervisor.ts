// The supervisor: starts the runtime's threads, sees them die, mends what they leave, and puts new ones in their place. It lives on the supervising
// thread and never blocks it.
//
//   start → ready → … tasks … → exit (or kill: fence → terminate → exit) → sweep → replacement, as long as the runtime is open
//
// Policies (strategies, intensity, back-off) build on this; here a light thread is replaced at once, a dedicated one when it is needed, and after
// BOOT_FAILURES deaths in a row during start nothing is started any more and what is queued is refused with the reason.

import type { Wire } from "../runtime/channel/index.ts";
import { describe, HeddleError } from "../runtime/errors.ts";
import * as L from "../runtime/memory/layout.ts";
import { slotAt, slotIndex, Thread } from "../runtime/memory/thread.ts";
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
  readonly queue: number;
  threadId: number;
  isReady: boolean;
  /** Why it was stopped on purpose. */
  killed: string | undefined;
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
  #failedStarts = 0;
  #isClosing = false;
  readonly deaths: Death[] = [];
  /** Why no thread can be started any more, once that is so and none is left. */
  failure: unknown;

  constructor(thread: Thread, wire: Wire, options: SupervisorOptions) {
    this.#thread = thread;
    this.#wire = wire;
    this.#options = options;
    thread.heap.u32[(L.QUEUE_DEDICATED_AT + L.QUEUE_LIMIT) >> 2] = options.maxDedicated; // before any other thread exists
    this.#threads = new Threads({
      min: options.threads,
      max: L.SLOT_COUNT,
      resourceLimits: options.resourceLimits,
      onExit: (exit) => this.#onExit(exit),
    });
  }

  /** Starts the light threads; resolves when all are ready. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.threads }, () => this.#spawn(L.QUEUE_LIGHT_AT)));
  }

  /** Threads that are ready. */
  get ready(): Member[] {
    return [...this.#members.values()].filter((member) => member.isReady);
  }

  async #spawn(queue: number): Promise<void> {
    const slot = this.#freeSlots.pop() ?? slotAt(this.#slotsOpened++);
    if (slotIndex(slot) >= L.SLOT_COUNT) throw new HeddleError("ERR_THREAD_START", `expected at most ${L.SLOT_COUNT} threads in a runtime`);
    const { heap } = this.#thread;
    const epoch = Thread.open(heap, slot);
    heap.u32[(slot + L.SLOT_QUEUE) >> 2] = queue;
    Atomics.store(heap.i32, L.HEAP_SLOTS_AT >> 2, this.#slotsOpened);
    const member: Member = {
      slot,
      queue,
      threadId: 0,
      isReady: false,
      killed: undefined,
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
        queue,
        limit: queue === L.QUEUE_DEDICATED_AT ? 1 : Number.MAX_SAFE_INTEGER,
        main: new URL(import.meta.url.endsWith(".ts") ? "./thread-main.ts" : "./thread-main.js", import.meta.url).href,
      });
      member.isReady = true;
      this.#failedStarts = 0;
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
    if (this.#isClosing || this.#failedStarts >= BOOT_FAILURES) return;
    const busy = Atomics.load(this.#thread.heap.i32, (L.QUEUE_DEDICATED_AT + L.QUEUE_BUSY) >> 2);
    this.#fill(L.QUEUE_DEDICATED_AT, busy);
    this.#fill(L.QUEUE_LIGHT_AT, this.#options.threads);
  }

  #fill(queue: number, wanted: number): void {
    let have = 0;
    for (const member of this.#members.values()) if (member.queue === queue && !member.isFenced) have++;
    for (; have < wanted; have++) void this.#spawn(queue).catch((error: unknown) => this.#onFailedStart(error));
  }

  #onFailedStart(error: unknown): void {
    this.#failedStarts++;
    if (this.#failedStarts < BOOT_FAILURES) {
      this.check();
    } else if (this.ready.length === 0) {
      this.failure = error;
      refuseQueued(this.#thread); // nobody will ever start them
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
    if (!this.#isClosing) this.deaths.push({ threadId: member.threadId, reason, tasksLost: member.tasksLost });
  }

  /** Kills a thread: fence → mend → terminate; its slot is reused after its exit. False if there is no such thread. */
  kill(threadId: number, reason: string): boolean {
    for (const member of this.#members.values()) {
      if (member.threadId !== threadId || member.isFenced) continue;
      member.killed = reason;
      this.#fence(member, reason);
      this.#threads.terminate(threadId);
      this.check();
      return true;
    }
    return false;
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
