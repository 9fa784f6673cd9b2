// A table of keys as this thread sees it, and its transitions (transitions/key.ts): which record stands for a key, the same for all threads.

import { HeddleError, invalidArg } from "../errors.ts";
import { blockPayload } from "../memory/heap.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import type { Place } from "../operation/shared.ts";
import { SyncRecord } from "./sync-record.ts";

const KEYS_MAX = 2 ** 20;
/** Loaded for the first key: few threads have keys, and it is a good part of a thread's start. */
let crypto: typeof import("node:crypto") | undefined;
/** What a table was asked to do with a key: no room for it. */
export const NO_ROOM: unique symbol = Symbol("no room");

export class KeyTable {
  readonly record: SyncRecord;

  constructor(place: Place, name: string) {
    this.record = new SyncRecord(place, name);
  }

  /** With room for about `keys` at once: 128 bytes each. */
  static make(thread: Thread, what: string, keys: number): Place {
    if (!Number.isInteger(keys) || keys < 1 || keys > KEYS_MAX)
      throw invalidArg(`${what}: keys`, `a whole number from 1 to ${KEYS_MAX}`, keys);
    const rows = 2 ** Math.max(1, Math.ceil(Math.log2(keys)));
    const block = thread.alloc(`the keys of ${what}`, rows * L.ROW_SIZE);
    const place = KeyTable.#recordOf(thread, what, block);
    const { u8, u32, f64 } = thread.heap;
    // Nobody else has the block, nor the record's handle yet.
    u8.fill(0, blockPayload(block), blockPayload(block) + rows * L.ROW_SIZE);
    u32[(place.address + L.KEY_MASK) >> 2] = rows - 1;
    f64[(place.address + L.KEY_SEED) >> 3] = Math.random();
    thread.call(what, (fn) => fn.syncKeep(place.address, place.gen, thread.slot, thread.epoch, block));
    return place;
  }

  static #recordOf(thread: Thread, what: string, block: number): Place {
    try {
      return SyncRecord.make(thread, what, L.SYNC_SEMAPHORE, 1);
    } catch (error) {
      thread.free(block);
      throw error;
    }
  }

  /** A key's hash, which is not the same in two tables: nobody can choose keys that crowd a row. */
  hashOf(what: string, key: string): Uint32Array {
    if (typeof key !== "string") throw invalidArg(`${what}: key`, "a string", key);
    const { thread, address } = this.record;
    crypto ??= process.getBuiltinModule("node:crypto");
    const digest = crypto.hash("sha256", `${thread.heap.f64[(address + L.KEY_SEED) >> 3]} ${key}`, "buffer");
    const words = new Uint32Array(4);
    for (let i = 0; i < 4; i++) words[i] = digest.readUInt32LE(4 * i);
    words[0] ||= 1;
    return words;
  }

  /** The record that stands for a key. */
  find(what: string, key: Uint32Array): Place | undefined {
    const status = this.#take(what, key, undefined, undefined);
    return status === L.REFUSED ? this.#answered() : undefined;
  }

  /** Makes `offered` stand for a key; the record that does so already, unless that is the `worn` one. Undefined: the offered one does now. */
  offer(what: string, key: Uint32Array, offered: Place, worn?: Place): Place | typeof NO_ROOM | undefined {
    const status = this.#take(what, key, offered, worn);
    if (status === L.BLOCK) return NO_ROOM;
    return status === L.REFUSED ? this.#answered() : undefined;
  }

  /** No record stands for the key from now on. */
  drop(what: string, key: Uint32Array): void {
    const { thread, address, gen } = this.record;
    this.#check(
      what,
      thread.call(what, (fn) => {
        this.#name(key, undefined, undefined);
        return fn.keyDrop(address, gen, thread.slot, thread.epoch);
      }),
    );
  }

  #take(what: string, key: Uint32Array, offered: Place | undefined, worn: Place | undefined): number {
    const { thread, address, gen } = this.record;
    const status = thread.call(what, (fn) => {
      this.#name(key, offered, worn);
      return fn.keyTake(address, gen, thread.slot, thread.epoch);
    });
    return this.#check(what, status);
  }

  #check(what: string, status: number): number {
    if (status === L.CLOSED) throw this.record.refusal(what);
    return status;
  }

  /** Says in the slot what is meant. */
  #name(key: Uint32Array, offered: Place | undefined, worn: Place | undefined): void {
    const { thread } = this.record;
    const { u32 } = thread.heap;
    const at = (thread.slot + L.SLOT_KEY) >> 2; // this thread's own line
    u32.set(key, at + (L.KEY_HASH >> 2));
    u32[at + (L.KEY_OFFER >> 2)] = offered?.address ?? 0;
    u32[at + (L.KEY_OFFER >> 2) + 1] = offered?.gen ?? 0;
    u32[at + (L.KEY_WORN >> 2)] = worn?.address ?? 0;
    u32[at + (L.KEY_WORN >> 2) + 1] = worn?.gen ?? 0;
  }

  #answered(): Place {
    const { thread } = this.record;
    return { thread, address: thread.answered, gen: thread.answeredGen };
  }

  /** The records in the rows of a key, for whoever looks for one to do without. They may be gone by then. */
  inRowsOf(key: Uint32Array): Place[] {
    const mask = this.record.word(L.KEY_MASK);
    const first = key[1]! & mask;
    const second = key[2]! & mask;
    return [first, second === first ? first ^ 1 : second].flatMap((row) => this.#inRow(row));
  }

  #inRow(row: number): Place[] {
    const { thread } = this.record;
    const { u32 } = thread.heap;
    const start = blockPayload(this.record.word(L.SYNC_BLOCK)) + row * L.ROW_SIZE;
    return Array.from({ length: L.ROW_PLACES }, (_, i) => ({
      thread,
      address: u32[(start + i * L.PLACE_SIZE + L.PLACE_RECORD) >> 2]!,
      gen: u32[(start + i * L.PLACE_SIZE + L.PLACE_GEN) >> 2]!,
    })).filter(({ address, gen }) => address !== 0 && u32[(address + L.SYNC_GEN) >> 2] === gen);
  }

  /** Takes in no more keys, lets `use` have every record that stands for one, and gives its memory back. Throws: ERR_SYNC_CLOSED the second time. */
  close(use: (place: Place) => void): void {
    const held = this.record.tryTake({ what: "close", weight: 1, wish: L.SYNC_TAKES }); // so that the table stays until it was looked through
    if (!held) throw new HeddleError("ERR_SYNC_CLOSED", `close of a closed ${this.record.name}`); // another thread is closing it
    try {
      this.record.close();
      const rows = this.record.word(L.KEY_MASK) + 1;
      for (let row = 0; row < rows; row++) for (const place of this.#inRow(row)) use(place);
    } finally {
      this.record.giveBack(held);
    }
  }

  tooMany(what: string): HeddleError {
    const keys = this.record.word(L.KEY_MASK) + 1;
    return new HeddleError(
      "ERR_TOO_MANY_KEYS",
      `${what}: expected room for one more key, and the ${this.record.name} was made for about ${keys}`,
    );
  }
}

/** Closes a record that somebody else may have closed. */
export function closeQuietly(record: SyncRecord): void {
  try {
    record.close();
  } catch (error) {
    if (!(error instanceof HeddleError && error.code === "ERR_SYNC_CLOSED")) throw error;
  }
}
