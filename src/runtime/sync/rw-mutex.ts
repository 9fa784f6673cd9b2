// A lock for one writer or many readers.
//
// Memory   a sync record with as many permits as there could ever be readers: a reader takes one, a writer all.
// Crash    a reader's death gives its share back; a writer's marks the lock abandoned, as a mutex.

import type { WaitOptions } from "../deadline.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { Guard } from "./guard.ts";
import { SyncRecord, type Wish } from "./sync-record.ts";

const LOCK: Wish = { what: "lock", weight: L.SYNC_PERMITS_MAX, wish: L.SYNC_TAKES };
const READ: Wish = { what: "rLock", weight: 1, wish: L.SYNC_TAKES };
const RECOVER: Wish = { what: "recover", weight: L.SYNC_PERMITS_MAX, wish: L.SYNC_TAKES | L.SYNC_RECOVERS };

/**
 * A lock that one writer holds alone or any number of readers together.
 * Threads: as Mutex. Order: strictly first come, first served: a writer that waits holds up readers that come after it, so a task must not take a second
 * read lock while it has one. See: Go, sync.RWMutex.
 */
export class RwMutex extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "rw mutex");
  }

  /** @internal */
  static make(thread: Thread): RwMutex {
    return new RwMutex(SyncRecord.make(thread, "an rw mutex", L.SYNC_LOCKING, L.SYNC_PERMITS_MAX));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  #try(asked: Wish): Guard | undefined {
    const op = this.#record.tryTake(asked);
    return op && new Guard(this.#record, op, asked);
  }

  #lock(asked: Wish, then: Wish, options: WaitOptions | undefined): Promise<Guard> {
    return this.#record.take(asked, options, (op) => new Guard(this.#record, op, then));
  }

  #lockSync(asked: Wish, then: Wish, options: WaitOptions | undefined): Guard {
    return this.#record.takeSync(asked, options, (op) => new Guard(this.#record, op, then));
  }

  /** Locks for writing if that needs no wait; else undefined. Waits: never. Throws: as Mutex.tryLock. */
  tryLock(): Guard | undefined {
    return this.#try(LOCK);
  }

  /** Locks for writing. Waits: this promise. Throws (rejects): as Mutex.lock. */
  lock(options?: WaitOptions): Promise<Guard> {
    return this.#lock(LOCK, LOCK, options);
  }

  /** The same, blocking this thread. Throws: as Mutex.lockSync. */
  lockSync(options?: WaitOptions): Guard {
    return this.#lockSync(LOCK, LOCK, options);
  }

  /** Locks for reading if that needs no wait; else undefined. Waits: never. Throws: as Mutex.tryLock. */
  tryRLock(): Guard | undefined {
    return this.#try(READ);
  }

  /** Locks for reading. Waits: this promise. Throws (rejects): as Mutex.lock. */
  rLock(options?: WaitOptions): Promise<Guard> {
    return this.#lock(READ, READ, options);
  }

  /** The same, blocking this thread. Throws: as Mutex.lockSync. */
  rLockSync(options?: WaitOptions): Guard {
    return this.#lockSync(READ, READ, options);
  }

  /** Locks for writing, abandoned or not, and clears the mark. Waits: this promise. Throws (rejects): as Mutex.recover. */
  recover(options?: WaitOptions): Promise<Guard> {
    return this.#lock(RECOVER, LOCK, options);
  }

  /** The same, blocking this thread. */
  recoverSync(options?: WaitOptions): Guard {
    return this.#lockSync(RECOVER, LOCK, options);
  }

  /** Readers inside at this moment. */
  get readers(): number {
    const taken = this.#taken;
    return taken === L.SYNC_PERMITS_MAX ? 0 : taken;
  }

  /** A writer is inside. */
  get isLocked(): boolean {
    return this.#taken === L.SYNC_PERMITS_MAX;
  }

  get #taken(): number {
    return this.#record.isClosed ? 0 : L.SYNC_PERMITS_MAX - this.#record.word(L.SYNC_FREE);
  }

  /** A writer has died inside, and nobody has recovered it. */
  get isAbandoned(): boolean {
    return this.#record.isAbandoned;
  }

  /** As Mutex.close. */
  close(): void {
    this.#record.close();
  }
}
register(2, RwMutex);
