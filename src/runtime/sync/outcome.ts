// How something ended that one did for all: a record that is held while it is being done, and then keeps the value or the error.
//
// Memory   a sync record with all permits held by the one who does it; SYNC_BLOCK: [whether it is a value, value or error], as bytes
// States   nobody leads → led (all permits held) → over (a block)    led → nobody leads, if the leader has died
// Invariants
//   1. The block is hung to the record while all permits are held, once, and stays until the record is freed. Who reads it holds a permit.
//   2. Who leads has found no block: nothing is done twice but after a death.
// Ordering  the record's lock: who has a permit sees what was done before all were given back.
// Crash    before the block is there: the permits return after the exit, and who waits is let through and finds nothing. After that: it is over.

import { describe } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import type { Place } from "../operation/shared.ts";
import { valueWire } from "../operation/values.ts";
import { SyncRecord, type Wish } from "./sync-record.ts";

export type Outcome = readonly [isValue: boolean, result: unknown];

const ALL = L.SYNC_PERMITS_MAX;

export class OutcomeRecord extends SyncRecord {
  static override make(thread: Thread, what: string): Place {
    return SyncRecord.make(thread, what, L.SYNC_LOCKING, ALL);
  }

  get isLed(): boolean {
    return !this.isClosed && this.word(L.SYNC_FREE) === 0;
  }

  get isOver(): boolean {
    return this.word(L.SYNC_BLOCK) !== 0;
  }

  /** Whether anybody waits for it. */
  get isAwaited(): boolean {
    return this.word(L.SYNC_HEAD) !== 0;
  }

  /** Leads, if nobody does; undefined if somebody does, or reads. */
  tryLead(what: string): Op | undefined {
    return this.tryTake({ what, weight: ALL, wish: L.SYNC_TAKES | L.SYNC_RECOVERS | L.SYNC_BARGES });
  }

  /** The wish to wait until nobody leads; to hold a permit then, or nothing. */
  static after(what: string, holds: boolean): Wish {
    return { what, weight: 1, wish: L.SYNC_RECOVERS | (holds ? L.SYNC_TAKES : 0) };
  }

  /** How it ended, for one who holds a permit, and gives it back; undefined if nobody has ended it. */
  read(held: Op): Outcome | undefined {
    const { thread } = this;
    try {
      const block = this.word(L.SYNC_BLOCK);
      return block === 0 ? undefined : (valueWire().decode(thread.read(block), thread) as Outcome);
    } finally {
      this.giveBack(held);
    }
  }

  /** Keeps how it ended, and lets everybody go on. Throws as keep: then nobody leads. */
  publish(led: Op, outcome: Outcome): Outcome {
    if (this.thread.isClosed) return outcome;
    try {
      return this.keep(outcome);
    } finally {
      this.giveBack(led);
    }
  }

  /** Keeps how it ended, for the one who leads. What cannot cross threads has ended with that error, for all. Throws: ERR_HEAP_EXHAUSTED. */
  keep(outcome: Outcome): Outcome {
    const { thread, address, gen } = this;
    const [ended, bytes] = encode(outcome, thread);
    const block = thread.store("an outcome", bytes);
    const status = thread.call("keep", (fn) => fn.syncKeep(address, gen, thread.slot, thread.epoch, block));
    if (status !== L.OK) thread.free(block); // it was closed meanwhile
    return ended;
  }
}

function encode(outcome: Outcome, thread: Thread): [Outcome, Uint8Array] {
  const [isValue, result] = outcome;
  try {
    return [outcome, valueWire().encode("value", outcome, thread)];
  } catch (error) {
    const ended: Outcome = [false, isValue ? error : describe(result)];
    return [isValue ? ended : outcome, valueWire().encode("error", ended, thread)];
  }
}

/** How a call ended. */
export async function outcomeOf(fn: () => unknown): Promise<Outcome> {
  try {
    return [true, await fn()];
  } catch (error) {
    return [false, error];
  }
}

export function outcomeNow(fn: () => unknown): Outcome {
  try {
    return [true, fn()];
  } catch (error) {
    return [false, error];
  }
}

export function settle<T>([isValue, result]: Outcome): T {
  if (!isValue) throw result;
  return result as T;
}
