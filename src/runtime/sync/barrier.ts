// A meeting of a fixed number of tasks, again and again.
//
// Memory   a sync record with a permit for each party; who waits has taken one. When the last comes the permits are back and the phase moves on.
// Crash    if a thread dies while it waits at the barrier, whoever waits there is refused with LockAbandonedError, and the barrier begins anew. A party
//          that dies elsewhere simply does not come: use a timeout.

import type { WaitOptions } from "../deadline.ts";
import { invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import type { Operation } from "../operation/operation.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { waitAsync, waitSync } from "../operation/wait.ts";
import { SyncRecord } from "./sync-record.ts";

/** Never free: who waits is let through by the phase alone. */
const NEVER = 0xffff_ffff;

/**
 * A barrier for `parties` tasks: each waits until all have come, then all go on, and it is ready for the next round.
 * Threads: any. See: Rust, std::sync::Barrier.
 */
export class Barrier extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "barrier");
  }

  /** @internal */
  static make(thread: Thread, parties: number): Barrier {
    if (!Number.isInteger(parties) || parties < 1 || parties > L.SYNC_PERMITS_MAX) {
      throw invalidArg("parties", `a whole number from 1 to ${L.SYNC_PERMITS_MAX}`, parties);
    }
    return new Barrier(SyncRecord.make(thread, "a barrier", L.SYNC_GATHERING, parties));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /**
   * Waits for the other parties. True for the one that came last, false for the others.
   * Waits: this promise. Given up (signal, timeout), it does not count as having come. Throws (rejects): LockAbandonedError (a thread died while it
   * waited here), ERR_SYNC_CLOSED, AbortError, TimeoutError.
   */
  wait(options?: WaitOptions): Promise<boolean> {
    const arrival = this.#arrival();
    return waitAsync(arrival, this.#record.thread.ops.acquire(), options, arrival.finish);
  }

  /** The same, blocking this thread. Throws also whatever forbids this thread to block. */
  waitSync(options?: WaitOptions): boolean {
    const arrival = this.#arrival();
    return waitSync(arrival, this.#record.thread.ops.acquire(), options, arrival.finish);
  }

  #arrival(): Operation & { finish(status: number): boolean } {
    const record = this.#record;
    let isLast = false;
    return {
      thread: record.thread,
      what: "wait",
      start: (op: Op, mode) => {
        op.prepare(L.RECEIVING, 0);
        const status = record.attempt(op, NEVER, 0, mode);
        isLast = status === L.OK;
        return status;
      },
      withdraw: (op) => record.withdraw(op),
      finish: (status) => {
        if (status === L.CLOSED) throw record.refusal("wait");
        return isLast;
      },
    };
  }

  get parties(): number {
    return this.#record.word(L.SYNC_PERMITS);
  }

  /** How many wait at this moment. */
  get waiting(): number {
    return this.#record.isClosed ? 0 : this.parties - this.#record.word(L.SYNC_FREE);
  }

  /** As Mutex.close. */
  close(): void {
    this.#record.close();
  }
}
register(5, Barrier);
