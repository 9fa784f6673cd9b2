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

/** A function of the pool's module, and how long it takes. */
export class PoolFunction {
  readonly id: number;
  readonly name: string;
  /** Milliseconds a call takes, lately; before the first answer unknown, which counts as long. */
  averageMs = Number.NaN;

  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
  }

  /** What a call is reckoned to take. */
  get expectedMs(): number {
    return Number.isNaN(this.averageMs) ? UNKNOWN_MS : this.averageMs;
  }

  learn(ranMs: number): void {
    this.averageMs = Number.isNaN(this.averageMs) ? ranMs : this.averageMs + (ranMs - this.averageMs) / LEARNS_FROM;
  }
}

const UNKNOWN_MS = 1_000;
const LEARNS_FROM = 8;

/** Plain arguments, or packed ones. */
type Arguments = Outgoing["args"];

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
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Among those of its pool. */
  readonly number: number;
  readonly queuedAtMs: number;
  state = QUEUED;
  /** Of its desk; valid while it stands there. */
  ticket = 0;
  desk: Seat | undefined;
  /** What it was reckoned to take when it was sent. */
  expectedMs = 0;
  /** What must be ended with it: timers, the listener of its signal. */
  queueTimer: TimerEntry | undefined;
  totalTimer: TimerEntry | undefined;
  onAbort: (() => void) | undefined;

  constructor(
    fn: PoolFunction,
    form: number,
    args: Arguments,
    settings: CallSettings,
    number: number,
    queuedAtMs: number,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.fn = fn;
    this.form = form;
    this.args = args;
    this.settings = settings;
    this.number = number;
    this.queuedAtMs = queuedAtMs;
    this.resolve = resolve;
    this.reject = reject;
  }

  get functionId(): number {
    return this.fn.id;
  }
}
