// A limiter for each key, the same for all threads: a user, an address, a tenant.
//
// Memory   a table of keys (key-table.ts), whose record also keeps the rate and the burst; a Limiter for each key. One that is full again is as good as new:
//          it is dropped when its place is needed. Each thread remembers the limiters it has used.
// Crash    a thread that dies between making a limiter and naming it leaves 128 bytes until the runtime closes.

import type { WaitOptions } from "../deadline.ts";
import { HeddleError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import type { LimiterReservation } from "./bucket.ts";
import { closeQuietly, KeyTable, NO_ROOM } from "./key-table.ts";
import { Limiter, type LimiterOptions } from "./limiter.ts";
import { SyncRecord } from "./sync-record.ts";

/** Options of rt.sync.keyedLimiter(). */
export interface KeyedLimiterOptions extends LimiterOptions {
  /** For about how many keys there is room at once, 1 to 1,048,576. Default 1,024. Costs 128 bytes each, and as many for each key in use. */
  keys?: number;
}

const DEFAULT_KEYS = 1_024;
/** Most limiters a thread remembers. */
const REMEMBERED = 10_000;

/**
 * One Limiter for each key, made when it is first asked for, with all its tokens.
 * Threads: any; a key's limiter is the same for all of them.
 */
export class KeyedLimiter extends Shared {
  readonly #table: KeyTable;
  readonly #known = new Map<string, Limiter>();

  /** @internal */
  constructor(place: Place) {
    super();
    this.#table = new KeyTable(place, "keyed limiter");
  }

  /** @internal */
  static make(thread: Thread, options: KeyedLimiterOptions): KeyedLimiter {
    const { perSecond, burst } = Limiter.checked("keyedLimiter", options);
    const place = KeyTable.make(thread, "a keyed limiter", options.keys ?? DEFAULT_KEYS);
    const { f64 } = thread.heap;
    f64[(place.address + L.BUCKET_RATE) >> 3] = perSecond; // nobody else has its handle yet
    f64[(place.address + L.BUCKET_BURST) >> 3] = burst;
    return new KeyedLimiter(place);
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#table.record;
  }

  /**
   * The limiter of a key, to be used beside others or set; for as long as it is in use, for it may be dropped once it is full again (ERR_SYNC_CLOSED).
   * Waits: never. Throws: ERR_TOO_MANY_KEYS if there is no room for it and no limiter in its place is full, ERR_INVALID_ARG, ERR_HEAP_EXHAUSTED,
   * ERR_SYNC_CLOSED. Cost: a look into a Map; about 2 µs the first time on a thread.
   */
  of(key: string): Limiter {
    const known = this.#known.get(key);
    if (known && !known.place.isClosed) return known;
    const limiter = new Limiter(this.#placeOf(key));
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(key, limiter);
    return limiter;
  }

  #placeOf(key: string): Place {
    const table = this.#table;
    const hash = table.hashOf("of", key);
    const there = table.find("of", hash);
    if (there) return there;
    const { f64 } = table.record.thread.heap;
    const setting = (offset: number) => f64[(table.record.address + offset) >> 3]!;
    const made = Limiter.make(table.record.thread, { perSecond: setting(L.BUCKET_RATE), burst: setting(L.BUCKET_BURST) });
    try {
      let other = table.offer("of", hash, made.place);
      if (other === NO_ROOM && this.#dropFull(hash)) other = table.offer("of", hash, made.place);
      if (other === NO_ROOM) throw table.tooMany("of");
      if (other) closeQuietly(made.place);
      return other ?? made.place;
    } catch (error) {
      closeQuietly(made.place);
      throw error;
    }
  }

  /** Of the limiters where a key would stand, those that are as good as new. Whether there were any. */
  #dropFull(hash: Uint32Array): boolean {
    const full = this.#table.inRowsOf(hash).filter((place) => new Limiter(place).closeIfFull());
    return full.length > 0;
  }

  /** As Limiter.allow, of the key's limiter; throws also what of() throws. */
  allow(key: string, n = 1): boolean {
    return this.#with(key, (limiter) => limiter.allow(n));
  }

  /** As Limiter.reserve. */
  reserve(key: string, n = 1): LimiterReservation {
    return this.#with(key, (limiter) => limiter.reserve(n));
  }

  /** As Limiter.wait. */
  async wait(key: string, n = 1, options?: WaitOptions): Promise<void> {
    for (;;) {
      const limiter = this.of(key);
      try {
        return await limiter.wait(n, options);
      } catch (error) {
        if (!this.#wasDropped(error)) throw error;
      }
    }
  }

  /** As Limiter.waitSync. */
  waitSync(key: string, n = 1, options?: WaitOptions): void {
    this.#with(key, (limiter) => limiter.waitSync(n, options));
  }

  #with<T>(key: string, use: (limiter: Limiter) => T): T {
    for (;;) {
      const limiter = this.of(key);
      try {
        return use(limiter);
      } catch (error) {
        if (!this.#wasDropped(error)) throw error;
      }
    }
  }

  /** Another thread needed the place of a limiter that was full, just now: it had nobody who waited, so nothing was taken yet. */
  #wasDropped(error: unknown): boolean {
    return error instanceof HeddleError && error.code === "ERR_SYNC_CLOSED" && !this.#table.record.isClosed;
  }

  /** Refuses whoever waits for any key, and everybody from now on; gives all memory back. Throws: ERR_SYNC_CLOSED the second time. */
  close(): void {
    this.#table.close((place) => closeQuietly(new SyncRecord(place, "limiter")));
    this.#known.clear();
  }
}
register(12, KeyedLimiter);
