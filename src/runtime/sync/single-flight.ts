// Calls for the same key at the same time, on whichever threads, are one call.
//
// Memory   a table of keys (key-table.ts): for each key that is in flight an outcome record (outcome.ts). Who joins holds a permit of it while he reads;
//          once it is over it is closed, and the last reader frees it, value and all.
// States   of a key: nobody's → led → over → nobody's     led → forgotten: those who joined have its outcome, the next to come leads anew
// Invariants
//   1. A record stands for its key only while it is led: it is led before it is offered, and whoever finds one that is not led any more may replace it.
//   2. One that is over, or whose leader has died, is never led again.
// Crash    the leader: those who joined find no outcome and begin anew, the first of them leads. One that died on its way out leaves a record that is over in
//          its place, to be replaced. Between making a record and offering it: 128 bytes until the runtime closes.
// Source   golang.org/x/sync/singleflight for the semantics.

import { deadlineOf, type WaitOptions } from "../deadline.ts";
import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { closeQuietly, KeyTable, NO_ROOM } from "./key-table.ts";
import { type Outcome, OutcomeRecord, outcomeNow, outcomeOf, settle } from "./outcome.ts";
import type { SyncRecord } from "./sync-record.ts";

/** Options of rt.sync.singleFlight(). */
export interface SingleFlightOptions {
  /** About how many keys there is room for at once, 1 to 1,048,576. Default 256. Costs 128 bytes each, and as many and the value while a key is in flight. */
  keys?: number;
}

/** What a call gave. */
export interface Flown<T> {
  readonly value: T;
  /** Others have it too, each a copy of its own. For the one whose `fn` was called a snapshot: whether anybody waited when it was over. */
  readonly shared: boolean;
}

interface Flight {
  readonly record: OutcomeRecord;
  /** What this call holds of it if it leads. */
  readonly led: Op | undefined;
}

const DEFAULT_KEYS = 256;
const NAME = "single flight";

/** Threads: any. See: Go, x/sync/singleflight. */
export class SingleFlight extends Shared {
  readonly #table: KeyTable;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#table = new KeyTable(place, NAME);
  }

  /** @internal */
  static make(thread: Thread, options: SingleFlightOptions = {}): SingleFlight {
    if (typeof options !== "object" || options === null) throw invalidArg("singleFlight: options", "an object { keys }", options);
    return new SingleFlight(KeyTable.make(thread, "a single flight", options.keys ?? DEFAULT_KEYS));
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#table.record;
  }

  /**
   * Calls `fn`, unless a call for that key is in flight on any thread: then waits for it, and has its value or its error. If the thread that flies it dies,
   * the first that waits calls its own.
   * Waits: this promise. `options` end the wait for another's call, not one's own `fn`. An `fn` that asks for its own key waits for itself.
   * Throws (rejects): what `fn` threw, ERR_UNSENDABLE for a value that cannot cross threads, ERR_TOO_MANY_KEYS, ERR_HEAP_EXHAUSTED (for a value
   * too: those who joined begin anew then), ERR_SYNC_CLOSED, ERR_INVALID_ARG, AbortError, TimeoutError. Cost: about 5 µs, and a copy of the value for each that joins.
   */
  async do<T>(key: string, fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<Flown<T>> {
    const hash = this.#begin("do", key, fn, options);
    for (;;) {
      const { record, led } = this.#board("do", hash);
      if (led) return this.#land(record, led, await outcomeOf(fn));
      const held = await record.take(OutcomeRecord.after("do", true), options, (op) => op).catch((error) => this.#ifOver(record, error));
      const outcome = held && record.read(held);
      if (outcome) return { value: settle<T>(outcome), shared: true };
    }
  }

  /** The same with a function that does not await, blocking this thread while another flies. Throws also what Mutex.lockSync throws. */
  doSync<T>(key: string, fn: () => T, options?: WaitOptions): Flown<T> {
    const hash = this.#begin("doSync", key, fn, options);
    for (;;) {
      const { record, led } = this.#board("doSync", hash);
      if (led) return this.#land(record, led, outcomeNow(fn));
      let held: Op | undefined;
      try {
        held = record.takeSync(OutcomeRecord.after("doSync", true), options, (op) => op);
      } catch (error) {
        this.#ifOver(record, error);
      }
      const outcome = held && record.read(held);
      if (outcome) return { value: settle<T>(outcome), shared: true };
    }
  }

  #begin(what: string, key: string, fn: unknown, options: WaitOptions | undefined): Uint32Array {
    if (typeof fn !== "function") throw invalidArg(`${what}: fn`, "a function", fn);
    deadlineOf(what, options);
    return this.#table.hashOf(what, key);
  }

  /** Joins the flight of a key, or begins one. */
  #board(what: string, hash: Uint32Array): Flight {
    let there = this.#table.find(what, hash);
    for (;;) {
      const flight = there && new OutcomeRecord(there, NAME);
      if (flight?.isLed) return { record: flight, led: undefined };
      const { record, led } = this.#begun(what);
      let other: ReturnType<KeyTable["offer"]> = NO_ROOM;
      try {
        other = this.#table.offer(what, hash, record, there);
        if (other === NO_ROOM && this.#clear(hash)) other = this.#table.offer(what, hash, record, there);
        if (other === NO_ROOM) throw this.#table.tooMany(what);
      } finally {
        if (other !== undefined) {
          record.close();
          record.giveBack(led);
        }
      }
      if (other === undefined) {
        if (flight) retire(flight); // whoever flew it has died, or is on the way out
        return { record, led };
      }
      there = other;
    }
  }

  /** A record that this call leads, before anybody knows of it. */
  #begun(what: string): { record: OutcomeRecord; led: Op } {
    const record = new OutcomeRecord(OutcomeRecord.make(this.#table.record.thread, "a flight"), NAME);
    return { record, led: record.tryLead(what)! };
  }

  /** Gives up those in a key's rows that are over. Whether there were any. */
  #clear(hash: Uint32Array): boolean {
    const over = this.#table.inRowsOf(hash).map((place) => new OutcomeRecord(place, NAME));
    const idle = over.filter((record) => !record.isLed);
    for (const record of idle) retire(record);
    return idle.length > 0;
  }

  #land<T>(record: OutcomeRecord, led: Op, outcome: Outcome): Flown<T> {
    if (record.thread.isClosed) return { value: settle<T>(outcome), shared: false };
    let [ended, shared] = [outcome, false];
    try {
      ended = record.keep(outcome);
    } finally {
      shared = record.isAwaited;
      record.giveBack(led);
      closeQuietly(record); // everybody who joined has a permit by now: the last one frees it
    }
    return { value: settle<T>(ended), shared };
  }

  /** It was over before this call could join it. */
  #ifOver(record: OutcomeRecord, error: unknown): undefined {
    const isOver = error instanceof HeddleError && error.code === "ERR_SYNC_CLOSED" && record.isClosed && !this.#table.record.isClosed;
    if (!isOver) throw error;
  }

  /** Whoever comes next for the key does not wait for the call that is in flight; who waits for it still has its outcome. Throws: ERR_SYNC_CLOSED. */
  forget(key: string): void {
    this.#table.drop("forget", this.#table.hashOf("forget", key));
  }

  /** Refuses whoever waits, and everybody from now on; who flies ends as if alone. Throws: ERR_SYNC_CLOSED the second time. */
  close(): void {
    this.#table.close((place) => closeQuietly(new OutcomeRecord(place, NAME)));
  }
}
register(14, SingleFlight);

/** Closes one that nobody leads any more. Whoever led it may not have served all who wait yet: they are let through first. */
function retire(record: OutcomeRecord): void {
  record.goOn(L.AGAIN);
  closeQuietly(record);
}
