// A pool's door: how many calls may be inside, who waits outside, and who wants to be told of room.

import { OUTSIDE, type PoolCall } from "./pool-call.ts";

export class Door {
  readonly #maxQueue: number;
  #threads: number;
  /** Calls let in and not ended. */
  inside = 0;
  #outside: PoolCall[] = [];
  #first = 0;
  #waiting = 0;
  #watchers: (() => void)[] = [];

  constructor(maxQueue: number, threads: number) {
    this.#maxQueue = maxQueue;
    this.#threads = threads;
  }

  /** As many as may wait, and one for each thread. */
  get capacity(): number {
    return this.#maxQueue + this.#threads;
  }

  get hasRoom(): boolean {
    return this.inside < this.capacity && this.#waiting === 0;
  }

  get outside(): number {
    return this.#waiting;
  }

  resize(threads: number): void {
    this.#threads = threads;
  }

  /** A call waits outside, its state being OUTSIDE. */
  queueUp(call: PoolCall): void {
    this.#waiting++;
    this.#outside.push(call);
  }

  /** A call that waited outside has ended. */
  leave(): void {
    this.#waiting--;
  }

  /** The next from outside there is room for. */
  next(): PoolCall | undefined {
    while (this.inside < this.capacity && this.#first < this.#outside.length) {
      const call = this.#outside[this.#first]!;
      this.#first++;
      if (this.#first > 512 && this.#first * 2 > this.#outside.length) {
        this.#outside = this.#outside.slice(this.#first);
        this.#first = 0;
      }
      if (call.state !== OUTSIDE) continue;
      this.#waiting--;
      return call;
    }
    return undefined;
  }

  get all(): PoolCall[] {
    return this.#outside.slice(this.#first).filter((call) => call.state === OUTSIDE);
  }

  /** Calls `tell` once there is room; answers how not to. */
  watch(tell: () => void): () => void {
    this.#watchers.push(tell);
    return () => {
      this.#watchers = this.#watchers.filter((one) => one !== tell);
    };
  }

  /** There may be room now. */
  tell(): void {
    for (let free = this.hasRoom ? this.capacity - this.inside : 0; free > 0 && this.#watchers.length > 0; free--)
      this.#watchers.shift()!();
  }

  /** Nobody waits for room any more: all are told. */
  tellAll(): void {
    for (const tell of this.#watchers.splice(0)) tell();
  }
}
