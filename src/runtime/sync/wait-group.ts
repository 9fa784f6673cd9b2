// Waiting until a count is down to zero.
//
// Memory   a sync record whose taken permits are the count; who waits asks that all be free, and takes none.
// Crash    places held (hold, track) return when their thread dies. What was added with add() is nobody's: it waits for its done().

import type { WaitOptions } from "../deadline.ts";
import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { Hold } from "./guard.ts";
import { SyncRecord, type Wish } from "./sync-record.ts";

const WAIT: Wish = { what: "wait", weight: L.SYNC_PERMITS_MAX, wish: L.SYNC_BARGES };
const HOLD: Wish = { what: "hold", weight: 1, wish: L.SYNC_TAKES | L.SYNC_BARGES };

/** A place in a wait group, which counts one until done() or the death of its thread. */
export class WaitGroupPlace extends Hold {
  /** Counts down. Throws: ERR_NOT_HELD the second time. */
  done(): void {
    this.giveBack("done");
  }
}

/**
 * Counts what is under way; who waits goes on when the count is down to zero.
 * Threads: any may add, count down and wait. See: Go, sync.WaitGroup.
 */
export class WaitGroup extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "wait group");
  }

  /** @internal */
  static make(thread: Thread): WaitGroup {
    return new WaitGroup(SyncRecord.make(thread, "a wait group", L.SYNC_COUNTING, L.SYNC_PERMITS_MAX));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /**
   * Adds to the count; a negative number counts down. At zero everybody who waits goes on, in their order.
   * Waits: never. Throws: ERR_NEGATIVE_COUNT, ERR_INVALID_ARG, ERR_SYNC_CLOSED; the count is as it was then.
   */
  add(n = 1): void {
    const { thread, address, gen } = this.#record;
    if (!Number.isInteger(n) || Math.abs(n) > L.SYNC_PERMITS_MAX) {
      throw invalidArg("add: n", `a whole number of at most ${L.SYNC_PERMITS_MAX} either way`, n);
    }
    const status = thread.call("add", (fn) => fn.syncAdd(address, gen, thread.slot, thread.epoch, n));
    if (status === L.CLOSED && this.#record.isClosed) throw this.#record.refusal("add");
    if (status !== L.REFUSED) this.#record.goOn(status);
    else if (n < 0)
      throw new HeddleError("ERR_NEGATIVE_COUNT", `expected a count of at least ${-n} to count down by that, got ${this.count}`);
    else throw invalidArg("add: n", `a count of at most ${L.SYNC_PERMITS_MAX}`, this.count + n);
  }

  /** Counts down by one. Throws: as add. */
  done(): void {
    this.add(-1);
  }

  /** A place that counts one until it is given back, also by this thread's death. Waits: never. Throws: ERR_SYNC_CLOSED. */
  hold(): WaitGroupPlace {
    const op = this.#record.tryTake(HOLD);
    if (op) return new WaitGroupPlace(this.#record, op);
    throw invalidArg("hold", `a count of at most ${L.SYNC_PERMITS_MAX}`, this.count + 1);
  }

  /** Counts one until the promise is settled, whichever way: `wg.track(rt.go(jobs.crunch, part))`. Answers the promise. */
  track<T>(promise: PromiseLike<T>): Promise<T> {
    const place = this.hold();
    return Promise.resolve(promise).finally(() => place[Symbol.dispose]());
  }

  /** Waits until the count is zero, which it may be at once. Waits: this promise. Throws (rejects): ERR_SYNC_CLOSED, AbortError, TimeoutError. */
  wait(options?: WaitOptions): Promise<void> {
    return this.#record.take<void>(WAIT, options, nothing);
  }

  /** The same, blocking this thread. Throws also whatever forbids this thread to block. */
  waitSync(options?: WaitOptions): void {
    this.#record.takeSync<void>(WAIT, options, nothing);
  }

  get count(): number {
    return this.#record.isClosed ? 0 : L.SYNC_PERMITS_MAX - this.#record.word(L.SYNC_FREE);
  }

  /** As Mutex.close. */
  close(): void {
    this.#record.close();
  }
}
register(4, WaitGroup);

function nothing(_op: Op): void {}
