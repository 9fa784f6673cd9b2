// Waiting for a condition that a lock protects.
//
// Memory   a sync record without permits: a signal is one permit for one who waits; a broadcast moves the phase on, which lets all go who wait now.
// Order    wait links first and then gives the lock back: a signal sent under the lock is never missed.
// Crash    a signal given to a thread that died before it had the lock again goes to the next. If the lock is abandoned everybody who waits is woken, and learns of
//          it when they take the lock.

import { deadlineOf, type WaitOptions } from "../deadline.ts";
import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import type { Operation } from "../operation/operation.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { waitAsync, waitSync } from "../operation/wait.ts";
import { Guard, notHeld } from "./guard.ts";
import { Mutex } from "./mutex.ts";
import { RwMutex } from "./rw-mutex.ts";
import { SyncRecord } from "./sync-record.ts";

/**
 * A condition of a mutex or rw mutex. As always with conditions: wait in a loop that looks whether what you wait for holds.
 * Threads: any may signal; who waits holds the lock. See: Go, sync.Cond.
 */
export class Cond extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "condition");
  }

  /** @internal */
  static make(thread: Thread, lock: Mutex | RwMutex): Cond {
    if (!(lock instanceof Mutex || lock instanceof RwMutex)) throw invalidArg("cond: lock", "a Mutex or RwMutex", lock);
    const { place } = lock;
    if (place.thread.heap !== thread.heap)
      throw new HeddleError("ERR_FOREIGN_HANDLE", "expected a lock of this runtime, got one of another");
    return new Cond(SyncRecord.make(thread, "a condition", L.SYNC_SIGNALLING, L.SYNC_PERMITS_MAX, place));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /**
   * Unlocks, waits for a signal, and locks again; the guard is the same one before and after.
   * Waits: this promise, twice: for the signal, which `options` may end, and for the lock, which they do not.
   * Throws (rejects): AbortError, TimeoutError, ERR_SYNC_CLOSED with the lock held again; LockAbandonedError without it (guard.isHeld tells);
   * ERR_NOT_HELD, ERR_INVALID_ARG.
   */
  async wait(guard: Guard, options?: WaitOptions): Promise<void> {
    deadlineOf("wait", options);
    const waiting = this.#waiting(guard);
    let signal: Op | undefined;
    try {
      signal = await waitAsync(waiting, this.#record.thread.ops.acquire(), options, waiting.finish);
    } finally {
      try {
        if (!guard.isHeld) await guard.record.take(guard.asked, undefined, (op) => guard.retake(op));
      } finally {
        this.#end(signal, guard);
      }
    }
  }

  /** The same, blocking this thread. Throws also whatever forbids this thread to block. */
  waitSync(guard: Guard, options?: WaitOptions): void {
    deadlineOf("waitSync", options);
    const waiting = this.#waiting(guard);
    let signal: Op | undefined;
    try {
      signal = waitSync(waiting, this.#record.thread.ops.acquire(), options, waiting.finish);
    } finally {
      try {
        if (!guard.isHeld) guard.record.takeSync(guard.asked, undefined, (op) => guard.retake(op));
      } finally {
        this.#end(signal, guard);
      }
    }
  }

  /** The signal is used up once the lock is held again. Who cannot have the lock can do nothing with it: it goes to the next. */
  #end(signal: Op | undefined, guard: Guard): void {
    const { thread } = this.#record;
    if (signal === undefined || thread.isClosed) return;
    const isHeld = thread.heap.u32[(signal.node + L.NODE_HELD) >> 2] === 1; // else it was let through by a broadcast
    if (isHeld) this.#record.release(signal, guard.isHeld ? L.CONSUME : L.GIVE_BACK);
    thread.ops.release(signal);
  }

  #waiting(guard: Guard): Operation & { finish(status: number, op: Op): Op } {
    const record = this.#record;
    if (!(guard instanceof Guard)) throw invalidArg("wait: guard", "the Guard of a lock", guard);
    if (guard.record.address !== record.word(L.SYNC_LOCK_OF)) throw invalidArg("wait: guard", "a guard of this condition's lock", guard);
    if (!guard.isHeld) throw notHeld("wait", guard.record);
    return {
      thread: record.thread,
      what: "wait",
      isKept: true,
      start: (op, mode) => {
        op.prepare(L.RECEIVING, 0);
        const status = record.attempt(op, 1, L.SYNC_TAKES, mode);
        if (status === L.PARKED) guard.giveBack("wait");
        return status;
      },
      withdraw: (op) => record.withdraw(op),
      finish: (status, op) => {
        if (status === L.CLOSED) throw record.refusal("wait");
        return op;
      },
    };
  }

  /** Lets the one who waits longest go on; nothing if nobody waits. Waits: never. Throws: ERR_SYNC_CLOSED. */
  signal(): void {
    this.#send(0);
  }

  /** Lets everybody go on who waits now. Waits: never; one transition a waiter. Throws: ERR_SYNC_CLOSED. */
  broadcast(): void {
    this.#send(1);
  }

  #send(all: number): void {
    const { thread, address, gen } = this.#record;
    const status = thread.call("signal", (fn) => fn.syncSignal(address, gen, thread.slot, thread.epoch, all));
    if (status === L.CLOSED) throw this.#record.refusal(all ? "broadcast" : "signal");
    this.#record.goOn(status);
  }

  /** As Mutex.close; the lock stays open. */
  close(): void {
    this.#record.close();
  }
}
register(6, Cond);
