// Pooling of objects: things that are dear to make are lent and put back. Source: Concurrency in Go, ch. 3, "Pool" (sync.Pool), which neither bounds how many there
// are nor knows who has one; a loan here has an owner, so putting back twice, or what was taken away, is an error and not two borrowers of one object.
//
//   get ─▶ idle? validate ─▶ loan ─ put ─▶ idle, the newest first ─ idleMs ─▶ destroyed
//      └─▶ fewer than max? create ─┘ └─ discard, maxUses, loanMs, end of the borrower ─▶ destroyed
//      └─▶ else wait, in turn
//
// Invariants
//   1. `#count` counts what is idle, lent, being made and being validated; it never exceeds max.
//   2. Whoever waits is served before whoever comes.
//
// An object belongs to the thread it was made on, and so does its pool. What other threads can use (handles) is lent for the
// time of a task: use().

import { later } from "../../runtime/clock.ts";
import { deadlineOf, type WaitOptions } from "../../runtime/deadline.ts";
import { HeddleError, invalidArg } from "../../runtime/errors.ts";
import { endError } from "../ending.ts";
import { Change } from "../flow.ts";
import type { Item } from "./item.ts";
import { Line, onAbort, signalOf } from "./line.ts";
import { Loan } from "./loan.ts";
import { type ObjectPoolOptions, type ObjectPoolSettings, objectPoolSettings } from "./settings.ts";

/** Objects and loans of a pool, counted. */
export interface ObjectPoolStats {
  readonly idle: number;
  readonly lent: number;
  readonly waiting: number;
  /** So far. */
  readonly created: number;
  readonly destroyed: number;
  /** Taken away from their borrowers. */
  readonly lost: number;
}

/**
 * A pool of objects: `const pool = objectPool({ create: connect, destroy: (c) => c.end(), max: 8 })`.
 * Waits: never. Threads: the calling one. Throws: ERR_INVALID_ARG. See: Concurrency in Go, ch. 3, "Pool". For threads that run tasks: rt.pool.
 */
export function objectPool<T>(options: ObjectPoolOptions<T>): ObjectPool<T> {
  return new ObjectPool<T>(objectPoolSettings(options));
}

/** Objects that are dear to make, lent one at a time each, as objectPool() has made the pool. Threads: the one that made it; objects do not cross. */
export class ObjectPool<T> {
  readonly #settings: ObjectPoolSettings<T>;
  readonly #idle: Item<T>[] = [];
  readonly #line = new Line<Loan<T>>();
  readonly #change = new Change();
  #count = 0;
  #lent = 0;
  /** Being made or validated, each for somebody who waits. */
  #inHand = 0;
  #created = 0;
  #destroying = 0;
  #destroyed = 0;
  #lost = 0;
  #isClosed = false;

  /** @internal */
  constructor(settings: ObjectPoolSettings<T>) {
    this.#settings = settings;
  }

  /**
   * Borrows an object: the one that was put back last, or a new one.
   * Waits: this promise, for create() and validate(), and when all are lent for one to be put back. Ends also with close, context, signal, timeout; what is made or
   * becomes free then goes to whoever is next. With `signal` or `ctx` the loan ends with them too: the borrower has been given up, so its object is destroyed.
   * Order: in turn. Throws (rejects): what create() throws; AbortError, TimeoutError; ERR_CLOSED; ERR_INVALID_ARG.
   */
  async get(options: WaitOptions = {}): Promise<Loan<T>> {
    deadlineOf("get", options);
    if (this.#isClosed) throw closed();
    const waiting = this.#line.join(options);
    this.#serve();
    const loan = await waiting;
    const gone = goneOf(options);
    if (gone) {
      loan.put(); // the borrower was given up while the loan was on its way: nobody has seen the object
      throw endError(gone.reason);
    }
    this.#tie(loan, options);
    return loan;
  }

  /** The loan ends with its time and with its borrower. */
  #tie(loan: Loan<T>, { ctx, signal }: WaitOptions): void {
    const { loanMs } = this.#settings;
    const onGone = () => this.#takeAway(loan, "its borrower was given up");
    for (const end of [signal, signalOf(ctx)]) loan.atEnd(onAbort(end, onGone));
    if (loanMs >= 2 ** 31) return;
    const timer = later(() => this.#takeAway(loan, `it was lent for more than ${loanMs} ms`), loanMs);
    loan.atEnd(() => timer.cancel());
  }

  #takeAway(loan: Loan<T>, why: string): void {
    if (loan.isHeld) this.#lost++;
    loan.takeAway(why);
  }

  /**
   * Borrows one for as long as `fn` runs: put back when it returns, and when it throws; destroyed when it ends with ERR_THREAD_DIED, ABORT_ERR or ERR_TIMEOUT, for
   * then nobody knows in what state the object was left. A task is lent one so: `pool.use((channel) => rt.go(jobs.fill, channel.sender))`.
   */
  async use<R>(fn: (object: T) => R | PromiseLike<R>, options: WaitOptions = {}): Promise<R> {
    if (typeof fn !== "function") throw invalidArg("use", "a function", fn);
    const loan = await this.get(options);
    const gone = goneOf(options);
    if (gone) throw endError(gone.reason); // the loan has ended with it
    try {
      const result = await fn(loan.value);
      loan[Symbol.dispose]();
      return result;
    } catch (error) {
      const { code } = (error ?? {}) as { code?: unknown };
      const isTorn = code === "ERR_THREAD_DIED" || code === "ABORT_ERR" || code === "ERR_TIMEOUT";
      if (loan.isHeld && isTorn) loan.discard();
      else loan[Symbol.dispose]();
      throw error;
    }
  }

  /** Makes `min` objects. Waits: this promise. Throws (rejects): what create() throws, ERR_CLOSED. */
  async ready(): Promise<void> {
    if (this.#isClosed) throw closed();
    const missing = Math.max(0, this.#settings.min - this.#count);
    await Promise.all(
      Array.from({ length: missing }, async () => {
        this.#count++;
        try {
          this.#rest(await this.#create());
        } catch (error) {
          this.#count--;
          this.#afterwards();
          throw error;
        }
      }),
    );
  }

  /** Has an object prepared for each that waits, as far as there are any and may be. */
  #serve(): void {
    while (this.#inHand < this.#line.length) {
      const item = this.#idle.pop();
      if (item) void this.#offer(item);
      else if (this.#count < this.#settings.max) void this.#make();
      else return;
    }
  }

  async #make(): Promise<void> {
    this.#count++;
    this.#inHand++;
    try {
      const item = await this.#create();
      this.#inHand--;
      this.#give(item);
    } catch (error) {
      this.#inHand--;
      this.#count--;
      this.#line.refuse(error);
      this.#afterwards();
    }
  }

  async #create(): Promise<Item<T>> {
    const object = await this.#settings.create();
    this.#created++;
    return { object, uses: 0 };
  }

  async #offer(item: Item<T>): Promise<void> {
    item.timer?.cancel();
    this.#inHand++;
    let isSound = false;
    try {
      isSound = item.uses === 0 || (await this.#settings.validate(item.object)) === true;
    } catch (error) {
      this.#settings.onError(error);
    }
    this.#inHand--;
    if (isSound) this.#give(item);
    else {
      this.#discard(item);
      this.#serve();
    }
  }

  /** To whoever is first; nobody waits any more: idle. */
  #give(item: Item<T>): void {
    if (!this.#line.serve(() => this.#lend(item))) this.#rest(item);
  }

  #lend(item: Item<T>): Loan<T> {
    this.#lent++;
    item.uses++;
    return new Loan<T>(item, (isSound) => {
      this.#lent--;
      if (isSound && item.uses < this.#settings.maxUses) this.#rest(item);
      else this.#discard(item);
      this.#serve();
    });
  }

  #rest(item: Item<T>): void {
    if (this.#isClosed) {
      this.#discard(item);
      return;
    }
    const { idleMs, min } = this.#settings;
    this.#idle.push(item);
    this.#serve();
    if (idleMs >= 2 ** 31 || !this.#idle.includes(item)) return;
    item.timer = later(() => {
      if (this.#count <= min) return; // kept, until it is lent again
      this.#idle.splice(this.#idle.indexOf(item), 1);
      this.#discard(item);
    }, idleMs);
  }

  #discard(item: Item<T>): void {
    this.#count--;
    this.#destroyed++;
    this.#destroying++;
    void this.#destroy(item);
  }

  async #destroy({ object }: Item<T>): Promise<void> {
    try {
      await this.#settings.destroy(object);
    } catch (error) {
      this.#settings.onError(error);
    }
    this.#destroying--;
    this.#afterwards();
  }

  /** There is room, or less to wait for. */
  #afterwards(): void {
    this.#serve();
    this.#change.tell();
  }

  get stats(): ObjectPoolStats {
    const [idle, lent, waiting] = [this.#idle.length, this.#lent, this.#line.length];
    return { idle, lent, waiting, created: this.#created, destroyed: this.#destroyed, lost: this.#lost };
  }

  /**
   * Lends no more: who waits is refused, what is idle is destroyed, what is lent when it is put back.
   * Waits: until all are destroyed, so until all were put back. Second call: the same.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#line.length > 0) this.#line.refuse(closed());
    for (const item of this.#idle.splice(0)) {
      item.timer?.cancel();
      this.#discard(item);
    }
    while (this.#count > 0 || this.#destroying > 0) await this.#change.wait();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What has ended the borrower, if something has. */
function goneOf({ ctx, signal }: WaitOptions): AbortSignal | undefined {
  return [signal, signalOf(ctx)].find((end) => end?.aborted);
}

function closed(): HeddleError {
  return new HeddleError("ERR_CLOSED", "the pool was closed: it lends no more");
}
