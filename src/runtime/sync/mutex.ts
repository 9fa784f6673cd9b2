// A lock between tasks on any threads.
//
// Memory   a sync record with one permit: taken while it is locked.
// Crash    the lock of a thread that died is marked abandoned once that thread has exited: whoever waits and whoever comes is refused with
//          LockAbandonedError, until somebody takes it with recover(), which clears the mark.

import type { WaitOptions } from "../deadline.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { Guard } from "./guard.ts";
import { SyncRecord, type Wish } from "./sync-record.ts";

const LOCK: Wish = { what: "lock", weight: 1, wish: L.SYNC_TAKES };
const RECOVER: Wish = { what: "recover", weight: 1, wish: L.SYNC_TAKES | L.SYNC_RECOVERS };

/**
 * A mutual exclusion lock: a view on a handle of 8 bytes, to be passed to tasks, in structures and through channels.
 * Threads: any; the lock belongs to the thread that took it, which alone can unlock it. Order: strictly first come, first served among those who wait.
 * Not reentrant: who awaits a lock that the same task holds waits until its signal or timeout ends that. See: Go, sync.Mutex.
 */
export class Mutex extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "mutex");
  }

  /** @internal */
  static make(thread: Thread): Mutex {
    return new Mutex(SyncRecord.make(thread, "a mutex", L.SYNC_LOCKING, 1));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /**
   * Locks if that needs no wait; else undefined.
   * Waits: never. Throws: LockAbandonedError, ERR_SYNC_CLOSED. Cost: one transition, about 25 ns, and as much for unlock().
   */
  tryLock(): Guard | undefined {
    const op = this.#record.tryTake(LOCK);
    return op && new Guard(this.#record, op, LOCK);
  }

  /**
   * Locks, waiting for it.
   * Waits: this promise. Ends with the lock, its abandonment, close, signal or timeout.
   * Throws (rejects): LockAbandonedError, ERR_SYNC_CLOSED, AbortError, TimeoutError; it is not locked then.
   */
  lock(options?: WaitOptions): Promise<Guard> {
    return this.#record.take(LOCK, options, (op) => this.#guard(op));
  }

  /** The same, blocking this thread. Throws also ERR_WOULD_DEADLOCK if this thread holds it itself, and whatever forbids this thread to block. */
  lockSync(options?: WaitOptions): Guard {
    const guard = options === undefined ? this.tryLock() : undefined; // a free lock costs no more than that
    return guard ?? this.#record.takeSync(LOCK, options, (op) => this.#guard(op));
  }

  /**
   * Locks as lock() does, abandoned or not, and clears the mark: the caller answers for what the lock protects.
   * Waits: this promise. Throws (rejects): ERR_SYNC_CLOSED, AbortError, TimeoutError.
   */
  recover(options?: WaitOptions): Promise<Guard> {
    return this.#record.take(RECOVER, options, (op) => this.#guard(op));
  }

  /** The same, blocking this thread, as lockSync does. */
  recoverSync(options?: WaitOptions): Guard {
    return this.#record.takeSync(RECOVER, options, (op) => this.#guard(op));
  }

  /** Runs `body` with the lock held and unlocks when it has ended, either way. Throws (rejects): as lock(), and what `body` throws. */
  async run<T>(body: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    const guard = await this.lock(options);
    try {
      return await body();
    } finally {
      guard[Symbol.dispose]();
    }
  }

  #guard(op: Op): Guard {
    return new Guard(this.#record, op, LOCK);
  }

  get isLocked(): boolean {
    return !this.#record.isClosed && this.#record.word(L.SYNC_FREE) === 0;
  }

  /** A holder has died, and nobody has recovered it. */
  get isAbandoned(): boolean {
    return this.#record.isAbandoned;
  }

  /** Refuses whoever waits, and from now on everybody; who holds it may still unlock it. Throws: ERR_SYNC_CLOSED the second time. */
  close(): void {
    this.#record.close();
  }
}
register(1, Mutex);
