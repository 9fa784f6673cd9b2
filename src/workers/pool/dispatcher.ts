// The dispatcher: lets calls in, hands them to whoever is free, and ends each of them once.
//
//   submit ─▶ door (maxQueue, whenFull) ─▶ queue (lanes, priorities) ─▶ desks (some ahead, if calls are short) ─▶ answers ─▶ settle
//                                             ▲────────── taken back: a thread died, a timeout, an abort, somebody else is free ──┘
//
// Invariants
//   1. `#pending` are the calls let in and not ended; one that has ended and still runs is none of them.
//   2. What is issued in one turn is handed out together: once, after the code that issued it.
//   3. While a desk is free, no call waits that it could run; of those sent ahead to a busy desk this holds after STEAL_MS.

import { now } from "../../runtime/clock.ts";
import { HeddleError } from "../../runtime/errors.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { CrewHome } from "../crew.ts";
import { CallTimings } from "../seeing/timings.ts";
import { CallQueue } from "./call-queue.ts";
import type { Desk, Left } from "./desk.ts";
import { Door } from "./door.ts";
import { HandOut } from "./hand-out.ts";
import { ENDED, OUTSIDE, type PoolCall, QUEUED, type Seat } from "./pool-call.ts";
import type { PoolSettings } from "./settings.ts";
import { lossOf, settle } from "./settle.ts";
import { Staff } from "./staff.ts";
import { Tally } from "./tally.ts";
import { Watchdog } from "./watchdog.ts";
import { type Answer, ERROR, NO_ROOM, VALUE } from "./wire.ts";

export interface DispatcherHooks {
  /** Runs a call on this thread, and settles it. */
  runHere(call: PoolCall): void;
  decode(bytes: Uint8Array): unknown;
  /** A desk has opened, or none does any more (`error`). */
  onStaff(error?: Error): void;
}

export class Dispatcher {
  readonly tally = new Tally();
  /** Where the runtime's option `timings` is on. */
  readonly timings: CallTimings | undefined;
  readonly door: Door;
  readonly staff: Staff;
  readonly handOut: HandOut;
  readonly #thread: Thread;
  readonly #settings: PoolSettings;
  readonly #hooks: DispatcherHooks;
  readonly #queue: CallQueue;
  readonly #watchdog: Watchdog;
  #onDrained: (() => void) | undefined;
  /** Why no call is let in any more. */
  #closed: Error | undefined;

  constructor(home: CrewHome, thread: Thread, url: string, settings: PoolSettings, hooks: DispatcherHooks) {
    this.timings = (thread.heap.u32[S.HEAP_WATCHED_AT >> 2]! & S.WATCH_TIMES) === 0 ? undefined : new CallTimings();
    this.#thread = thread;
    this.#settings = settings;
    this.#hooks = hooks;
    this.door = new Door(settings.maxQueue, settings.threads);
    this.#queue = new CallQueue(settings.lanes.keys(), settings.ageingMs);
    this.#watchdog = new Watchdog(this, thread, settings.graceMs);
    this.handOut = new HandOut(thread, this.#queue, settings.recycle.ageMs, {
      desks: () => this.staff.desks,
      retire: (desk) => this.staff.retire(desk),
      onSent: () => this.#watchdog.arm(),
      onUnsent: (call, error) => {
        this.tally.failed++;
        if (this.end(call)) call.reject(error);
      },
    });
    this.staff = new Staff(home, thread, url, settings, {
      onOpen: () => {
        hooks.onStaff();
        this.handOut.schedule();
        this.handOut.share();
      },
      onAnswer: (desk, call, answer, nowMs) => this.#onAnswer(desk, call, answer, nowMs),
      onAnswers: (desk) => this.#onAnswers(desk),
      onLeft: (_, left) => this.#onLeft(left),
      onBroken: (error) => {
        this.refuseAll(error);
        hooks.onStaff(error);
      },
    });
  }

  /** Why no call is let in any more, undefined while they are. */
  get closed(): Error | undefined {
    return this.#closed;
  }

  /** Calls that run, as far as that is known. */
  get running(): number {
    return this.staff.desks.filter((desk) => desk.length > 0).length;
  }

  get queued(): number {
    return Math.max(0, this.door.inside - this.running);
  }

  /** Lets a call in, or does with it what the pool's policy says. */
  submit(call: PoolCall): void {
    if (this.#closed) {
      this.tally.refused++;
      call.state = ENDED;
      call.reject(this.#closed);
      return;
    }
    if (this.door.hasRoom) this.#letIn(call);
    else this.#turnAway(call);
    if (call.state !== ENDED) this.#watchdog.watch(call);
  }

  #letIn(call: PoolCall): void {
    this.door.inside++;
    this.tally.accepted++;
    call.state = QUEUED;
    this.handOut.push(call);
  }

  #turnAway(call: PoolCall): void {
    const { whenFull } = this.#settings;
    if (whenFull === "block") {
      call.state = OUTSIDE;
      this.door.queueUp(call);
    } else if (whenFull === "caller-runs") {
      this.tally.ranHere++;
      call.state = ENDED;
      this.#hooks.runHere(call);
    } else if (whenFull === "reject") {
      this.tally.refused++;
      call.state = ENDED;
      call.reject(
        new HeddleError("ERR_QUEUE_FULL", `${call.fn.name}: ${this.door.inside} calls run or wait, and ${this.door.capacity} may`),
      );
    } else this.#drop(call, whenFull === "drop-oldest");
  }

  /** Makes room for a call at the cost of another, or of itself: whoever is of the lowest priority, and came first or last. */
  #drop(call: PoolCall, isOldest: boolean): void {
    this.handOut.reclaim(this.staff.desks);
    const lowest = this.#queue.lowest(isOldest);
    const difference = lowest === undefined ? 1 : lowest.settings.priority - call.settings.priority;
    const victim = difference < 0 || (difference === 0 && isOldest) ? lowest! : call;
    this.tally.dropped++;
    const error = new HeddleError("ERR_DROPPED", `${victim.fn.name}: dropped, since the queue was full (${this.#settings.whenFull})`);
    if (victim === call) {
      call.state = ENDED;
      call.reject(error);
      this.handOut.schedule();
      return;
    }
    this.end(victim);
    victim.reject(error);
    this.#letIn(call);
  }

  /** Moves a call to its end; false if it was there. The caller settles it. */
  end(call: PoolCall): boolean {
    const { state } = call;
    if (state === ENDED) return false;
    call.state = ENDED;
    if (state === QUEUED) this.#queue.leave(call);
    if (state === OUTSIDE) this.door.leave();
    else this.door.inside--;
    this.#watchdog.leave(call);
    if (state !== OUTSIDE) this.makeRoom();
    return true;
  }

  /** Lets in from outside what there is room for. */
  makeRoom(): void {
    for (let next = this.door.next(); next; next = this.door.next()) this.#letIn(next);
    this.door.tell();
  }

  /** Takes a call back from the desk it was sent to, if it has not begun. Answers whether it waits, here or outside. */
  hold(call: PoolCall): boolean {
    if (call.desk && call.state !== ENDED) this.reclaim(call.desk);
    return call.state === QUEUED || call.state === OUTSIDE;
  }

  reclaim(desk: Seat): void {
    this.handOut.putBack(desk.takeBack());
  }

  #onAnswer(desk: Desk, call: PoolCall, answer: Answer, nowMs: number): void {
    const { kind, ranMs } = answer;
    call.fn.learn(ranMs);
    const bytes = kind === VALUE || kind === ERROR ? desk.value() : undefined;
    if (!this.end(call)) return;
    const { tally } = this;
    tally.runMs += ranMs;
    tally.totalMs += nowMs - call.queuedAtMs;
    this.timings?.record(nowMs - call.queuedAtMs - ranMs, ranMs);
    if (kind === ERROR || kind === NO_ROOM) tally.failed++;
    else tally.succeeded++;
    settle(call, answer, bytes, this.#hooks.decode);
  }

  #onAnswers(desk: Desk): void {
    if (desk.isUsedUp) this.staff.retire(desk);
    if (this.#queue.length > 0) this.handOut.schedule();
    else if (desk.length === 0) this.handOut.share();
    this.#watchdog.arm();
    if (this.door.inside === 0) this.#onDrained?.();
  }

  #onLeft({ lost, unbegun, failure }: Left): void {
    if (failure) this.tally.replaced++;
    for (const call of lost) {
      if (!this.end(call)) continue;
      this.tally.died++;
      call.reject(this.#closed ?? lossOf(call, failure?.error));
    }
    if (this.#closed) for (const call of unbegun) this.#refuse(call, this.#closed);
    else this.handOut.putBack(unbegun);
    if (this.door.inside === 0) this.#onDrained?.();
  }

  /** Lets no more calls in. */
  shut(error: Error): void {
    this.#closed ??= error;
    this.door.tellAll();
  }

  /** Ends every call, those that run included. */
  refuseAll(error: Error): void {
    this.shut(error);
    for (const call of this.door.all) this.#refuse(call, error);
    this.handOut.reclaim(this.staff.desks);
    for (const call of this.#queue.all) this.#refuse(call, error);
    for (const desk of this.staff.desks) if (desk.first) this.#refuse(desk.first, error);
    this.handOut.stop();
    this.#watchdog.stop();
  }

  #refuse(call: PoolCall, error: Error): void {
    if (!this.end(call)) return;
    this.tally.refused++;
    call.reject(error);
  }

  /** Ends a call for its caller, as Watchdog.abort. */
  abort(call: PoolCall, reason: unknown): void {
    this.#watchdog.abort(call, reason);
  }

  /** Resolves when no call is inside, after `graceMs` at the latest. */
  drained(graceMs: number): Promise<void> {
    if (this.door.inside === 0 || graceMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = graceMs === Number.POSITIVE_INFINITY ? undefined : this.#thread.timers.add(now() + graceMs, () => this.#onDrained?.());
      this.#onDrained = () => {
        this.#onDrained = undefined;
        if (timer) this.#thread.timers.cancel(timer);
        resolve();
      };
    });
  }
}
