// The event loop of a thread under the controller: microtasks and waitAsync are the machine's own; which callback, timer, wake or abort comes next is
// the schedule's.

import * as B from "./board.ts";
import { type Controller, Stopped } from "./controller.ts";

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
  ref(): Timer;
  unref(): Timer;
}

interface AsyncWait {
  /** What the machine's waitAsync gave. */
  readonly notified: Promise<unknown>;
  readonly release: () => void;
}

const turnOfTheMachine = setImmediate;

export class Loop {
  readonly #board: B.Board;
  readonly #me: number;
  readonly #controller: Controller;
  readonly #callbacks: { readonly run: () => void }[] = [];
  readonly #timers = new Set<Timer>();
  readonly #aborts: AbortController[] = [];
  #wait: AsyncWait | undefined;
  #randomState: Int32Array;

  constructor(board: B.Board, me: number, controller: Controller) {
    this.#board = board;
    this.#me = me;
    this.#controller = controller;
    this.#randomState = Int32Array.of(board.get(B.SEED) * 31 + me);
  }

  get nowMs(): number {
    return this.#board.of(this.#me, B.NOW);
  }

  /** For select's choice among ready cases. */
  random(): number {
    const state = (Math.imul(this.#randomState[0]!, 1_103_515_245) + 12_345) | 0;
    this.#randomState[0] = state;
    return ((state >>> 8) & 0xffff) / 0x10000;
  }

  addCallback(run: () => void): object {
    const callback = { run };
    this.#callbacks.push(callback);
    this.#board.setOf(this.#me, B.CALLBACKS, this.#callbacks.length);
    return callback;
  }

  dropCallback(handle: unknown): void {
    const index = this.#callbacks.indexOf(handle as { run: () => void });
    if (index >= 0) this.#callbacks.splice(index, 1);
    this.#board.setOf(this.#me, B.CALLBACKS, this.#callbacks.length);
  }

  addTimer(run: () => void, ms: number): Timer {
    const timer: Timer = { dueMs: this.nowMs + ms, run, ref: () => timer, unref: () => timer };
    this.#timers.add(timer);
    this.#board.setOf(this.#me, B.TIMERS, this.#timers.size);
    return timer;
  }

  dropTimer(handle: unknown): void {
    this.#timers.delete(handle as Timer);
    this.#board.setOf(this.#me, B.TIMERS, this.#timers.size);
  }

  addAbort(abort: AbortController): void {
    this.#aborts.push(abort);
    this.#board.setOf(this.#me, B.ABORTABLE, this.#aborts.length);
  }

  dropAbort(abort: AbortController): void {
    const index = this.#aborts.indexOf(abort);
    if (index >= 0) this.#aborts.splice(index, 1);
    this.#board.setOf(this.#me, B.ABORTABLE, this.#aborts.length);
  }

  /** Keeps the news of a notify until the schedule lets it in. */
  hold(pending: { async: false; value: unknown } | { async: true; value: Promise<unknown> }): unknown {
    if (!pending.async) return pending;
    this.#board.setOf(this.#me, B.ARMED, 1);
    let release = () => {};
    const value = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#wait = { notified: pending.value, release };
    return { async: true, value };
  }

  /** Runs callbacks until `isOver`, each after the microtasks of the one before. `first` is what the first turn is for. */
  async run(first: number, isOver: () => boolean): Promise<void> {
    for (let kind = first; ; kind = this.#controller.loop()) {
      await this.#dispatch(kind);
      await new Promise((resolve) => turnOfTheMachine(resolve));
      if (this.#controller.isStopped) throw new Stopped();
      if (isOver()) return;
    }
  }

  async #dispatch(kind: number): Promise<void> {
    if (kind === B.WAKE) {
      this.#board.addTo(this.#me, B.NOTIFIED, -1);
      const wait = this.#wait!;
      await wait.notified; // for ever, if the notify was lost
      wait.release();
    } else if (kind === B.CALLBACK) {
      const callback = this.#callbacks.shift()!;
      this.#board.setOf(this.#me, B.CALLBACKS, this.#callbacks.length);
      callback.run();
    } else if (kind === B.TICK) {
      for (const timer of [...this.#timers]) {
        if (timer.dueMs > this.nowMs || !this.#timers.delete(timer)) continue;
        this.#board.setOf(this.#me, B.TIMERS, this.#timers.size);
        timer.run();
      }
    } else if (kind === B.ABORT) {
      const abort = this.#aborts.shift()!;
      this.#board.setOf(this.#me, B.ABORTABLE, this.#aborts.length);
      abort.abort();
    }
  }
}
