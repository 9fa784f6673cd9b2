// The calls that wait: by lane and priority, each of these in turn; which of them is next.
//
// A call of priority p that came at t stands as if it had come at t − p × ageingMs. That never changes, so within a lane and a priority the order is that
// of arrival, and only the first of each has to be looked at.

import { type PoolCall, QUEUED } from "./pool-call.ts";

/** Lines without calls are kept for the next ones, so many of them at most. */
const MOST_EMPTY = 16;

/** Calls of one lane and priority, oldest first. One that is not QUEUED any more stays until it is met, or until those are the most. */
class Line {
  readonly priority: number;
  #calls: PoolCall[] = [];
  #first = 0;
  #left = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  push(call: PoolCall): void {
    this.#calls.push(call);
  }

  /** In front of all others: it was taken from here before. */
  putBack(call: PoolCall): void {
    if (this.#first > 0) this.#calls[--this.#first] = call;
    else this.#calls.unshift(call);
  }

  first(): PoolCall | undefined {
    for (;;) {
      const call = this.#calls[this.#first];
      if (call === undefined || call.state === QUEUED) return call;
      this.#first++; // it has ended
      this.#left--;
    }
  }

  shift(): void {
    this.#first++;
    if (this.#first < 512 || this.#first * 2 < this.#calls.length) return;
    this.#calls = this.#calls.slice(this.#first);
    this.#first = 0;
  }

  last(): PoolCall | undefined {
    while (this.#calls.length > this.#first && this.#calls.at(-1)!.state !== QUEUED) {
      this.#calls.pop();
      this.#left--;
    }
    return this.#calls.length > this.#first ? this.#calls.at(-1) : undefined;
  }

  /** One of them has ended. */
  leave(): void {
    this.#left++;
    if (this.#left < 64 || this.#left * 2 < this.#calls.length - this.#first) return;
    this.#calls = this.#calls.slice(this.#first).filter((call) => call.state === QUEUED);
    this.#first = 0;
    this.#left = 0;
  }

  get all(): PoolCall[] {
    return this.#calls.slice(this.#first).filter((call) => call.state === QUEUED);
  }
}

export class CallQueue {
  readonly #ageingMs: number;
  readonly #lanes = new Map<string, Line[]>();
  #length = 0;

  constructor(lanes: Iterable<string>, ageingMs: number) {
    this.#ageingMs = ageingMs;
    for (const lane of lanes) this.#lanes.set(lane, []);
  }

  get length(): number {
    return this.#length;
  }

  push(call: PoolCall): void {
    this.#length++;
    this.#lineOf(call).push(call);
  }

  putBack(call: PoolCall): void {
    this.#length++;
    this.#lineOf(call).putBack(call);
  }

  /** A call that waited here has ended: it is not QUEUED any more. */
  leave(call: PoolCall): void {
    this.#length--;
    this.#lineOf(call).leave();
  }

  /** Takes the next call of a lane, or, without one, of any; its state is the caller's to change at once. */
  take(lane: string | undefined): PoolCall | undefined {
    if (this.#length === 0) return undefined;
    const line = lane === undefined ? this.#soonestOf(this.#lanes.values()) : this.#soonestIn(this.#lanes.get(lane)!);
    const call = line?.first();
    if (call === undefined) return undefined;
    line!.shift();
    this.#length--;
    return call;
  }

  /** Of the lowest priority that waits: the oldest, or the newest. It stays. */
  lowest(isOldest: boolean): PoolCall | undefined {
    let found: PoolCall | undefined;
    for (const lines of this.#lanes.values()) {
      for (const line of lines) {
        const call = isOldest ? line.first() : line.last();
        if (call === undefined || (found && found.settings.priority < line.priority)) continue;
        const isFurther = found?.settings.priority === line.priority && call.number < found.number !== isOldest;
        if (!isFurther) found = call;
      }
    }
    return found;
  }

  get all(): PoolCall[] {
    return [...this.#lanes.values()].flat().flatMap((line) => line.all);
  }

  #lineOf(call: PoolCall): Line {
    const { lane, priority } = call.settings;
    const lines = this.#lanes.get(lane)!;
    for (const line of lines) if (line.priority === priority) return line;
    const line = new Line(priority);
    const kept = lines.length < MOST_EMPTY ? lines : lines.filter((one) => one.first() !== undefined);
    this.#lanes.set(lane, [...kept, line]);
    return line;
  }

  #soonestOf(lanes: Iterable<Line[]>): Line | undefined {
    let soonest: Line | undefined;
    for (const lines of lanes) {
      const line = this.#soonestIn(lines);
      if (line && (!soonest || this.#isSooner(line.first()!, soonest.first()!))) soonest = line;
    }
    return soonest;
  }

  #soonestIn(lines: Line[]): Line | undefined {
    let soonest: Line | undefined;
    for (const line of lines) {
      const call = line.first();
      if (call && (!soonest || this.#isSooner(call, soonest.first()!))) soonest = line;
    }
    return soonest;
  }

  #isSooner(a: PoolCall, b: PoolCall): boolean {
    const higher = a.settings.priority - b.settings.priority;
    if (this.#ageingMs === Number.POSITIVE_INFINITY && higher !== 0) return higher > 0;
    const ahead = this.#ageingMs === 0 || higher === 0 ? 0 : higher * this.#ageingMs;
    const earlier = b.queuedAtMs - a.queuedAtMs + ahead;
    return earlier === 0 ? a.number < b.number : earlier > 0;
  }
}
