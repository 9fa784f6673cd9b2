// What a thread holds: a lock, permits, a place in a wait group. It belongs to the thread that took it; if that dies it is given back by the sweep.

import { HeddleError } from "../errors.ts";
import type { Op } from "../memory/op.ts";
import type { SyncRecord, Wish } from "./sync-record.ts";

export class Hold {
  readonly #record: SyncRecord;
  #op: Op | undefined;

  /** @internal */
  constructor(record: SyncRecord, op: Op) {
    this.#record = record;
    this.#op = op;
  }

  /** Not given back yet. */
  get isHeld(): boolean {
    return this.#op !== undefined;
  }

  /** @internal */
  get record(): SyncRecord {
    return this.#record;
  }

  /** @internal */
  giveBack(what: string): void {
    const op = this.#op;
    if (op === undefined) throw notHeld(what, this.#record);
    this.#op = undefined;
    this.#record.giveBack(op);
  }

  /** @internal */
  retake(op: Op): void {
    this.#op = op;
  }

  /** Gives back what is still held; nothing the second time, and nothing when the runtime is closed. */
  [Symbol.dispose](): void {
    if (this.#op !== undefined && !this.#record.thread.isClosed) this.giveBack("dispose");
  }
}

/** A held lock. */
export class Guard extends Hold {
  /** @internal How it was taken, for a condition that takes it again. */
  readonly asked: Wish;

  /** @internal */
  constructor(record: SyncRecord, op: Op, asked: Wish) {
    super(record, op);
    this.asked = asked;
  }

  /** Unlocks; the longest waiting one has the lock then. Waits: never. Throws: ERR_NOT_HELD if it was unlocked before. */
  unlock(): void {
    this.giveBack("unlock");
  }
}

export function notHeld(what: string, record: SyncRecord): HeddleError {
  return new HeddleError("ERR_NOT_HELD", `${what}: expected a ${record.name} that is held, and it was given back before`);
}
