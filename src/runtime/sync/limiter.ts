// How often something may happen: tokens that come at a rate, and are taken.
//
// Memory   a sync record each with a bucket (transitions/bucket.ts). Who waits has its tokens already, and lies in the record's queue, which serves nobody:
//          its thread's timer ends the wait, so waking it costs no other thread anything.
// Crash    nothing is ever half taken. What a dead thread had taken is spent: its wait vanishes.

import type { WaitOptions } from "../deadline.ts";
import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { Buckets, type LimiterReservation } from "./bucket.ts";
import { SyncRecord } from "./sync-record.ts";

/** Options of rt.sync.limiter(). */
export interface LimiterOptions {
  /** Tokens a second, 0 or more. 0: those there are at the start are all there will be. Infinity: everything is allowed, whatever the burst. */
  perSecond: number;
  /** Most tokens there are at once, and as many are there at the start; a whole number, 0 or more. 0: nothing is allowed. */
  burst: number;
}

/**
 * A bucket of tokens that all threads share.
 * Threads: any. Order: first come, first served, for as long as the limit is not changed. See: Go, x/time/rate.
 */
export class Limiter extends Shared {
  readonly #record: SyncRecord;
  readonly #buckets: Buckets;

  /** @internal */
  constructor(place: Place) {
    super();
    this.#record = new SyncRecord(place, "limiter");
    this.#buckets = new Buckets([this.#record]);
  }

  /** @internal */
  static make(thread: Thread, options: LimiterOptions): Limiter {
    const { perSecond, burst } = Limiter.checked("limiter", options);
    return new Limiter(Buckets.make(thread, perSecond, burst));
  }

  /** @internal */
  static checked(what: string, options: LimiterOptions): LimiterOptions {
    if (typeof options !== "object" || options === null) throw invalidArg(`${what}: options`, "an object { perSecond, burst }", options);
    const { perSecond, burst } = options;
    return { perSecond: checkRate(`${what}: perSecond`, perSecond), burst: checkBurst(`${what}: burst`, burst) };
  }

  /** @internal */
  get place(): SyncRecord {
    return this.#record;
  }

  /**
   * Takes `n` tokens (0 or more) if they are there; answers whether it did.
   * Waits: never. Throws: ERR_INVALID_ARG, ERR_SYNC_CLOSED. Cost: one transition and a look at the clock, about 120 ns.
   */
  allow(n = 1): boolean {
    return this.#buckets.allow(n);
  }

  /**
   * Takes `n` tokens now and says how long to wait for them before going ahead. What is not needed after all is to be cancelled.
   * Waits: never. Throws: ERR_INVALID_ARG, ERR_SYNC_CLOSED. Tokens that never come: `ok` is false, and nothing was taken.
   */
  reserve(n = 1): LimiterReservation {
    return this.#buckets.reserve(n);
  }

  /**
   * Takes `n` tokens, waiting until they are due. A wait that ends early gives them back, as a cancelled reservation does.
   * Waits: this promise. Ends with its turn, close, context, signal or timeout.
   * Throws (rejects), at once and without taking anything: ERR_LIMIT_EXCEEDED if they never come (`n` above the burst, a limit of 0), TimeoutError if the
   * timeout or the context's deadline would pass first; else AbortError, ERR_SYNC_CLOSED, ERR_INVALID_ARG.
   */
  wait(n = 1, options?: WaitOptions): Promise<void> {
    return this.#buckets.wait(n, options);
  }

  /** The same, blocking this thread. Throws also whatever forbids this thread to block. */
  waitSync(n = 1, options?: WaitOptions): void {
    this.#buckets.waitSync(n, options);
  }

  /** Tokens there are at this moment; below zero while reservations are out. The burst, if everything is allowed. */
  get tokens(): number {
    return this.#record.isClosed ? 0 : this.#buckets.set("tokens", L.BUCKET_LOOK, 0);
  }

  get perSecond(): number {
    return this.#number(L.BUCKET_RATE);
  }

  get burst(): number {
    return this.#number(L.BUCKET_BURST);
  }

  #number(offset: number): number {
    return this.#record.isClosed ? 0 : this.#record.thread.heap.f64[(this.#record.address + offset) >> 3]!;
  }

  /**
   * Tokens come at this rate from now on. Who has reserved, or waits, goes ahead when it was told to all the same: at a higher rate one that comes later
   * may be due before it. Waits: never. Throws: ERR_INVALID_ARG, ERR_SYNC_CLOSED.
   */
  setLimit(perSecond: number): void {
    this.#buckets.set("setLimit", L.BUCKET_SET_RATE, checkRate("setLimit", perSecond));
  }

  /** As many tokens are there at once from now on, what is above them is lost; otherwise as setLimit. */
  setBurst(burst: number): void {
    this.#buckets.set("setBurst", L.BUCKET_SET_BURST, checkBurst("setBurst", burst));
  }

  /** @internal Closes it if it is as good as new: full, and nobody waits. */
  closeIfFull(): boolean {
    return this.#buckets.closeIfFull();
  }

  /** As Mutex.close. */
  close(): void {
    this.#record.close();
  }
}
register(11, Limiter);

type Tiers = readonly Limiter[];

/**
 * Several limiters that are asked as one: tokens are taken from all of them or from none, and the delay is the longest. Each counts them from the moment
 * they were taken, so waiting for a slow one holds nobody up at the others. Otherwise as Limiter.
 * A view, not a handle: pass the limiters.
 */
export class Limiters {
  readonly #buckets: Buckets;

  /** @internal */
  constructor(limiters: Tiers) {
    if (limiters.length < 1 || limiters.length > L.TIERS_MAX) throw invalidArg("limiters", `1 to ${L.TIERS_MAX} limiters`, limiters.length);
    const records = limiters.map((one) => {
      if (!(one instanceof Limiter)) throw invalidArg("limiters", "a Limiter", one);
      if (one.place.isClosed) throw one.place.refusal("limiters");
      if (one.place.thread !== limiters[0]!.place.thread)
        throw new HeddleError("ERR_FOREIGN_HANDLE", "expected limiters of one runtime, got one of another");
      return one.place;
    });
    if (new Set(records.map(({ address }) => address)).size < records.length)
      throw invalidArg("limiters", "each of them once", "one of them twice");
    this.#buckets = new Buckets(records);
  }

  /** As Limiter.allow. */
  allow(n = 1): boolean {
    return this.#buckets.allow(n);
  }

  /** As Limiter.reserve. */
  reserve(n = 1): LimiterReservation {
    return this.#buckets.reserve(n);
  }

  /** As Limiter.wait. */
  wait(n = 1, options?: WaitOptions): Promise<void> {
    return this.#buckets.wait(n, options);
  }

  /** As Limiter.waitSync. */
  waitSync(n = 1, options?: WaitOptions): void {
    this.#buckets.waitSync(n, options);
  }
}

function checkRate(what: string, perSecond: number): number {
  if (typeof perSecond !== "number" || !(perSecond >= 0)) throw invalidArg(what, "tokens a second, 0 or more", perSecond);
  return perSecond;
}

function checkBurst(what: string, burst: number): number {
  if (!Number.isSafeInteger(burst) || burst < 0) throw invalidArg(what, "a whole number, 0 or more", burst);
  return burst;
}
