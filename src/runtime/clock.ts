// The clock of this thread: performance.now(), or a virtual one whose time stands still while anything can run and jumps when all are asleep.
//
// A virtual clock may come with a seed: then whatever completes at the same time goes on in an order drawn from it, one step a turn of the event loop, so
// that a seed reproduces an interleaving. Both are for a runtime with `threads: 0`, where nothing happens but on this thread.
//
// Source   Go's testing/synctest for the jump.

/** Turns of the event loop in which nothing happened before all count as asleep. */
const QUIET_TURNS = 4;

export interface Later {
  cancel(): void;
}

interface VirtualTimer {
  readonly dueMs: number;
  readonly run: () => void;
  readonly isRef: boolean;
  /** What it waits for once its clock is stopped. */
  real: NodeJS.Timeout | undefined;
}

/** A small generator of 32-bit random numbers (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class VirtualClock {
  /** Milliseconds; starts where the real clock stands, so that instants taken before still make sense. */
  nowMs = performance.now();
  readonly random: (() => number) | undefined;
  readonly #timers = new Set<VirtualTimer>();
  readonly #steps: (() => void)[] = [];
  #turn: NodeJS.Immediate | undefined;
  #quiet = 0;
  /** Where the real clock stood at `nowMs`, once this one is stopped. */
  #realMs: number | undefined;

  constructor(seed: number | undefined) {
    this.random = seed === undefined ? undefined : generator(seed);
  }

  later(run: () => void, delayMs: number, isRef: boolean): Later {
    const timer: VirtualTimer = { dueMs: this.nowMs + delayMs, run, isRef, real: undefined };
    if (this.#realMs === undefined) {
      this.#timers.add(timer);
      this.touch();
    } else this.#leave(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        clearTimeout(timer.real);
      },
    };
  }

  /** Goes on with `run` on a later turn, in an order drawn from the seed. */
  step(run: () => void): void {
    this.#steps.push(run);
    this.touch();
  }

  /** Something has happened: time does not jump for some turns. */
  touch(): void {
    this.#quiet = 0;
    this.#turn ??= setImmediate(() => this.#onTurn());
  }

  /**
   * What was to go on goes on at once. Timers that are left fall due by the real clock, so that no promise is left behind, and find that this clock has gone
   * on with it from where it stood: what they set falls due likewise.
   */
  stop(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#realMs = performance.now();
    for (const step of this.#steps.splice(0)) this.#goOn(step);
    for (const timer of this.#timers) this.#leave(timer);
    this.#timers.clear();
  }

  #leave(timer: VirtualTimer): void {
    timer.real = setTimeout(() => this.#goOn(timer.run), Math.max(0, timer.dueMs - this.nowMs));
    if (!timer.isRef) timer.real.unref();
  }

  /** Runs what was left; now() is this clock's meanwhile. */
  #goOn(run: () => void): void {
    const realMs = performance.now();
    this.nowMs += realMs - this.#realMs!;
    this.#realMs = realMs;
    const before = stopped;
    stopped = this;
    try {
      run();
    } finally {
      stopped = before;
    }
  }

  #onTurn(): void {
    this.#turn = undefined;
    const { random } = this;
    if (this.#steps.length > 0) {
      const [step] = this.#steps.splice(Math.floor((random?.() ?? 0) * this.#steps.length), 1);
      step!();
      this.touch();
      return;
    }
    if (this.#timers.size === 0) return;
    if (++this.#quiet < QUIET_TURNS) {
      this.#turn = setImmediate(() => this.#onTurn());
      return;
    }
    this.#jump();
    this.touch();
  }

  /** To the earliest timer; those due at once run in the order they were set. */
  #jump(): void {
    const timers = [...this.#timers];
    this.nowMs = Math.max(this.nowMs, Math.min(...timers.map((timer) => timer.dueMs)));
    for (const timer of timers) {
      if (timer.dueMs <= this.nowMs && this.#timers.delete(timer)) timer.run(); // what ran before may have cancelled it, or stopped the clock
    }
  }
}

let virtual: VirtualClock | undefined;
/** A clock that was stopped, while what it had left runs. */
let stopped: VirtualClock | undefined;

/** The virtual clock of this thread, if it has one. */
export function virtualClock(): VirtualClock | undefined {
  return virtual;
}

export function setVirtualClock(clock: VirtualClock | undefined): void {
  const before = virtual;
  virtual = clock;
  before?.stop();
}

/** This moment, on performance.now()'s clock or the virtual one. */
export function now(): number {
  const clock = stopped ?? virtual;
  return clock ? clock.nowMs : performance.now();
}

/** The same instant in milliseconds on the monotonic clock of the machine, which all threads read alike; the virtual clock is of one thread anyway. */
export function sharedNow(): number {
  const clock = stopped ?? virtual;
  if (clock) return clock.nowMs;
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/** A random number from 0 to 1, drawn from the seed of the virtual clock if it has one. */
export function random(): number {
  return virtual?.random ? virtual.random() : Math.random();
}

/** Runs `run` once after `delayMs`. Keeps no process alive unless `isRef`. */
export function later(run: () => void, delayMs: number, isRef = false): Later {
  const clock = stopped ?? virtual;
  if (clock) return clock.later(run, delayMs, isRef);
  const timer = setTimeout(run, delayMs);
  if (!isRef) timer.unref();
  return { cancel: () => clearTimeout(timer) };
}
