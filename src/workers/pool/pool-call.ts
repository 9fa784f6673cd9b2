// A call as the pool knows it, from its start to the one way it ends.
//
// States   OUTSIDE (waits to be let in) → QUEUED → SENT (to a desk; still the pool's until the thread claims it) → ENDED
//          SENT → QUEUED when it is taken back
// Invariants
//   1. A call settles once: whoever moves it to ENDED settles its promise and ends its timers.
//   2. A call that ended while its thread runs it still stands at its desk until the answer comes or the thread dies.

import type { TimerEntry } from "../../runtime/timer-wheel.ts";
import type { Outgoing } from "./message-writer.ts";
import type { CallSettings } from "./settings.ts";

export const OUTSIDE = 0;
export const QUEUED = 1;
export const SENT = 2;
export const ENDED = 3;

const UNKNOWN_US = 1_000_000;
const LEARNS_FROM = 8;

/** A function of the pool's module, and how long it takes. */
export class PoolFunction {
  readonly id: number;
  readonly name: string;
  /** What a call is reckoned to take; before the first answer that is not known, and counts as long. */
  expectedUs = UNKNOWN_US;
  #averageMs = Number.NaN;

  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
  }

  learn(ranMs: number): void {
    this.#averageMs = Number.isNaN(this.#averageMs) ? ranMs : this.#averageMs + (ranMs - this.#averageMs) / LEARNS_FROM;
    this.expectedUs = Math.round(1_000 * this.#averageMs);
  }
}

export type Settle = (value: unknown) => void;

/** Of the promise that was made last: an executor of its own for each call, and a reject function that is kept, are a third of what a call takes. */
export let resolveLast!: Settle;
export const keepResolve = (resolve: Settle): void => {
  resolveLast = resolve;
};

/** When calls were issued: the same for all of a turn. */
export interface Turn {
  readonly atMs: number;
}

/** What may end a call from outside: timers, the listener of its signal. */
export interface Limits {
  queueTimer?: TimerEntry;
  totalTimer?: TimerEntry;
  onAbort?: () => void;
}

/** Plain arguments, or packed ones. */
export type Arguments = Outgoing["args"];

/** Where a call was sent to: a desk, as far as its call needs to know. */
export interface Seat {
  readonly state: string;
  readonly threadId: number;
  /** Takes back all calls the thread has not claimed. */
  takeBack(): PoolCall[];
  /** The thread runs this call, or has just ended it. */
  isAt(call: PoolCall): boolean;
}

export class PoolCall implements Outgoing {
  readonly fn: PoolFunction;
  readonly form: number;
  readonly args: Arguments;
  readonly settings: CallSettings;
  readonly resolve: Settle;
  /** Among those of its pool. */
  readonly number: number;
  readonly turn: Turn;
  state = QUEUED;
  /** Of its desk; valid while it stands there. */
  ticket = 0;
  desk: Seat | undefined;
  /** What it was reckoned to take when it was sent. */
  expectedUs = 0;
  /** What must be ended with it. */
  limits: Limits | undefined;

  constructor(fn: PoolFunction, form: number, args: Arguments, settings: CallSettings, number: number, turn: Turn, resolve: Settle) {
    this.fn = fn;
    this.form = form;
    this.args = args;
    this.settings = settings;
    this.number = number;
    this.turn = turn;
    this.resolve = resolve;
  }

  reject(error: unknown): void {
    this.resolve(Promise.reject(error));
  }

  get queuedAtMs(): number {
    return this.turn.atMs;
  }

  get functionId(): number {
    return this.fn.id;
  }
}

/** A call whose end is told to others: it settles in ways of its own. */
export class TracedCall extends PoolCall {
  readonly #reject: (error: unknown) => void;

  constructor(reject: (error: unknown) => void, ...call: ConstructorParameters<typeof PoolCall>) {
    super(...call);
    this.#reject = reject;
  }

  override reject(error: unknown): void {
    this.#reject(error);
  }
}
