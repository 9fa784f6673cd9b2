// The receiving end of a channel.

import { deadlineOf, type WaitOptions } from "../deadline.ts";
import { invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import { CASE, type Case, LOOKS_READY, NOT_READY, type Operation, TRY } from "../operation/operation.ts";
import { waitAsync, waitSync } from "../operation/wait.ts";
import { recvSome } from "./bulk.ts";
import type { Ring } from "./ring.ts";
import { SENDABLE } from "./sendable.ts";

/** What a receive answers when the channel is closed and drained. */
export const CLOSED: unique symbol = Symbol("heddle.closed");
/** What tryRecv answers when it would have to wait. */
export const EMPTY: unique symbol = Symbol("heddle.empty");

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

/**
 * The receiving end of a channel: a view on its handle, to be passed to tasks and through channels.
 * Threads: any thread that holds it; any number of receivers, each value goes to one, unless the channel is declared one-to-one.
 * See: Go spec, "Receive operator"; "For statements with range clause".
 */
export class Receiver<T> {
  declare readonly [SENDABLE]: true;
  /** @internal */
  readonly ring: Ring<T>;
  #end = 0;
  #receiving: Operation | undefined;

  /** @internal */
  constructor(ring: Ring<T>) {
    this.ring = ring;
  }

  /**
   * Receives if that needs no wait: the value, EMPTY or CLOSED.
   * Waits: never. Throws: ERR_SECOND_RECEIVER. Cost: one transition, about 15 ns; nothing allocated for numbers.
   */
  tryRecv(): T | typeof CLOSED | typeof EMPTY {
    this.claim();
    const { ring } = this;
    const status = ring.tryRecv();
    if (status === L.OK) return ring.decode(ring.received);
    if (status === L.BLOCK) return EMPTY;
    if (status === L.CLOSED) return CLOSED;
    const op = ring.thread.tryOp;
    ring.prepare(op, L.RECEIVING, 0);
    const answer = ring.attempt(op.node, 0);
    return answer === L.BLOCK ? EMPTY : this.finish(answer, op);
  }

  /**
   * Receives the next value, or CLOSED once the channel is closed and drained.
   * Waits: this promise; the thread goes on. Ends with a value, close, signal or timeout.
   * Order: waiting receivers are served strictly in turn.
   * Throws (rejects): AbortError, TimeoutError, ERR_INVALID_ARG, ERR_SECOND_RECEIVER; no value was taken then.
   */
  recv(options?: WaitOptions): Promise<T | typeof CLOSED> {
    const { ring } = this;
    try {
      this.claim();
      if (options !== undefined) deadlineOf("recv", options);
      if (this.tryPatiently() === L.OK) return ring.thread.resolved(ring.decode(ring.received));
    } catch (error) {
      return Promise.reject(error);
    }
    return waitAsync(this.operation(), this.prepare(), options, (status, op) => this.finish(status, op));
  }

  /**
   * Receives the next value, blocking this thread.
   * Waits: this thread. A signal can only be seen before the wait begins.
   * Throws: as recv; ERR_WOULD_BLOCK_SUPERVISOR on the supervising thread and ERR_WOULD_DEADLOCK with `threads: 0`, if it would have to wait.
   */
  recvSync(options?: WaitOptions): T | typeof CLOSED {
    const { ring } = this;
    this.claim();
    if (options !== undefined) deadlineOf("recvSync", options);
    if (this.tryPatiently() === L.OK) return ring.decode(ring.received);
    return waitSync(this.operation(), this.prepare(), options, (status, op) => this.finish(status, op));
  }

  /**
   * Receives a value of a channel of bytes into memory of the caller's: a view on the first bytes of `target`, or bytes of its own where it does not fit.
   * Saves the fresh memory that recv() makes for each value, which costs more than the copy. Otherwise as recv().
   * Throws (rejects): as recv; ERR_INVALID_ARG for a target that is no Uint8Array, and on a channel of anything else.
   */
  recvInto(this: Receiver<Uint8Array>, target: Uint8Array, options?: WaitOptions): Promise<Uint8Array | typeof CLOSED> {
    try {
      this.checkTarget(target);
      this.claim();
      if (options !== undefined) deadlineOf("recvInto", options);
    } catch (error) {
      return Promise.reject(error);
    }
    return waitAsync(this.operation(), this.prepare(), options, (status, op) => this.finish(status, op, op, target));
  }

  /** The same, blocking this thread. Throws also what recvSync throws. */
  recvIntoSync(this: Receiver<Uint8Array>, target: Uint8Array, options?: WaitOptions): Uint8Array | typeof CLOSED {
    this.checkTarget(target);
    this.claim();
    if (options !== undefined) deadlineOf("recvIntoSync", options);
    this.ring.lookAgainIf(L.RECEIVING);
    return waitSync(this.operation(), this.prepare(), options, (status, op) => this.finish(status, op, op, target));
  }

  /** @internal */
  checkTarget(target: Uint8Array): void {
    if (this.ring.codec.name !== "bytes") throw invalidArg("recvInto", "a channel of bytes", `one of ${this.ring.codec.name}`);
    if (!(target instanceof Uint8Array)) throw invalidArg("recvInto: target", "a Uint8Array", target);
  }

  /**
   * Receives at least one value and at most `max` (1 or more): those that are there once one has come. An empty list is never answered; CLOSED at the end.
   * Waits: this promise, for the first value only. Order: as recv. Throws (rejects): as recv. Cost: for words about 2 ns a value.
   */
  async recvMany(max: number, options?: WaitOptions): Promise<T[] | typeof CLOSED> {
    checkMax(max);
    const values = this.recvSome(max);
    if (values.length > 0) return values;
    const first = await this.recv(options);
    return first === CLOSED ? CLOSED : [first, ...this.recvSome(max - 1)];
  }

  /** The same, blocking this thread. Throws also what recvSync throws. */
  recvManySync(max: number, options?: WaitOptions): T[] | typeof CLOSED {
    checkMax(max);
    const values = this.recvSome(max);
    if (values.length > 0) return values;
    const first = this.recvSync(options);
    return first === CLOSED ? CLOSED : [first, ...this.recvSome(max - 1)];
  }

  /** Lists of values, each as recvMany(max) answers it, until the channel is closed and drained. Leaving the loop early takes nothing more. */
  async *batches(max: number, options?: WaitOptions): AsyncGenerator<T[], void, undefined> {
    for (let values = await this.recvMany(max, options); values !== CLOSED; values = await this.recvMany(max, options)) yield values;
  }

  /** The same, blocking this thread. */
  *batchesSync(max: number, options?: WaitOptions): Generator<T[], void, undefined> {
    for (let values = this.recvManySync(max, options); values !== CLOSED; values = this.recvManySync(max, options)) yield values;
  }

  private recvSome(max: number): T[] {
    this.claim();
    const values = recvSome(this.ring, max);
    for (let more = values.length < max; more; more = values.length < max) {
      const value = this.tryRecv(); // of blocks, and where somebody waits or the channel is closed
      if (value === EMPTY || value === CLOSED) break;
      values.push(value);
    }
    return values;
  }

  /** @internal A receiver is a receive case of a select. */
  [CASE](): Case<T | typeof CLOSED> {
    this.claim();
    const { ring } = this;
    let carrier: Op;
    return {
      thread: ring.thread,
      key: ring.address * 2 + L.RECEIVING,
      prepare: (op, index) => {
        carrier = op;
        ring.prepare(op, L.RECEIVING, 0, index);
      },
      attempt: (node, mode) => ring.attempt(node, mode),
      withdraw: (node) => ring.withdraw(node),
      finish: (status, op) => this.finish(status, op, carrier),
      abandon: () => undefined,
    };
  }

  /** @internal */
  get [LOOKS_READY](): boolean {
    return this.ring.looksReady;
  }

  /** @internal */
  [TRY](): T | typeof CLOSED | typeof NOT_READY {
    const value = this.tryRecv();
    return value === EMPTY ? NOT_READY : value;
  }

  /** Values until the channel is closed and drained. Leaving the loop early takes nothing more and closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    const next = (): Promise<IteratorResult<T, undefined>> => {
      this.claim();
      const status = this.tryPatiently();
      if (status === L.OK) return this.ring.thread.resolved({ value: this.ring.decode(this.ring.received), done: false });
      return this.recv().then((value) => (value === CLOSED ? DONE : { value, done: false }));
    };
    return {
      next,
      return: () => Promise.resolve(DONE),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** The same, blocking this thread for each value (recvSync): for a task that owns its thread. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (;;) {
      const value = this.recvSync();
      if (value === CLOSED) return;
      yield value;
    }
  }

  /** Values in the buffer; 0 when the channel is gone. */
  get length(): number {
    return this.ring.length;
  }

  /** Values the buffer holds; 0 for a rendezvous. */
  get capacity(): number {
    return this.ring.capacity;
  }

  private claim(): void {
    if (!this.ring.isOneToOne || this.#end !== 0) return;
    const end = this.ring.thread.newEnd();
    this.ring.claim(L.RECEIVING, end);
    this.#end = end;
  }

  /** The fast path before a wait: looks again while that pays. */
  private tryPatiently(): number {
    const { ring } = this;
    const status = ring.tryRecv();
    if (status === L.SLOW && ring.isBlocks) ring.lookAgainIf(L.RECEIVING);
    return status === L.BLOCK && ring.lookAgain(L.RECEIVING) ? ring.tryRecv() : status;
  }

  /** `target`, on a channel of bytes: where to put them. */
  private finish(status: number, op: Op, carrier = op, target?: Uint8Array): T | typeof CLOSED {
    const { ring } = this;
    if (status !== L.OK) {
      ring.freeIfDrained();
      return CLOSED;
    }
    const bits = ring.receivedBy(op, carrier);
    const value = target ? (ring.thread.takeInto(bits, target) as T) : ring.decode(bits);
    if (ring.isDrained) ring.freeIfDrained(); // nothing more will come: the last one out
    return value;
  }

  private prepare(): Op {
    const op = this.ring.thread.ops.acquire();
    this.ring.prepare(op, L.RECEIVING, 0);
    return op;
  }

  private operation(): Operation {
    const { ring } = this;
    this.#receiving ??= {
      thread: ring.thread,
      what: "recv",
      start: (op, mode) => ring.attempt(op.node, mode),
      withdraw: (op) => ring.withdraw(op.node),
    };
    return this.#receiving;
  }
}

function checkMax(max: number): void {
  if (!Number.isInteger(max) || max < 1) throw invalidArg("recvMany: max", "a whole number from 1", max);
}
