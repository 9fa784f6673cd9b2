// The controller: one thread at a time takes one step, and whoever has just taken it decides who takes the next. There is no thread of its own for it;
// the turn goes from thread to thread through the board.
//
// States   ABSENT → IN_LOOP ⇄ AT_GATE ⇄ BLOCKED → ENDED; STOPPED from anywhere (the supervising thread: WATCHING ⇄ AT_GATE → ENDED)
// Invariants
//   1. Only the thread that has the turn runs JavaScript of src. It stands in gate(), loop(), watch() or block() when it gives it away.
//   2. A thread BLOCKED or IN_LOOP has given the turn away before it really sleeps: what wakes it comes from a step of another thread, never before.
//   3. A thread that was notified counts as awake at once; it is let out of its sleep by the notify alone, so one that is lost ends the run as SILENT.

import * as L from "../../src/runtime/memory/layout.ts";
import * as B from "./board.ts";
import { choose, kindOf, optionsNow, threadOf } from "./schedule.ts";

/** Thrown at every gate of a stopped thread: nothing it does from here on reaches anything shared. */
export class Stopped extends Error {}

const PARKS = Array.from({ length: B.MAX_THREADS }, (_, thread) => (L.SLOTS_AT + thread * L.SLOT_SIZE + L.SLOT_PARK) >> 2);
const ASYNCS = Array.from({ length: B.MAX_THREADS }, (_, thread) => (L.SLOTS_AT + thread * L.SLOT_SIZE + L.SLOT_ASYNC_WORD) >> 2);

export class Controller {
  readonly #board: B.Board;
  /** The heap's words, never exchanged. */
  readonly #heap: Int32Array;
  readonly #me: number;
  readonly #parksBefore = new Int32Array(B.MAX_THREADS);

  constructor(board: B.Board, heap: Int32Array, me: number) {
    this.#board = board;
    this.#heap = heap;
    this.#me = me;
  }

  get isStopped(): boolean {
    return this.#board.state(this.#me) === B.STOPPED;
  }

  /** Waits for this thread's next turn; answers of what kind it is. */
  await(): number {
    const { words } = this.#board;
    const turn = this.#board.index(this.#me, B.TURN);
    while (real.load(words, turn) === 0) real.wait(words, turn, 0);
    if (this.isStopped) throw new Stopped();
    real.store(words, turn, 0);
    return this.#board.of(this.#me, B.GRANT);
  }

  /** Ready for the run: the next thread takes its place, and after the last of them the run begins. */
  enter(state: number): number {
    this.#board.setState(this.#me, state);
    if (this.#me + 1 < this.#board.get(B.THREAD_COUNT)) this.begin(this.#me + 1);
    else this.decide();
    return this.await();
  }

  /** Gives the turn to a thread that is to take its place. */
  begin(thread: number): void {
    real.store(this.#board.words, this.#board.index(thread, B.TURN), 1);
    real.notify(this.#board.words, this.#board.index(thread, B.TURN));
  }

  /** Before a step of this thread. */
  gate(label: number): number {
    return this.#stand(B.AT_GATE, label);
  }

  /** In the event loop, before it runs anything. */
  loop(): number {
    return this.#stand(B.IN_LOOP, 0);
  }

  watch(): number {
    return this.#stand(B.WATCHING, 0);
  }

  #stand(state: number, label: number): number {
    if (this.isStopped) throw new Stopped();
    this.#board.setOf(this.#me, B.LABEL, label);
    this.#board.setState(this.#me, state);
    this.decide();
    return this.await();
  }

  /** This thread's part of the run is over. */
  end(): void {
    if (this.isStopped) return;
    this.#board.setState(this.#me, B.ENDED);
    this.decide();
  }

  /** A transition of this thread; `busy` is what it answers when the schedule has it find a lock held. */
  step(label: number, busy: number, transition: () => number): number {
    const board = this.#board;
    if (this.gate(label) === B.BUSY_STEP) {
      board.answer(busy);
      return busy;
    }
    for (let thread = 0; thread < B.MAX_THREADS; thread++) this.#parksBefore[thread] = real.load(this.#heap, PARKS[thread]!);
    const status = transition();
    board.answer(status);
    for (let thread = 0; thread < B.MAX_THREADS; thread++) {
      const before = this.#parksBefore[thread]!;
      if (before === real.load(this.#heap, PARKS[thread]!)) continue;
      // Woken by this step: out of Atomics.wait, or its waitAsync resolves.
      if (before === L.PARK_IDLE) this.#notified(thread);
      else if (board.state(thread) === B.BLOCKED) this.#unblock(thread);
    }
    return status;
  }

  /** A notify that meets no waitAsync, because the thread has yet to take in the one before, is for nobody. */
  #notified(thread: number): void {
    const board = this.#board;
    if (board.of(thread, B.ARMED) === 0) return;
    board.setOf(thread, B.ARMED, 0);
    board.addTo(thread, B.NOTIFIED, 1);
  }

  #unblock(thread: number): void {
    this.#board.setOf(thread, B.LABEL, B.WOKEN);
    this.#board.setState(thread, B.AT_GATE);
  }

  /** Atomics.wait on the park word: sleeps for real, until another thread's step notifies it, its timeout comes, or it is stopped. */
  block(index: number, expected: number, hasTimeout: boolean): "ok" | "not-equal" | "timed-out" {
    this.gate(B.WAIT);
    const board = this.#board;
    if (real.load(this.#heap, index) !== expected) return "not-equal";
    if (hasTimeout && board.of(this.#me, B.TICKED) !== 0) {
      board.setOf(this.#me, B.TICKED, 0);
      return "timed-out"; // the time has passed before it slept
    }
    const asleep = board.index(this.#me, B.ASLEEP);
    real.store(board.words, asleep, 1);
    board.setState(this.#me, B.BLOCKED);
    this.decide();
    if (board.state(this.#me) !== B.STOPPED && board.of(this.#me, B.TICKED) === 0) real.wait(this.#heap, index, expected);
    real.store(board.words, asleep, 0);
    this.await();
    const isLate = board.of(this.#me, B.TICKED) !== 0;
    board.setOf(this.#me, B.TICKED, 0);
    return isLate ? "timed-out" : "ok";
  }

  /** Makes sure that a thread which sleeps, or is about to, comes out of Atomics.wait. */
  #rouse(thread: number): void {
    if (thread === this.#me) return;
    const { words } = this.#board;
    const asleep = this.#board.index(thread, B.ASLEEP);
    while (real.load(words, asleep) !== 0) real.notify(this.#heap, PARKS[thread]!);
  }

  /** Gives the turn to whoever takes the next step. */
  decide(): void {
    const board = this.#board;
    for (let isGiven = false; !isGiven && board.get(B.OUTCOME) === B.RUNNING; ) {
      const decision = board.get(B.DECISIONS);
      const options = optionsNow(board);
      const choice = options === 0 ? 0 : choose(board, options);
      if (options === 0) this.finish(B.DONE);
      else if (decision === B.MAX_DECISIONS) this.finish(B.ENDLESS);
      else if (choice < 0) this.finish(B.DIVERGED);
      else if (!this.#injectFault(decision, threadOf(choice))) isGiven = this.#take(decision, choice, options);
    }
  }

  /** Makes a choice happen; true if it gives somebody the turn. */
  #take(decision: number, choice: number, options: number): boolean {
    const board = this.#board;
    const thread = threadOf(choice);
    const kind = kindOf(choice);
    board.record(decision, choice, options, board.of(thread, B.LABEL));
    board.set(B.DECISIONS, decision + 1);
    if (kind === B.TICK) board.addTo(thread, B.NOW, 1_000);
    if (kind === B.TICK && board.state(thread) !== B.IN_LOOP) {
      this.#tick(thread);
      return false;
    }
    this.#grant(thread, kind);
    return true;
  }

  #grant(thread: number, kind: number): void {
    const board = this.#board;
    board.setOf(thread, B.GRANT, kind);
    board.set(B.CURRENT, thread);
    real.store(board.words, board.index(thread, B.TURN), 1);
    if (thread !== this.#me) real.notify(board.words, board.index(thread, B.TURN));
  }

  #tick(thread: number): void {
    this.#board.setOf(thread, B.DEADLINES, 0);
    this.#board.setOf(thread, B.TICKED, 1);
    if (this.#board.state(thread) !== B.BLOCKED) return;
    this.#rouse(thread);
    this.#unblock(thread);
  }

  /** True if the run's fault happens before this decision. */
  #injectFault(decision: number, next: number): boolean {
    const board = this.#board;
    const fault = board.get(B.FAULT);
    if (fault === B.NO_FAULT || board.get(B.FAULT_DONE) !== 0 || decision !== board.get(B.FAULT_AT)) return false;
    const victim = board.get(B.FAULT_VICTIM) || next;
    board.set(B.FAULT_DONE, 1);
    if (victim === B.BOSS || board.state(victim) === B.ENDED) return false;
    board.set(B.VICTIM, victim);
    if (fault !== B.FENCE) this.stop(victim, fault === B.TERMINATE);
    return true;
  }

  /** The thread takes no further step: it unwinds, or stands where it is until it is terminated. */
  stop(thread: number, byTerminate: boolean): void {
    const board = this.#board;
    const was = board.state(thread);
    if (was === B.ENDED || was === B.STOPPED) return;
    board.log(B.DEATH, thread);
    board.setState(thread, B.STOPPED);
    if (byTerminate) return;
    this.#release(thread, was);
    board.setOf(thread, B.EXITED, 1);
  }

  #release(thread: number, was: number): void {
    this.begin(thread); // a turn in which it finds itself stopped
    if (was === B.BLOCKED) this.#rouse(thread);
  }

  /** Ends the run: every thread that has not ended is stopped, wherever it is. */
  finish(outcome: number): void {
    const board = this.#board;
    board.set(B.OUTCOME, outcome);
    let hung = 0;
    for (let thread = 0; thread < board.get(B.THREAD_COUNT); thread++) {
      const was = board.state(thread);
      if (was === B.ENDED || was === B.STOPPED) continue;
      hung |= 1 << thread;
      board.setState(thread, B.STOPPED);
      this.#release(thread, was);
    }
    board.set(B.HUNG, hung);
    if (outcome === B.DONE && hung !== 0) board.set(B.OUTCOME, B.HANGS);
  }

  /** Lets this thread's own pending waitAsync go, so that the next run's is the only one. */
  forgetAsyncWait(): void {
    real.notify(this.#heap, ASYNCS[this.#me]!);
  }
}

const { real } = B;
