// Up to four buckets of tokens as this thread sees them, and their transitions (transitions/bucket.ts): what a Limiter, and several together, are views on.

import { now, sharedNow } from "../clock.ts";
import { deadlineOf, type WaitOptions } from "../deadline.ts";
import { HeddleError, invalidArg, TimeoutError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import type { Place } from "../operation/shared.ts";
import { SyncRecord } from "./sync-record.ts";

/** When what was taken falls due at one bucket, and the rate it was taken at. */
interface Share {
  readonly due: number;
  readonly rate: number;
}
type Shares = readonly Share[];
type Records = readonly SyncRecord[];

/**
 * Tokens that were taken, or were not to be had (`ok` false). Of the thread that took them: they are spent if it dies.
 * See: Go, rate.Reservation.
 */
export class LimiterReservation {
  /** How many. */
  readonly n: number;
  /** Whether they were taken. False: more than the burst, or of a limit of 0. */
  readonly ok: boolean;
  readonly #buckets: Buckets;
  readonly #due: number;
  readonly #shares: Shares;
  #isOver = false;

  /** @internal */
  constructor(buckets: Buckets, n: number, due: number, shares: Shares) {
    this.#buckets = buckets;
    this.n = n;
    this.ok = due !== Number.POSITIVE_INFINITY;
    this.#due = due;
    this.#shares = shares;
  }

  /** How long to wait from now on before going ahead: 0 for not at all, Infinity if they were not taken. */
  get delayMs(): number {
    return Math.max(0, this.#due - sharedNow());
  }

  /** @internal Which of the buckets makes it wait longest. */
  get slowest(): number {
    return this.#shares.findIndex(({ due }) => due === this.#due);
  }

  /**
   * Gives back what is not due yet, less what others took after it: they wait for it already. Nothing once it is due, and nothing the second time.
   * Waits: never.
   */
  cancel(): void {
    const instant = sharedNow();
    if (this.#isOver || !this.ok || this.#due < instant) return;
    this.#isOver = true;
    this.#buckets.give(this.n, instant, this.#shares);
  }
}

export class Buckets {
  /** In the order of their addresses, which is that of their locks. */
  readonly #records: Records;
  readonly #thread: Thread;

  constructor(records: Records) {
    this.#records = [...records].sort((one, other) => one.address - other.address);
    this.#thread = records[0]!.thread;
  }

  static make(thread: Thread, perSecond: number, burst: number): Place {
    const place = SyncRecord.make(thread, "a limiter", L.SYNC_SIGNALLING, 1);
    const { f64 } = thread.heap;
    // Nobody else has its handle yet.
    f64[(place.address + L.BUCKET_TOKENS) >> 3] = burst;
    f64[(place.address + L.BUCKET_AT) >> 3] = sharedNow();
    f64[(place.address + L.BUCKET_RATE) >> 3] = perSecond;
    f64[(place.address + L.BUCKET_BURST) >> 3] = burst;
    f64[(place.address + L.BUCKET_LATEST) >> 3] = 0;
    return place;
  }

  allow(n: number): boolean {
    checkCount("allow", n);
    return this.#take("allow", n, sharedNow(), 0);
  }

  reserve(n: number): LimiterReservation {
    checkCount("reserve", n);
    return this.#reservation(n, this.#take("reserve", n, sharedNow(), Number.POSITIVE_INFINITY));
  }

  wait(n: number, options: WaitOptions | undefined): Promise<void> {
    try {
      const taken = this.#takeFor("wait", n, options);
      if (taken === undefined) return this.#thread.resolved(undefined);
      const waiting = this.#records[taken.slowest]!.pause("wait", options, now() + taken.delayMs);
      return waiting.catch((error) => giveUp(taken, error));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  waitSync(n: number, options: WaitOptions | undefined): void {
    const taken = this.#takeFor("waitSync", n, options);
    if (taken === undefined) return;
    try {
      this.#records[taken.slowest]!.pauseSync("waitSync", options, now() + taken.delayMs);
    } catch (error) {
      giveUp(taken, error);
    }
  }

  /** Undefined: they are due already. Throws, and has taken nothing, if they never are or not before the wait's end. */
  #takeFor(what: string, n: number, options: WaitOptions | undefined): LimiterReservation | undefined {
    checkCount(what, n);
    const instant = sharedNow();
    const end = Math.min(deadlineOf(what, options), options?.ctx?.deadlineMs ?? Number.POSITIVE_INFINITY);
    const mostMs = end === Number.POSITIVE_INFINITY ? end : Math.max(0, end - now());
    const isTaken = this.#take(what, n, instant, mostMs);
    const due = this.#due;
    if (!isTaken) {
      if (due === Number.POSITIVE_INFINITY) throw neverEnough(what, n);
      throw new TimeoutError(`${what}: expected ${n} tokens within ${mostMs} ms, and they are due in ${due - instant} ms`);
    }
    return due <= instant ? undefined : this.#reservation(n, true);
  }

  /** Whether all of it was taken; when it is due is left in the slot either way. */
  #take(what: string, n: number, instant: number, mostMs: number): boolean {
    const thread = this.#thread;
    const { slot, epoch } = thread;
    const tiers = this.#name();
    let status = thread.heap.fn.bucketTake(slot, epoch, tiers, n, instant, mostMs);
    if (status === L.BUSY || status === L.FENCED) status = thread.call(what, (fn) => fn.bucketTake(slot, epoch, tiers, n, instant, mostMs));
    if (status === L.CLOSED) throw this.#records.find((record) => record.isClosed)!.refusal(what);
    return status === L.OK;
  }

  /** What the first bucket holds; `what` also sets its rate or burst. */
  set(name: string, what: number, value: number): number {
    const { thread, address, gen } = this.#records[0]!;
    const { slot, epoch } = thread;
    const beside = (slot + L.SLOT_VALUE) >> 3;
    const status = thread.call(name, (fn) => {
      thread.heap.f64[beside] = value; // this thread's own line
      return fn.bucketSet(address, gen, slot, epoch, what, sharedNow());
    });
    if (status === L.CLOSED) throw this.#records[0]!.refusal(name);
    return thread.heap.f64[beside]!;
  }

  closeIfFull(): boolean {
    const record = this.#records[0]!;
    const { thread, address, gen } = record;
    const status = thread.call("close", (fn) => fn.bucketSet(address, gen, thread.slot, thread.epoch, L.BUCKET_CLOSE_FULL, sharedNow()));
    if (status === L.OK) record.goOn(L.CLOSED); // nobody waits or holds: it is freed
    return status === L.OK;
  }

  /** Gives back what a reservation has taken; in a closed runtime, and to a bucket that is closed, there is nothing to give. */
  give(n: number, instant: number, shares: Shares): void {
    const thread = this.#thread;
    if (thread.isClosed) return;
    const { f64 } = thread.heap;
    const tiers = this.#name();
    for (const [i, { due, rate }] of shares.entries()) {
      f64[(tierAt(thread, i) + L.TIER_DUE) >> 3] = due;
      f64[(tierAt(thread, i) + L.TIER_RATE) >> 3] = rate;
    }
    thread.call("cancel", (fn) => fn.bucketGive(thread.slot, thread.epoch, tiers, n, instant));
  }

  /** Says in the slot which buckets are meant; how many. */
  #name(): number {
    const thread = this.#thread;
    const { u32 } = thread.heap;
    const records = this.#records;
    for (let i = 0; i < records.length; i++) {
      const tier = tierAt(thread, i) >> 2; // this thread's own line
      u32[tier + (L.TIER_RECORD >> 2)] = records[i]!.address;
      u32[tier + (L.TIER_GEN >> 2)] = records[i]!.gen;
    }
    return records.length;
  }

  get #due(): number {
    return this.#thread.heap.f64[(this.#thread.slot + L.SLOT_VALUE) >> 3]!;
  }

  #reservation(n: number, isTaken: boolean): LimiterReservation {
    const thread = this.#thread;
    const { f64 } = thread.heap;
    if (!isTaken) return new LimiterReservation(this, n, Number.POSITIVE_INFINITY, []);
    const shares = this.#records.map((_, i) => ({
      due: f64[(tierAt(thread, i) + L.TIER_DUE) >> 3]!,
      rate: f64[(tierAt(thread, i) + L.TIER_RATE) >> 3]!,
    }));
    return new LimiterReservation(this, n, this.#due, shares);
  }
}

/** A wait that ended early: what it had taken goes back. */
function giveUp(taken: LimiterReservation, error: unknown): never {
  taken.cancel();
  throw error;
}

function checkCount(what: string, n: number): void {
  if (!Number.isSafeInteger(n) || n < 0) throw invalidArg(`${what}: n`, "a whole number, 0 or more", n);
}

function neverEnough(what: string, n: number): HeddleError {
  return new HeddleError("ERR_LIMIT_EXCEEDED", `${what}: expected at most as many tokens as the burst, of a limit above 0, got ${n}`);
}

function tierAt(thread: Thread, index: number): number {
  return thread.slot + L.SLOT_TIERS + index * L.TIER_SIZE;
}
