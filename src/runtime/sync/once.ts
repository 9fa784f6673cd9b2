// Something that is done once, whichever thread comes first.
//
// Memory   a sync record with one permit, held while it is being done; done is closed, and closed and unused is freed. A stale handle behaves as closed,
//          which is done.
// Crash    if the thread that does it dies, the next one that waits does it.

import type { WaitOptions } from "../deadline.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { SyncRecord, type Wish } from "./sync-record.ts";

const DO: Wish = { what: "do", weight: 1, wish: L.SYNC_TAKES | L.SYNC_RECOVERS };

/** Threads: any. See: Go, sync.Once. */
export class Once extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "once");
  }

  /** @internal */
  static make(thread: Thread): Once {
    return new Once(SyncRecord.make(thread, "a once", L.SYNC_LOCKING, 1));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /**
   * Calls `body` if nobody has called one before, else waits until that is done. A body that throws counts as done; its error goes to its caller alone.
   * Waits: this promise, while another does it; `options` end that wait. Throws (rejects): what `body` throws, AbortError, TimeoutError. A body that
   * calls do() on the same once waits for itself.
   */
  async do(body: () => unknown, options?: WaitOptions): Promise<void> {
    if (this.isDone) return;
    const turn = await this.#record.take(DO, options, (op) => op).catch((error) => this.#ifNotDone(error));
    if (turn === undefined) return;
    try {
      await body();
    } finally {
      this.#finish(turn);
    }
  }

  /** The same with a body that does not await, blocking this thread while another does it. Throws also what Mutex.lockSync throws. */
  doSync(body: () => unknown, options?: WaitOptions): void {
    if (this.isDone) return;
    let turn: Op | undefined;
    try {
      turn = this.#record.takeSync(DO, options, (op) => op);
    } catch (error) {
      turn = this.#ifNotDone(error);
    }
    if (turn === undefined) return;
    try {
      body();
    } finally {
      this.#finish(turn);
    }
  }

  #ifNotDone(error: unknown): undefined {
    if ((error as { code?: unknown }).code !== "ERR_SYNC_CLOSED") throw error;
  }

  #finish(turn: Op): void {
    if (this.#record.thread.isClosed) return;
    this[Symbol.dispose](); // somebody may have closed it meanwhile
    this.#record.giveBack(turn);
  }

  /** It counts as done from now on, done or not; its memory is given back. Throws: ERR_SYNC_CLOSED if it was. */
  close(): void {
    this.#record.close();
  }

  /** Cost: two loads. */
  get isDone(): boolean {
    return this.#record.isClosed;
  }
}
register(7, Once);
