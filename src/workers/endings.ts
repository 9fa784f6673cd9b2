// How threads end: fence → mend → terminate → exit → mend the rest; and what is told of it.
//
//   exit by itself ──▶ fence ──────────────┬──▶ bury: slot free
//   stop: fence ──▶ terminate ──▶ exit ────┘        ▲
//                            └─ not in time ─▶ zombie ─ should it exit after all
//
// Invariants
//   1. Whoever waits for a thread's tasks hears of its end at the fence, before its exit; only the task for whose sake it was stopped is told at the exit or
//      the deadline, whether it was killed or is a zombie. Nobody waits longer than that.
//   2. From the fence on nothing the thread does reaches the others. A slot is used again only after its thread's exit (docs/core.md).

import type { Wire } from "../runtime/channel/index.ts";
import { now } from "../runtime/clock.ts";
import { HeddleError } from "../runtime/errors.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { type Death, type DeathReason, inWords, thrownOf } from "./death.ts";
import type { Member } from "./member.ts";
import type { Post } from "./post.ts";
import type { Roster } from "./roster.ts";
import { abandonHeld, failTasks, sweepExited, sweepShared } from "./sweep.ts";
import type { Threads } from "./threads.ts";

const MOST_DEATHS_KEPT = 1_000;

/** How a close ended the threads. */
export interface Ended {
  /** Running tasks that ended with them. */
  readonly tasks: number;
  /** Threads that were stopped in the middle of a task. */
  readonly killed: number;
  /** Node's ids of those among them, and of earlier ones, that have not exited. */
  readonly zombies: readonly number[];
}

export class Endings {
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #roster: Roster;
  readonly #threads: Threads;
  readonly #terminateMs: number;
  readonly #onDeath: (death: Death) => void;
  #isClosing = false;
  #onGone: (() => void) | undefined;
  readonly deaths: Death[] = [];
  /** Threads that have died at a post and whose place nobody has taken. */
  readonly #vacant = new WeakMap<Post, number>();

  constructor(thread: Thread, wire: Wire, roster: Roster, threads: Threads, terminateMs: number, onDeath: (death: Death) => void) {
    this.#thread = thread;
    this.#wire = wire;
    this.#roster = roster;
    this.#threads = threads;
    this.#terminateMs = terminateMs;
    this.#onDeath = onDeath;
  }

  /** Fences a thread, mends what others see of it and tells it to stop. The task `last` hears of it last. Second call: nothing. */
  stop(member: Member, reason: DeathReason, last = 0): void {
    if (member.isFenced) return;
    this.#fence(member, reason, last);
    this.#threads.terminate(member.threadId);
    member.deadline = this.#thread.timers.add(now() + this.#terminateMs, () => this.#giveUp(member));
  }

  /** A thread is ready at a post: whether it takes the place of one that has died there. */
  takesPlace(post: Post): boolean {
    const vacant = this.#vacant.get(post) ?? 0;
    if (vacant > 0) this.#vacant.set(post, vacant - 1);
    return vacant > 0;
  }

  /** It has exited; `reason` counts if nobody had stopped it. */
  exited(member: Member, reason: DeathReason): void {
    this.#fence(member, reason);
    if (member.deadline) this.#thread.timers.cancel(member.deadline);
    member.tasksLost += sweepExited(this.#thread, member.slot, member.cause);
    this.#roster.strike(member);
    const wasZombie = member.state === "zombie";
    member.state = "buried";
    if (!wasZombie) this.#report(member);
  }

  #fence(member: Member, reason: DeathReason, last = 0): void {
    if (member.isFenced) return;
    member.state = "ending";
    member.reason = reason;
    member.owesAnswer = last !== 0;
    this.#thread.call("fence", (fn) => fn.fence(member.slot));
    member.cause = this.#causeOf(member, reason);
    member.tasksLost += sweepShared(this.#thread, member.slot, member.cause, false, last);
  }

  #causeOf({ threadId, wasReady }: Member, reason: DeathReason): Uint8Array {
    const thrown = thrownOf(reason);
    const error = new HeddleError(
      "ERR_THREAD_DIED",
      `thread ${threadId} died${wasReady ? "" : " while it started"}: ${inWords(reason)}`,
      thrown === undefined ? undefined : { cause: thrown },
    );
    return this.#wire.encodeError(Object.assign(error, { threadId, kind: reason.kind }));
  }

  /** It was told to stop and has not. */
  #giveUp(member: Member): void {
    const reason: DeathReason = { kind: "zombie", why: inWords(member.reason!) };
    member.state = "zombie";
    member.reason = reason;
    member.cause = this.#causeOf(member, reason);
    member.tasksLost += failTasks(this.#thread, member.slot, member.cause);
    abandonHeld(this.#thread, member.slot);
    this.#threads.abandon(member.threadId);
    this.#report(member);
  }

  #report(member: Member): void {
    const { threadId, tasksLost, post, wasReady } = member;
    const reason = member.reason!;
    if (!this.#isClosing && !member.isDismissed) {
      const text = inWords(reason);
      const death: Death = { threadId, reason, text, duringStart: !wasReady, tasksLost };
      this.deaths.push(death);
      this.#vacant.set(post, (this.#vacant.get(post) ?? 0) + 1);
      this.#onDeath(death);
      if (this.deaths.length > MOST_DEATHS_KEPT) this.deaths.shift();
      post.onChange?.({ what: "died", threadId, reason: text, error: thrownOf(reason) });
    }
    member.onGone?.();
    this.#onGone?.();
  }

  /** Stops all threads; resolves when they have exited, or are zombies, at `untilMs` (performance.now()'s clock) at the latest. */
  async stopAll(untilMs: number): Promise<Ended> {
    this.#isClosing = true;
    let tasks = 0;
    let killed = 0;
    for (const member of this.#roster.all) {
      const before = member.tasksLost;
      this.stop(member, { kind: "killed", why: "the runtime was closed" });
      tasks += member.tasksLost - before;
      if (member.tasksLost > before) killed++;
    }
    await this.#allGone(untilMs);
    for (const member of this.#roster.all) {
      if (member.deadline) this.#thread.timers.cancel(member.deadline);
      this.#threads.abandon(member.threadId);
      if (member.tasksLost > 0 || member.owesAnswer) member.state = "zombie"; // one that was idle is only late
      member.onGone?.();
    }
    return { tasks, killed, zombies: this.#roster.in("zombie").map((member) => member.threadId) };
  }

  #allGone(untilMs: number): Promise<void> {
    const areGone = () => this.#roster.in("ending").length === 0;
    if (areGone()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#thread.timers.add(untilMs, resolve);
      this.#onGone = () => {
        if (!areGone()) return;
        this.#thread.timers.cancel(timer);
        resolve();
      };
    });
  }
}
