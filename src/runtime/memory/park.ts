// The one sleeper: the only file that calls Atomics.wait, waitAsync or reads a ready list.
//
// Memory   of this thread's slot: SLOT_READY (what peers have fired, newest first), SLOT_PARK, SLOT_ASYNC_WORD and SLOT_NAP_WORD (always 0).
// States   park: RUNNING (wakers need not notify) · BLOCKED (in Atomics.wait on the park word) · IDLE (in the event loop; a waitAsync is pending on
//          the async word). A waker moves BLOCKED or IDLE to RUNNING and notifies once; the thread itself moves RUNNING to either.
// Invariants
//   1. No wake is lost: a waker fires into the ready list and then reads park; the sleeper writes park and then reads the ready list.
//   2. One waitAsync per thread at most, renewed when it resolves, and it exists before IDLE is ever stored. Two words, because a notify on one
//      shared word would go to the older async waiter while the blocked thread sleeps on.
//   3. While armed and not IDLE, a turn of the event loop is scheduled that will drain and go idle.
// Crash    a dying thread can only eat its own wakes.

import { FencedError } from "../errors.ts";
import type { SharedHeap } from "./heap.ts";
import * as L from "./layout.ts";
import type { Notes } from "./notes.ts";
import { maySpin, SpinLimit } from "./spin.ts";

/** Turns of the event loop, about a microsecond each, before a thread marks itself idle. */
const TURNS_BEFORE_IDLE = 50;

/** Turns of nothing but settled operations before the thread looks for other work all the same. */
const MOST_BUSY_TURNS = 16;

/** A blocked thread that is watched tells where it waits once the wait has lasted this long. */
const TELLS_AFTER_MS = 50;

/** What the thread's owner hooks into the sleeper. */
export interface ParkerHooks {
  /** A record that was in the ready list; its state is final. */
  onReady(record: number): void;
  /** About to sleep in the event loop: take up work if there is any, and say so. Called again after the thread is marked idle. */
  onIdle(): boolean;
  /** About to run what a wake brought, or to block: no longer there for new tasks. */
  onBusy(): void;
  /** The process must live although nothing waits on this thread. */
  isNeeded(): boolean;
  /** How many timeouts and deadlines the thread has, for whoever looks. */
  timers(): number;
  /** Supervised: what the thread waits for can never come. */
  onDoomed(): void;
  /** Supervised: to find out whether anything but the heap could wake the thread. */
  onAsked(): void;
}

export class Parker {
  readonly #i32: Int32Array;
  readonly #slot: number;
  readonly #epoch: number;
  readonly #heap: SharedHeap;
  readonly #hooks: ParkerHooks;
  readonly #notes: Notes;
  readonly #spins = new SpinLimit();
  readonly #isReady = () => Atomics.load(this.#i32, this.#ready) !== 0;
  readonly #park: number;
  readonly #ready: number;
  readonly #asyncWord: number;
  #armed = false;
  #turn: NodeJS.Immediate | undefined;
  #idleTurns = 0;
  #busyTurns = 0;
  #holds = 0;
  #keepAlive: NodeJS.Timeout | undefined;
  #isLetGo = false;
  #stopped = false;
  /** How often this thread called wait, waitAsync; for tests that assert a path costs none. */
  readonly counts = { waits: 0, asyncWaits: 0 };

  constructor(heap: SharedHeap, slot: number, epoch: number, notes: Notes, hooks: ParkerHooks) {
    this.#heap = heap;
    this.#i32 = heap.i32;
    this.#slot = slot;
    this.#epoch = epoch;
    this.#notes = notes;
    this.#hooks = hooks;
    this.#park = (slot + L.SLOT_PARK) >> 2;
    this.#ready = (slot + L.SLOT_READY) >> 2;
    this.#asyncWord = (slot + L.SLOT_ASYNC_WORD) >> 2;
  }

  /** Settles everything that was fired, oldest first. Answers whether there was anything. */
  drain(): boolean {
    if (Atomics.load(this.#i32, this.#ready) === 0) return false;
    for (const record of this.takeReadyOf(this.#slot)) this.#hooks.onReady(record);
    return true;
  }

  /** Takes a slot's whole ready list, oldest first: this thread's own, or that of a thread that has exited. */
  takeReadyOf(slot: number): number[] {
    let record = Atomics.exchange(this.#i32, (slot + L.SLOT_READY) >> 2, 0) >>> 0; // claims the whole list
    const records: number[] = [];
    while (record !== 0) {
      this.#untilFinal(record);
      records.push(record);
      record = this.#heap.u32[(record + L.READY_NEXT) >> 2]!; // written before the final state (layout: READY_NEXT)
    }
    return records.reverse();
  }

  /** The waker is inside its call between taking its place in the list and releasing the record: it can be de-scheduled there, never stopped. */
  #untilFinal(record: number): void {
    const state = (record + L.READY_STATE) >> 2;
    const isTask = this.#heap.u32[(record + L.READY_RECORD) >> 2] === L.RECORD_TASK;
    for (let tries = 0; ; tries++) {
      const value = Atomics.load(this.#i32, state); // observes value and next
      if (isTask ? value === L.TASK_DONE : value >= L.OP_FIRED) return;
      if (tries > 100) this.nap(tries - 100);
    }
  }

  /**
   * Blocks this thread until `isDone` holds, settling whatever is fired meanwhile; false if the deadline (performance.now()'s clock) comes first, or the
   * supervisor has found that the wait can never end. Calls `tell` once, when the wait has lasted a while.
   * Re-checks after BLOCKED is stored, so a fire in between is seen (invariant 1).
   */
  block(isDone: () => boolean, deadline: number, tell?: () => void): boolean {
    this.#hooks.onBusy();
    let untold = tell;
    try {
      for (;;) {
        this.drain();
        if (isDone()) return true;
        if (this.#notes.isDoomed) return false;
        this.#spins.spin(this.#heap, this.#isReady);
        this.#notes.parks(this.#hooks.timers());
        Atomics.store(this.#i32, this.#park, L.PARK_BLOCKED);
        if (Atomics.load(this.#i32, this.#ready) === 0) {
          const leftMs = deadline - performance.now();
          if (leftMs <= 0) return false;
          this.counts.waits++;
          const firstMs = untold === undefined ? leftMs : Math.min(leftMs, TELLS_AFTER_MS);
          if (Atomics.wait(this.#i32, this.#park, L.PARK_BLOCKED, firstMs) === "timed-out" && firstMs < leftMs) {
            untold?.();
            untold = undefined;
          }
        }
        Atomics.store(this.#i32, this.#park, L.PARK_RUNNING);
        this.#checkEpoch();
      }
    } finally {
      Atomics.store(this.#i32, this.#park, L.PARK_RUNNING);
      if (this.#armed) this.#scheduleTurn();
    }
  }

  /** Sleeps a moment while a lock stays busy: its holder was de-scheduled by the operating system. */
  nap(tries: number): void {
    this.#checkEpoch();
    Atomics.wait(this.#i32, (this.#slot + L.SLOT_NAP_WORD) >> 2, 0, Math.min(1, 0.05 * tries));
  }

  #checkEpoch(): void {
    if (Atomics.load(this.#i32, (this.#slot + L.SLOT_EPOCH) >> 2) !== this.#epoch) throw new FencedError();
  }

  /** From now on the event loop serves this thread's ready list. */
  arm(): void {
    if (this.#armed || this.#stopped) return;
    this.#armed = true;
    this.#await();
    this.#scheduleTurn();
  }

  #await(): void {
    this.counts.asyncWaits++;
    const pending = Atomics.waitAsync(this.#i32, this.#asyncWord, 0);
    if (!pending.async) throw new Error("expected the async word to be 0, and it is not: the heap is damaged");
    void pending.value.then(() => this.#onWake());
  }

  #onWake(): void {
    if (this.#stopped) return;
    this.#await(); // before IDLE is stored again (invariant 2)
    if (this.#notes.isDoomed) this.#hooks.onDoomed();
    if (this.#isLetGo) this.keep();
    if (Atomics.load(this.#i32, this.#ready) !== 0) {
      this.#hooks.onBusy(); // what is settled now may compute for long; a wake for a task alone goes straight to the next turn
      this.drain();
    }
    this.#scheduleTurn();
  }

  /** Work for this thread may have come from the thread itself: look at it on the next turn instead of sleeping. */
  stir(): void {
    this.arm();
    if (this.#turn !== undefined) return;
    Atomics.store(this.#i32, this.#park, L.PARK_RUNNING);
    this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    if (this.#stopped) return;
    this.#turn ??= setImmediate(() => this.#goIdle());
  }

  #goIdle(): void {
    this.#turn = undefined;
    if (this.#stopped) return;
    if (Atomics.load(this.#i32, this.#ready) !== 0) {
      this.#hooks.onBusy();
      this.drain();
      this.#onBusyTurn();
      return;
    }
    this.#busyTurns = 0;
    if (this.#hooks.onIdle()) {
      this.#idleTurns = 0;
      this.#scheduleTurn();
      return;
    }
    // What is soon to come finds the thread awake and costs no notify, if a core is free for the wait.
    if (this.#idleTurns++ < TURNS_BEFORE_IDLE && maySpin(this.#heap)) {
      this.#scheduleTurn();
      return;
    }
    this.#idleTurns = 0;
    this.#notes.goesIdle(this.#hooks.timers());
    Atomics.store(this.#i32, this.#park, L.PARK_IDLE);
    // Re-check after IDLE is visible: whoever fired or queued before saw RUNNING and did not notify.
    if (Atomics.load(this.#i32, this.#ready) !== 0 || this.#hooks.onIdle()) {
      Atomics.store(this.#i32, this.#park, L.PARK_RUNNING);
      this.#scheduleTurn();
      return;
    }
    this.#updateKeepAlive();
    if (this.#notes.isAsked) this.#hooks.onAsked();
  }

  /** Messages alone can fill every turn: what else there is to do, unstarted tasks first, must not wait for a quiet one. */
  #onBusyTurn(): void {
    this.#idleTurns = 0;
    if (++this.#busyTurns >= MOST_BUSY_TURNS) {
      this.#busyTurns = 0;
      this.#hooks.onIdle();
      this.#hooks.onBusy(); // not idle: it is there for no more tasks than it has taken just now
    }
    this.#scheduleTurn();
  }

  /** The thread took up work while it was marked idle: wakers need not notify. */
  markRunning(): void {
    if (this.#armed) Atomics.store(this.#i32, this.#park, L.PARK_RUNNING);
  }

  /** Something on this thread waits: the process stays alive until it is released as often as it was held. */
  hold(): void {
    this.#holds++;
    this.arm();
    if (this.#holds === 1) this.#updateKeepAlive();
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.#updateKeepAlive();
  }

  get holds(): number {
    return this.#holds;
  }

  /** One far timer, referenced while something waits; ref and unref cost a few ns and nothing is polled. */
  #updateKeepAlive(): void {
    if (this.#stopped) return;
    const needed = !this.#isLetGo && (this.#holds > 0 || this.#hooks.isNeeded());
    if (needed) {
      this.#keepAlive ??= setInterval(() => {}, 2 ** 31 - 1);
      this.#keepAlive.ref();
    } else {
      this.#keepAlive?.unref();
    }
  }

  /** Whatever waits here keeps the thread alive no longer: if nothing else does, its event loop comes to its end ('beforeExit'). keep() takes it back. */
  letGo(): void {
    this.#isLetGo = true;
    this.#updateKeepAlive();
  }

  keep(): void {
    this.#isLetGo = false;
    this.#updateKeepAlive();
  }

  /** No more turns, no keep-alive. What is pending has been settled by the caller. */
  stop(): void {
    this.#stopped = true;
    clearImmediate(this.#turn);
    clearInterval(this.#keepAlive);
    this.#turn = undefined;
    // The pending waitAsync cannot be cancelled; it does not keep the process alive.
  }
}
