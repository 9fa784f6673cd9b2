// Permits that are taken several at a time, first come, first served.
//
// Memory   a sync record with `permits` permits.
// Crash    what a dead thread held returns; nothing is marked.

import type { WaitOptions } from "../deadline.ts";
import { invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { Hold } from "./guard.ts";
import { SyncRecord, type Wish } from "./sync-record.ts";

/** Permits that are held. */
export class Permits extends Hold {
  /** How many. */
  readonly n: number;

  /** @internal */
  constructor(record: SyncRecord, op: Op, n: number) {
    super(record, op);
    this.n = n;
  }

  /** Gives them back; whoever waits longest is served first. Waits: never. Throws: ERR_NOT_HELD the second time. */
  release(): void {
    this.giveBack("release");
  }
}

/**
 * A weighted semaphore.
 * Threads: any; permits belong to the thread that took them. Order: strictly first come, first served: who asks for many is not passed by who asks for
 * few. See: Go, x/sync/semaphore.
 */
export class Semaphore extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "semaphore");
  }

  /** @internal */
  static make(thread: Thread, permits: number): Semaphore {
    if (!Number.isInteger(permits) || permits < 1 || permits > L.SYNC_PERMITS_MAX) {
      throw invalidArg("permits", `a whole number from 1 to ${L.SYNC_PERMITS_MAX}`, permits);
    }
    return new Semaphore(SyncRecord.make(thread, "a semaphore", L.SYNC_SEMAPHORE, permits));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /** Takes `n` permits (0 or more, at most all there are) if that needs no wait; else undefined. Waits: never. Throws: ERR_INVALID_ARG, ERR_SYNC_CLOSED. */
  tryAcquire(n = 1): Permits | undefined {
    const op = this.#record.tryTake(this.#wish("tryAcquire", n));
    return op && new Permits(this.#record, op, n);
  }

  /**
   * Takes `n` permits, waiting for them. More than there are at all is ERR_INVALID_ARG, since they would never come.
   * Waits: this promise. Ends with the permits, close, signal or timeout. Throws (rejects): ERR_INVALID_ARG, ERR_SYNC_CLOSED, AbortError, TimeoutError.
   */
  async acquire(n = 1, options?: WaitOptions): Promise<Permits> {
    return this.#record.take(this.#wish("acquire", n), options, (op) => new Permits(this.#record, op, n));
  }

  /** The same, blocking this thread. Throws also ERR_WOULD_DEADLOCK if only this thread itself could give them back. */
  acquireSync(n = 1, options?: WaitOptions): Permits {
    return this.#record.takeSync(this.#wish("acquireSync", n), options, (op) => new Permits(this.#record, op, n));
  }

  #wish(what: string, n: number): Wish {
    const all = this.permits;
    if (!Number.isInteger(n) || n < 0 || n > all) throw invalidArg(`${what}: n`, `a whole number from 0 to ${all}`, n);
    return { what, weight: n, wish: L.SYNC_TAKES };
  }

  /** How many there are. */
  get permits(): number {
    return this.#record.word(L.SYNC_PERMITS);
  }

  /** How many are free at this moment. */
  get available(): number {
    return this.#record.isClosed ? 0 : this.#record.word(L.SYNC_FREE);
  }

  /** As Mutex.close. */
  close(): void {
    this.#record.close();
  }
}
register(3, Semaphore);
