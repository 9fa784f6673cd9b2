// A value that is computed once, whichever thread comes first, and had by all.
//
// Memory   an outcome record (outcome.ts) that stays until it is closed; each view remembers what it has read.
// Crash    if the thread that computes it dies, the next one that waits computes it.

import { deadlineOf, type WaitOptions } from "../deadline.ts";
import { invalidArg } from "../errors.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { type Outcome, OutcomeRecord, outcomeNow, outcomeOf, settle } from "./outcome.ts";

const READING = OutcomeRecord.after("get", true);

/** Threads: any; each has a copy of its own. See: Go, sync.OnceValue. */
export class OnceValue<T = unknown> extends Shared {
  readonly #record: OutcomeRecord;
  #known: Outcome | undefined;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new OutcomeRecord(place, "once value");
  }

  /** @internal */
  static make<T>(thread: Thread): OnceValue<T> {
    return new OnceValue<T>(OutcomeRecord.make(thread, "a once value"));
  }

  /** @internal */
  get place(): OutcomeRecord {
    return this.#record;
  }

  /**
   * The value: computed by `compute` if nobody has one, else waited for. If the one call that was made throws, its error is everybody's, as Go's panics
   * are; if its thread dies, the next that waits makes its own.
   * Waits: this promise, while another computes; `options` end that wait. A `compute` that asks for the same value waits for itself.
   * Throws (rejects): what `compute` threw, ERR_UNSENDABLE for a value that cannot cross threads, ERR_HEAP_EXHAUSTED for one there is no room
   * for (the next call computes it anew), ERR_SYNC_CLOSED, AbortError, TimeoutError.
   * Cost: a copy the first time on a thread, then nothing.
   */
  async get(compute: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    check("get", compute, options);
    for (;;) {
      const led = this.#look("get");
      if (led) this.#known = this.#record.publish(led, await outcomeOf(compute));
      if (this.#known) return settle(this.#known);
      await this.#record.take(OutcomeRecord.after("get", false), options, nothing);
    }
  }

  /** The same with a function that does not await, blocking this thread. Throws also what Mutex.lockSync throws. */
  getSync(compute: () => T, options?: WaitOptions): T {
    check("getSync", compute, options);
    for (;;) {
      const led = this.#look("getSync");
      if (led) this.#known = this.#record.publish(led, outcomeNow(compute));
      if (this.#known) return settle(this.#known);
      this.#record.takeSync(OutcomeRecord.after("getSync", false), options, nothing);
    }
  }

  /** Learns it, or leads; neither if another does, or has just begun to read. */
  #look(what: string): Op | undefined {
    if (this.#known) return undefined;
    if (!this.#record.isOver) {
      const led = this.#record.tryLead(what);
      if (!led) return undefined;
      if (!this.#record.isOver) return led;
      this.#known = this.#record.read(led);
      return undefined;
    }
    const held = this.#record.tryTake(READING);
    if (held) this.#known = this.#record.read(held);
    return undefined;
  }

  /** It was computed, or has failed for good. */
  get isDone(): boolean {
    return this.#known !== undefined || (!this.#record.isClosed && this.#record.isOver);
  }

  /** Gives its memory back, and refuses who waits and whoever does not know it yet. Throws: ERR_SYNC_CLOSED the second time. */
  close(): void {
    this.#record.close();
  }
}
register(13, OnceValue);

function check(what: string, compute: unknown, options: WaitOptions | undefined): void {
  if (typeof compute !== "function") throw invalidArg(`${what}: compute`, "a function", compute);
  deadlineOf(what, options);
}

function nothing(): void {}
