// Numbers and flags that all threads share, changed one at a time.
//
// Memory   a sync record each, alone on its line: the cell of an AtomicInt or AtomicFlag is changed by JavaScript's own atomics; an AtomicFloat's number
//          under the record's lock.
// Crash    nothing is ever half done. A thread that was retired and still runs can still change a cell: the cell knows no epochs.

import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { SyncRecord } from "./sync-record.ts";

abstract class Cell extends Shared {
  readonly #record: SyncRecord;
  readonly #i32: Int32Array;
  readonly #cell: number;
  readonly #genAt: number;
  readonly #gen: number;

  constructor(place: Place, name: string) {
    super();
    this.#record = new SyncRecord(place, name);
    this.#i32 = place.thread.heap.i32;
    this.#cell = (place.address + L.SYNC_CELL) >> 2;
    this.#genAt = (place.address + L.SYNC_GEN) >> 2;
    this.#gen = place.gen;
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  protected get i32(): Int32Array {
    if (this.#i32[this.#genAt] !== this.#gen) throw closed(this.#record.name);
    return this.#i32;
  }

  protected get cell(): number {
    return this.#cell;
  }

  /** Frees it. Throws: ERR_SYNC_CLOSED the second time, as does every other call from now on. */
  close(): void {
    this.#record.close();
  }
}

/** A whole number of 32 bits that wraps, as Go's atomic.Int32. Threads: any. Waits: never. Throws: ERR_SYNC_CLOSED. Cost: one atomic operation. */
export class AtomicInt extends Cell {
  /** @internal */
  constructor(place: Place) {
    super(place, "atomic int");
  }

  /** @internal */
  static make(thread: Thread, value = 0): AtomicInt {
    const int = new AtomicInt(SyncRecord.make(thread, "an atomic int", L.SYNC_SEMAPHORE, 1));
    int.store(value);
    return int;
  }

  /** The value. */
  load(): number {
    return Atomics.load(this.i32, this.cell);
  }
  /** Another value. */
  store(value: number): void {
    Atomics.store(this.i32, this.cell, whole("value", value));
  }
  /** Adds and answers the new value. */
  add(n: number): number {
    return (Atomics.add(this.i32, this.cell, whole("n", n)) + n) | 0;
  }
  /** Stores and answers what was there before. */
  swap(value: number): number {
    return Atomics.exchange(this.i32, this.cell, whole("value", value));
  }
  /** Stores `next` if the value is `before`; answers whether it was. */
  compareAndSwap(before: number, next: number): boolean {
    return Atomics.compareExchange(this.i32, this.cell, whole("before", before), whole("next", next)) === before;
  }
}
register(8, AtomicInt);

/** A flag. Otherwise as AtomicInt. */
export class AtomicFlag extends Cell {
  /** @internal */
  constructor(place: Place) {
    super(place, "atomic flag");
  }

  /** @internal */
  static make(thread: Thread): AtomicFlag {
    return new AtomicFlag(SyncRecord.make(thread, "an atomic flag", L.SYNC_SEMAPHORE, 1));
  }

  get isSet(): boolean {
    return Atomics.load(this.i32, this.cell) === 1;
  }
  /** Sets it; true for the one call that found it unset. */
  set(): boolean {
    return Atomics.exchange(this.i32, this.cell, 1) === 0;
  }
  /** Clears it; true for the one call that found it set. */
  clear(): boolean {
    return Atomics.exchange(this.i32, this.cell, 0) === 1;
  }
}
register(9, AtomicFlag);

/** A number of double precision. Threads: any. Waits: never. Throws: ERR_SYNC_CLOSED, ERR_INVALID_ARG. Cost: one transition, about 20 ns. */
export class AtomicFloat extends Shared {
  readonly #record: SyncRecord;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "atomic float");
  }

  /** @internal */
  static make(thread: Thread, value = 0): AtomicFloat {
    const float = new AtomicFloat(SyncRecord.make(thread, "an atomic float", L.SYNC_SEMAPHORE, 1));
    float.store(value);
    return float;
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /** The value. */
  load(): number {
    return this.#do(L.NUMBER_LOAD, 0);
  }
  /** Another value. */
  store(value: number): void {
    this.#do(L.NUMBER_STORE, value);
  }
  /** Adds and answers the new value. */
  add(n: number): number {
    return this.#do(L.NUMBER_ADD, n) + n;
  }
  /** Stores and answers what was there before. */
  swap(value: number): number {
    return this.#do(L.NUMBER_STORE, value);
  }
  /** Stores `next` if the value equals `before` (NaN equals NaN); answers whether it did. */
  compareAndSwap(before: number, next: number): boolean {
    const found = this.#do(L.NUMBER_COMPARE, before, next);
    return found === before || (Number.isNaN(found) && Number.isNaN(before));
  }

  #do(what: number, a: number, b = 0): number {
    if (typeof a !== "number") throw invalidArg("value", "a number", a);
    if (typeof b !== "number") throw invalidArg("next", "a number", b);
    const { thread, address, gen } = this.#record;
    const { slot, epoch } = thread;
    const { f64, fn } = thread.heap;
    const beside = (slot + L.SLOT_VALUE) >> 3;
    f64[beside] = b; // this thread's own line
    let status = fn.numberDo(address, gen, slot, epoch, what, a);
    if (status === L.BUSY || status === L.FENCED) status = thread.call("number", (f) => f.numberDo(address, gen, slot, epoch, what, a));
    if (status === L.CLOSED) throw closed(this.#record.name);
    return f64[beside]!;
  }

  /** As AtomicInt.close. */
  close(): void {
    this.#record.close();
  }
}
register(10, AtomicFloat);

function whole(what: string, value: number): number {
  if ((value | 0) !== value) throw invalidArg(what, "a whole number of 32 bits", value);
  return value;
}

function closed(name: string): HeddleError {
  return new HeddleError("ERR_SYNC_CLOSED", `the ${name} is closed`);
}
