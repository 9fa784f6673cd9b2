// A sync record as this thread sees it, and its transitions (transitions/sync.ts draws it): what every primitive of this folder is a view on. One
// algorithm, three doors: tryTake, take, takeSync. What was taken is noted in an operation of this thread, which stays in use until it is given back.

import { type Deadline, deadlineOf, type WaitOptions } from "../deadline.ts";
import { HeddleError, LockAbandonedError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import { maySpin, pause } from "../memory/spin.ts";
import type { Thread } from "../memory/thread.ts";
import type { Operation } from "../operation/operation.ts";
import type { Place } from "../operation/shared.ts";
import { type Alarm, waitAsync, waitSync } from "../operation/wait.ts";

const LOOKS = 30;
/** Some 50 ns. */
const BETWEEN_LOOKS = 25;

/** What is asked of a record: so many permits must be free; SYNC_TAKES and the like say what happens to them. */
export interface Wish {
  readonly what: string;
  readonly weight: number;
  readonly wish: number;
}

export class SyncRecord implements Place {
  readonly thread: Thread;
  readonly address: number;
  readonly gen: number;
  /** What it is called in messages. */
  readonly name: string;

  constructor({ thread, address, gen }: Place, name: string) {
    this.thread = thread;
    this.address = address;
    this.gen = gen;
    this.name = name;
  }

  static make(thread: Thread, what: string, policy: number, permits: number, lock?: Place): Place {
    thread.call(what, (fn) => fn.syncMake(thread.slot, thread.epoch, policy, permits, lock?.address ?? 0, lock?.gen ?? 0));
    return { thread, address: thread.answered, gen: thread.answeredGen };
  }

  word(offset: number): number {
    return this.thread.heap.u32[(this.address + offset) >> 2]!;
  }

  get isClosed(): boolean {
    return this.word(L.SYNC_GEN) !== this.gen || (this.word(L.SYNC_FLAGS) & L.SYNC_CLOSED) !== 0;
  }

  get isAbandoned(): boolean {
    return !this.isClosed && (this.word(L.SYNC_FLAGS) & L.SYNC_ABANDONED) !== 0;
  }

  /** Why a call was answered CLOSED. */
  refusal(what: string): HeddleError {
    return this.isClosed
      ? new HeddleError("ERR_SYNC_CLOSED", `${what}: the ${this.name} is closed`)
      : new LockAbandonedError(`${what}: a thread died while it held the ${this.name}`);
  }

  /** Takes what is wished for if it is there: the operation it is noted in. Throws when refused. */
  tryTake({ what, weight, wish }: Wish): Op | undefined {
    const { thread } = this;
    const op = thread.ops.acquire();
    const status = this.attempt(op, weight, wish, 0);
    if (status === L.OK) return op;
    thread.ops.release(op);
    if (status === L.CLOSED) throw this.refusal(what);
    return undefined;
  }

  /** One call of the transition: OK, BLOCK, PARKED or CLOSED. What it may have to do again lies apart, so that this is all a free lock costs. */
  attempt(op: Op, weight: number, wish: number, mode: number): number {
    const { thread, address, gen } = this;
    const { u32, fn } = thread.heap;
    const { node } = op;
    u32[(node + L.NODE_WEIGHT) >> 2] = weight; // private until it is linked
    u32[(node + L.NODE_WISH) >> 2] = wish;
    const status = fn.syncAcquire(address, gen, thread.slot, thread.epoch, node, mode);
    return status === L.OK || status === L.BLOCK ? status : this.#attemptAgain(status, node, mode);
  }

  #attemptAgain(first: number, node: number, mode: number): number {
    const { thread, address, gen } = this;
    let status = first;
    if (status === L.BUSY || status === L.FENCED) {
      status = thread.call("wait", (fn) => fn.syncAcquire(address, gen, thread.slot, thread.epoch, node, mode));
    }
    if (status !== L.AGAIN) return status;
    this.goOn(status);
    return L.OK;
  }

  /** Waits as a promise; answers what `use` makes of the operation, which is free again if the wish was to take nothing. */
  take<T>(asked: Wish, options: WaitOptions | undefined, use: (op: Op) => T): Promise<T> {
    try {
      if (options !== undefined) deadlineOf(asked.what, options);
      const op = this.tryTake(asked);
      if (op) return this.thread.resolved(this.#used(asked, op, use));
    } catch (error) {
      return Promise.reject(error);
    }
    return waitAsync(this.operation(asked), this.#waiter(), options, (status, op) => this.#finish(asked, status, op, use));
  }

  /** The same, blocking this thread. A lock this thread itself holds is never waited for: nobody could give it back. */
  takeSync<T>(asked: Wish, options: WaitOptions | undefined, use: (op: Op) => T): T {
    if (options !== undefined) deadlineOf(asked.what, options);
    const taken = this.tryTake(asked) ?? (this.#looksBetter(asked) ? this.tryTake(asked) : undefined);
    if (taken) return this.#used(asked, taken, use);
    this.#checkOwn(asked);
    return waitSync(this.operation(asked), this.#waiter(), options, (status, op) => this.#finish(asked, status, op, use));
  }

  /** Waits at a record that lets nobody through until an instant of now()'s clock, unless close, context, signal or timeout end that. */
  pause(what: string, options: WaitOptions | undefined, dueMs: Deadline): Promise<void> {
    return waitAsync<void>(this.operation(pauseOf(what)), this.#waiter(), options, (status) => this.#refuseIf(what, status), alarm(dueMs));
  }

  /** The same, blocking this thread. */
  pauseSync(what: string, options: WaitOptions | undefined, dueMs: Deadline): void {
    waitSync<void>(this.operation(pauseOf(what)), this.#waiter(), options, (status) => this.#refuseIf(what, status), alarm(dueMs));
  }

  #refuseIf(what: string, status: number): void {
    if (status === L.CLOSED) throw this.refusal(what);
  }

  operation({ what, weight, wish }: Wish): Operation {
    return {
      thread: this.thread,
      what,
      isKept: (wish & L.SYNC_TAKES) !== 0,
      start: (op, mode) => this.attempt(op, weight, wish, mode),
      withdraw: (op) => this.withdraw(op),
    };
  }

  #waiter(): Op {
    const op = this.thread.ops.acquire();
    op.prepare(L.RECEIVING, 0);
    return op;
  }

  #used<T>({ wish }: Wish, op: Op, use: (op: Op) => T): T {
    if (!(wish & L.SYNC_TAKES)) this.thread.ops.release(op);
    return use(op);
  }

  #finish<T>({ what }: Wish, status: number, op: Op, use: (op: Op) => T): T {
    if (status === L.CLOSED) throw this.refusal(what);
    return use(op);
  }

  /** A moment's look, if another thread runs that may give it back: cheaper than to park and be woken. */
  #looksBetter({ weight }: Wish): boolean {
    if (!maySpin(this.thread.heap)) return false;
    for (let looks = LOOKS; looks > 0; looks--) {
      pause(BETWEEN_LOOKS);
      if (this.word(L.SYNC_HEAD) !== 0) return false; // whoever waits comes first
      if (this.word(L.SYNC_FREE) >= weight) return true;
    }
    return false;
  }

  #checkOwn({ what, weight }: Wish): void {
    const own = this.heldHere();
    const isLock = this.word(L.SYNC_POLICY) === L.SYNC_LOCKING;
    if (own === 0 || (!isLock && weight <= this.word(L.SYNC_PERMITS) - own)) return;
    throw new HeddleError(
      "ERR_WOULD_DEADLOCK",
      `${what}: this thread holds the ${this.name} itself, and would block before it can give it back`,
    );
  }

  /** Permits that this thread holds. */
  heldHere(): number {
    const { u32 } = this.thread.heap;
    let held = 0;
    for (let chunk = u32[(this.thread.slot + L.SLOT_CHUNKS) >> 2]!; chunk !== 0; chunk = u32[(chunk + L.CHUNK_NEXT) >> 2]!) {
      for (let i = 0; i < L.OPS_PER_CHUNK; i++) {
        const node = chunk + L.LINE + i * L.OP_SIZE + L.OP_NODE;
        // A node of this thread's that holds is changed by this thread alone.
        if (u32[(node + L.NODE_SYNC) >> 2] === this.address && u32[(node + L.NODE_HELD) >> 2] === 1)
          held += u32[(node + L.NODE_WEIGHT) >> 2]!;
      }
    }
    return held;
  }

  /** Ends a hold; mode GIVE_BACK or CONSUME. The operation is still the caller's to release. */
  release(op: Op, mode: number): void {
    const { thread, address } = this;
    const { node } = op;
    const status = thread.heap.fn.syncRelease(address, thread.slot, thread.epoch, node, mode);
    if (status !== L.OK) this.#releaseAgain(status, node, mode);
  }

  #releaseAgain(first: number, node: number, mode: number): void {
    const { thread, address } = this;
    let status = first;
    if (status === L.BUSY || status === L.FENCED) {
      status = thread.call("release", (fn) => fn.syncRelease(address, thread.slot, thread.epoch, node, mode));
    }
    this.goOn(status);
  }

  /** The same, and the operation is free again. */
  giveBack(op: Op): void {
    this.release(op, L.GIVE_BACK);
    if (op.isSettled) this.thread.ops.release(op);
    else this.thread.ops.putBack(op); // it never waited
  }

  withdraw(op: Op): void {
    const { thread, address } = this;
    this.goOn(thread.call("withdraw", (fn) => fn.syncServe(address, thread.slot, thread.epoch, op.node)));
  }

  /** Serves whoever else can be served, one a call, and frees the record once it is closed and nobody uses it. */
  goOn(status: number): void {
    const { thread, address, gen } = this;
    let now = status;
    while (now === L.AGAIN) now = thread.call("serve", (fn) => fn.syncServe(address, thread.slot, thread.epoch, 0));
    if (now === L.CLOSED) thread.call("free", (fn) => fn.syncFree(address, gen, thread.slot, thread.epoch));
  }

  /** Refuses whoever waits, and everybody from now on. Throws ERR_SYNC_CLOSED if it was closed before. */
  close(): void {
    const { thread, address, gen } = this;
    const status = thread.call("close", (fn) => fn.syncClose(address, gen, thread.slot, thread.epoch));
    if (status === L.STALE) throw new HeddleError("ERR_SYNC_CLOSED", `close of a closed ${this.name}`);
    this.goOn(status);
  }
}

const pauseOf = (what: string): Wish => ({ what, weight: 1, wish: 0 });
const alarm = (dueMs: Deadline): Alarm<void> => ({ dueMs, take: () => undefined });
