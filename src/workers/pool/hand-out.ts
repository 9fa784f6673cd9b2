// Handing out: which waiting call goes to which desk, and how many of them ahead.
//
// Invariants
//   1. What is issued in one turn is handed out together: once, after the code that issued it.
//   2. While a desk is free no call waits that it could run; of those sent ahead to another desk this holds after STEAL_MS.

import { now } from "../../runtime/clock.ts";
import { invalidArg } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { TimerEntry } from "../../runtime/timer-wheel.ts";
import type { CallQueue } from "./call-queue.ts";
import type { Desk } from "./desk.ts";
import { MessageWriter } from "./message-writer.ts";
import { ENDED, type PoolCall, QUEUED, type Turn } from "./pool-call.ts";

/** A call that was sent ahead waits so long, at most, behind another while somebody is free. */
const STEAL_MS = 2;
const MOST_FUNCTIONS = 0xffff;
/** Characters, so that the bytes can be counted in 16 bits. */
const MOST_NAME = 21_845;

export interface HandOutHooks {
  desks(): readonly Desk[];
  retire(desk: Desk): void;
  /** Desks have been given calls. */
  onSent(): void;
  /** The heap has no room for a call. */
  onUnsent(call: PoolCall, error: unknown): void;
}

export class HandOut {
  /** Names of the functions called so far, by number. */
  readonly names: string[] = [];
  readonly #thread: Thread;
  readonly #queue: CallQueue;
  /** A desk that has had calls and is so old gets no more. */
  readonly #ageMs: number;
  readonly #hooks: HandOutHooks;
  readonly #writer = new MessageWriter();
  readonly #flush = () => this.#handOut();
  /** The lowest priority that may have been sent ahead; a call of a higher one has come since. */
  #lowestAhead = Number.POSITIVE_INFINITY;
  #isPassing = false;
  #isFlushDue = false;
  #turn: Turn = { atMs: 0 };
  #timer: TimerEntry | undefined;

  constructor(thread: Thread, queue: CallQueue, ageMs: number, hooks: HandOutHooks) {
    this.#thread = thread;
    this.#queue = queue;
    this.#ageMs = ageMs;
    this.#hooks = hooks;
  }

  get #desks(): readonly Desk[] {
    return this.#hooks.desks();
  }

  /** The number of a function. */
  name(name: string): number {
    if (this.names.length >= MOST_FUNCTIONS) throw invalidArg("call", `at most ${MOST_FUNCTIONS} functions`, name);
    if (name.length > MOST_NAME) throw invalidArg("call", `a name of at most ${MOST_NAME} characters`, `one of ${name.length}`);
    return this.names.push(name) - 1;
  }

  /** The turn in which calls are issued now. */
  get turn(): Turn {
    if (!this.#isFlushDue) this.#turn = { atMs: now() };
    return this.#turn;
  }

  /** A call waits, its state being QUEUED. */
  push(call: PoolCall): void {
    if (call.settings.priority > this.#lowestAhead) this.#isPassing = true;
    this.#queue.push(call);
    this.schedule();
  }

  /** Calls that were sent ahead and not begun stand in front of the queue again, in their order. */
  putBack(calls: readonly PoolCall[]): void {
    this.#return(calls);
    if (calls.length > 0) this.schedule();
  }

  /** Takes back what desks have not begun. */
  reclaim(desks: readonly Desk[]): void {
    this.putBack(unbegunOf(desks));
  }

  #return(calls: readonly PoolCall[]): void {
    for (let i = calls.length - 1; i >= 0; i--) {
      const call = calls[i]!;
      if (call.state === ENDED) continue;
      call.state = QUEUED;
      this.#queue.putBack(call);
    }
  }

  /** Hands out what waits, after the code that runs now. */
  schedule(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(this.#flush);
  }

  #handOut(): void {
    this.#isFlushDue = false;
    if (this.#queue.length === 0) return;
    const desks = this.#desks;
    if (this.#isPassing) this.#reorder();
    const nowMs = now();
    for (const desk of desks) desk.look();
    for (let desk = this.#freest(nowMs); desk; desk = this.#freest(nowMs)) {
      const call = this.#queue.take(desk.lane);
      if (call) this.#give(desk, call, nowMs);
      else desk.isPassedOver = true;
    }
    for (const desk of desks) {
      desk.isPassedOver = false;
      this.#send(desk, nowMs);
    }
    this.#hooks.onSent();
    if (this.#queue.length > 0 && desks.some((desk) => desk.isClogged)) this.#lookLater(nowMs);
  }

  /** What was sent ahead stands in the queue again, where a call of a higher priority passes it. */
  #reorder(): void {
    this.#return(unbegunOf(this.#desks.filter((desk) => desk.length > 1)));
    this.#isPassing = false;
    this.#lowestAhead = Number.POSITIVE_INFINITY;
  }

  #give(desk: Desk, call: PoolCall, nowMs: number): void {
    const { priority } = call.settings;
    if (priority < this.#lowestAhead) this.#lowestAhead = priority;
    desk.add(call, nowMs);
  }

  #freest(nowMs: number): Desk | undefined {
    if (this.#queue.length === 0) return undefined;
    let freest: Desk | undefined;
    for (const desk of this.#desks) {
      if (!desk.hasRoom || desk.isPassedOver) continue;
      if (desk.length === 0 && desk.answered > 0 && nowMs - desk.openedAtMs >= this.#ageMs) this.#hooks.retire(desk);
      else if (!freest || desk.expectedUs < freest.expectedUs) freest = desk;
      if (freest?.length === 0) return freest;
    }
    return freest;
  }

  #send(desk: Desk, nowMs: number): void {
    try {
      desk.send(this.#writer, this.names);
    } catch (error) {
      this.#sendSingly(desk, desk.unsend(), nowMs, error);
    }
    this.#writer.trim();
  }

  /** The heap has no room for all of them: one by one, so that only those fail that are too large. */
  #sendSingly(desk: Desk, calls: readonly PoolCall[], nowMs: number, error: unknown): void {
    if (calls.length === 1) this.#hooks.onUnsent(calls[0]!, error);
    else {
      for (const call of calls) {
        desk.add(call, nowMs);
        this.#send(desk, nowMs);
      }
    }
  }

  /** Somebody is free: what stands behind a call that takes long goes back to the queue. */
  share(): void {
    if (this.#queue.length > 0 || !this.#desks.some((desk) => desk.hasRoom && desk.length === 0)) return;
    const nowMs = now();
    const isDue = (desk: Desk) => nowMs - desk.firstSinceMs >= STEAL_MS;
    const behind = this.#desks.filter((desk) => desk.length >= 2);
    this.reclaim(behind.filter(isDue));
    if (!behind.every(isDue)) this.#lookLater(nowMs);
  }

  #lookLater(nowMs: number): void {
    this.#timer ??= this.#thread.timers.add(nowMs + STEAL_MS, () => {
      this.#timer = undefined;
      this.share();
      this.schedule();
    });
  }

  stop(): void {
    if (this.#timer) this.#thread.timers.cancel(this.#timer);
    this.#timer = undefined;
  }
}

/** What desks have not begun, taken back from all of them, in the order in which it was issued. */
function unbegunOf(desks: readonly Desk[]): PoolCall[] {
  return desks.flatMap((desk) => desk.takeBack()).sort((a, b) => a.number - b.number);
}
