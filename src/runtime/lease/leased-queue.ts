// A leased queue: a channel of jobs, where delivered means acknowledged.
//
// Memory   transitions/lease.ts draws it.
// Waiting  a taker whose queue has leases that expire looks again when the next one does: it is the one who wants the job, so nobody else need watch.

import { CLOSED, type Codec, codecOf, EMPTY, isCodec, Wire } from "../channel/index.ts";
import { now } from "../clock.ts";
import { type Deadline, deadlineOf, leftOf, type WaitOptions } from "../deadline.ts";
import { ChannelClosedError, HeddleError, invalidArg, TimeoutError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import type { Thread } from "../memory/thread.ts";
import type { Operation } from "../operation/operation.ts";
import { type Place, register, Shared } from "../operation/shared.ts";
import { type Alarm, waitAsync, waitSync } from "../operation/wait.ts";
import { dropJob, makeJob, readJob } from "./job.ts";
import { Lease } from "./lease.ts";
import { giveBack, type Handed, LeasedRecord } from "./leased-record.ts";
import { type QueueOptions, settingsOf } from "./settings.ts";

export interface LeasedQueueOptions<T> extends QueueOptions<LeasedQueue<T>> {}

/** A wait ended without a job or an end: it begins anew. */
const ANEW: unique symbol = Symbol("heddle.anew");

/**
 * Jobs from producers to consumers on any threads, none of which is lost when a thread dies: what was accepted is acknowledged once, or comes to the
 * dead letters. A view on a handle of 8 bytes, to be passed to tasks, in structures and through channels.
 * Order: first deliveries first in, first out; what comes back goes to the front. A job may be handed out more than once.
 */
export class LeasedQueue<T> extends Shared {
  readonly #record: LeasedRecord;
  readonly #codec: Codec<T>;
  /** Where jobs go whose attempts are used up; undefined if attempts have no end. */
  readonly deadLetters: LeasedQueue<T> | undefined;
  readonly #sending: Operation;
  readonly #taking: Operation;

  /** @internal */
  constructor(place: Place) {
    super();
    const { thread } = place;
    const record = new LeasedRecord(place);
    const { dead } = record;
    this.#record = record;
    this.#codec = codecOf(record.word(L.LEASED_CODEC), thread) as Codec<T>;
    this.deadLetters = dead && new LeasedQueue(dead);
    const withdraw = (op: Op) => record.withdraw(op);
    this.#sending = { thread, what: "send", start: (op, mode) => record.put(op, mode), withdraw };
    this.#taking = { thread, what: "take", start: (op, mode) => record.take(op, mode), withdraw };
  }

  /** @internal */
  static make<T>(thread: Thread, codec: Codec<T>, options: LeasedQueueOptions<T>): LeasedQueue<T> {
    if (!isCodec(codec)) throw invalidArg("codec", "a codec such as f64 or structured()", codec);
    const { capacity, attempts, deadLetters, leaseMs } = settingsOf(options);
    if (deadLetters !== undefined && !(deadLetters instanceof LeasedQueue)) throw invalidArg("deadLetters", "a leased queue", deadLetters);
    const code = codec.codeOn(thread);
    const dead = attempts === 0 ? undefined : (deadLetters ?? LeasedQueue.#made(thread, code, 1, 0, leaseMs, undefined));
    if (dead && dead.#codec.codeOn(thread) !== code)
      throw invalidArg("deadLetters", `a queue of ${codec.name}`, `one of ${dead.#codec.name}`);
    try {
      return LeasedQueue.#made(thread, code, capacity, attempts, leaseMs, dead);
    } finally {
      if (dead && dead !== deadLetters) dead.close(); // nobody else puts anything there: it ends with the queue it serves
    }
  }

  static #made<T>(
    thread: Thread,
    code: number,
    capacity: number,
    attempts: number,
    leaseMs: number,
    dead: LeasedQueue<T> | undefined,
  ): LeasedQueue<T> {
    if (dead && dead.place.thread.heap !== thread.heap) {
      throw new HeddleError("ERR_FOREIGN_HANDLE", "deadLetters: expected a leased queue of this runtime, got one of another");
    }
    const record = LeasedRecord.make(thread, capacity, attempts, dead?.place);
    if (!record) throw new ChannelClosedError("deadLetters: the queue is closed");
    record.describe(code, leaseMs);
    return new LeasedQueue<T>(record);
  }

  /** @internal */
  get place(): LeasedRecord {
    return this.#record;
  }

  /**
   * Puts a job if that needs no wait.
   * Waits: never. Answers true when it was accepted: from then on it outlives this thread. False when the queue is full.
   * Order: a producer's jobs are handed out for the first time in the order they were accepted.
   * Throws: ChannelClosedError; ERR_INVALID_ARG or ERR_UNSENDABLE for a value the codec does not carry; ERR_HEAP_EXHAUSTED.
   * Cost: two transitions and 64 bytes; for a value that is no number a block and one transition more.
   */
  trySend(value: T): boolean {
    const { thread } = this.#record;
    const job = this.#jobOf(value);
    thread.tryOp.prepareAddress(L.SENDING, job);
    const status = this.#record.put(thread.tryOp, 0);
    if (status !== L.OK) dropJob(thread, job);
    if (status === L.CLOSED) throw closed();
    return status === L.OK;
  }

  /**
   * Puts a job, waiting for room.
   * Waits: this promise. Ends with acceptance, close, signal or timeout. Order: waiting producers are served strictly in turn.
   * Throws (rejects): as trySend; AbortError, TimeoutError; the job was not accepted then.
   */
  async send(value: T, options?: WaitOptions): Promise<void> {
    if (options !== undefined) deadlineOf("send", options);
    const { thread } = this.#record;
    const job = this.#jobOf(value);
    try {
      await waitAsync(this.#sending, this.#putter(job), options, onSent);
    } catch (error) {
      dropJob(thread, job);
      throw error;
    }
  }

  /** The same, blocking this thread. Throws also ERR_WOULD_BLOCK_SUPERVISOR and ERR_WOULD_DEADLOCK where this thread must not block. */
  sendSync(value: T, options?: WaitOptions): void {
    if (options !== undefined) deadlineOf("sendSync", options);
    const { thread } = this.#record;
    const job = this.#jobOf(value);
    try {
      waitSync(this.#sending, this.#putter(job), options, onSent);
    } catch (error) {
      dropJob(thread, job);
      throw error;
    }
  }

  #jobOf(value: T): number {
    if (this.#record.isClosed) throw closed();
    return makeJob(this.#record.thread, this.#codec, value);
  }

  #putter(job: number): Op {
    const op = this.#record.thread.ops.acquire();
    op.prepareAddress(L.SENDING, job);
    return op;
  }

  /**
   * Leases the next job if that needs no wait: the lease, EMPTY, or CLOSED once the queue has ended.
   * Waits: never. Throws: ERR_CLOSED, FencedError, what the codec throws (the job is given back then).
   */
  tryTake(): Lease<T> | typeof CLOSED | typeof EMPTY {
    const { tryOp } = this.#record.thread;
    for (;;) {
      this.#reclaim();
      const status = this.#record.take(tryOp, 0);
      if (status === L.BLOCK) return EMPTY;
      const taken = this.#finish(status, tryOp);
      if (taken !== ANEW) return taken;
    }
  }

  /**
   * Leases the next job, or answers CLOSED once the queue is closed and nothing is queued or leased any more: what is leased may still come back.
   * Waits: this promise. Ends with a job, the end, signal or timeout.
   * Order: waiting consumers are served strictly in turn, unless leases expire here: who has looked for one whose time is up stands at the end.
   * Throws (rejects): as tryTake; AbortError, TimeoutError, ERR_INVALID_ARG; nothing was leased then.
   */
  async take(options?: WaitOptions): Promise<Lease<T> | typeof CLOSED> {
    const deadline = deadlineOf("take", options);
    for (;;) {
      const alarm = this.#alarm();
      const taken = await waitAsync(this.#taking, this.#record.thread.ops.acquire(), leftOf(options, deadline), this.#onTaken, alarm);
      if (taken !== ANEW) return taken;
    }
  }

  /** The same, blocking this thread. Throws also ERR_WOULD_BLOCK_SUPERVISOR and ERR_WOULD_DEADLOCK where this thread must not block. */
  takeSync(options?: WaitOptions): Lease<T> | typeof CLOSED {
    const deadline = deadlineOf("takeSync", options);
    for (;;) {
      const alarm = this.#alarm();
      const taken = waitSync(this.#taking, this.#record.thread.ops.acquire(), leftOf(options, deadline), this.#onTaken, alarm);
      if (taken !== ANEW) return taken;
    }
  }

  /**
   * Leases until the queue has ended; each is to be acknowledged in the loop. Leaving the loop early, by an error too, gives back the one it was left with.
   * `for await (const lease of queue) { await work(lease.value); lease.ack(); }`
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Lease<T>, void, undefined> {
    for (let lease = await this.take(); lease !== CLOSED; lease = await this.take()) {
      let isLeft = true;
      try {
        yield lease;
        isLeft = false;
      } finally {
        if (isLeft) lease[Symbol.dispose]();
      }
    }
  }

  /** The same, blocking this thread for each job. */
  *[Symbol.iterator](): Generator<Lease<T>, void, undefined> {
    for (let lease = this.takeSync(); lease !== CLOSED; lease = this.takeSync()) {
      let isLeft = true;
      try {
        yield lease;
        isLeft = false;
      } finally {
        if (isLeft) lease[Symbol.dispose]();
      }
    }
  }

  readonly #onTaken = (status: number, op: Op): Lease<T> | typeof CLOSED | typeof ANEW => this.#finish(status, op);

  #finish(status: number, op: Op): Lease<T> | typeof CLOSED | typeof ANEW {
    const { thread } = this.#record;
    if (status !== L.OK) return CLOSED;
    const handed = this.#record.handedTo(op);
    try {
      const read = readJob(thread, this.#codec, handed.job, handed.lease);
      return read === undefined ? ANEW : new Lease(this.#record, handed, read);
    } catch (error) {
      this.#giveBack(handed, error);
      throw error;
    }
  }

  #giveBack(handed: Handed, error: unknown): void {
    const { thread, address } = this.#record;
    giveBack(thread, address, handed, Wire.of(thread).encodeError(error));
  }

  #alarm(): Alarm<typeof ANEW> | undefined {
    const dueMs = this.#reclaim();
    return dueMs === Number.POSITIVE_INFINITY ? undefined : { dueMs, take: () => ANEW };
  }

  /** Gives back the leases whose time is up. Answers when the next one's may be: Infinity if leases do not expire here. */
  #reclaim(): Deadline {
    const { leaseMs, isStale } = this.#record;
    if (leaseMs === Number.POSITIVE_INFINITY || isStale) return Number.POSITIVE_INFINITY;
    for (;;) {
      const oldest = this.#record.oldest();
      if (!oldest) return now() + leaseMs; // whatever is leased from now on has that long
      if (oldest.expiresMs > now()) return oldest.expiresMs;
      this.#giveBack(oldest, new TimeoutError(`lease: the job was not acknowledged within ${leaseMs} ms`));
    }
  }

  /**
   * No job is accepted any more; those accepted are still handed out, and consumers see the end when all are acknowledged or in the dead letters.
   * Waits: never. Throws: ChannelClosedError the second time.
   */
  close(): void {
    if (!this.#record.close()) throw new ChannelClosedError("close of a closed leased queue");
  }

  /** Closes it if that was not done. */
  override [Symbol.dispose](): void {
    if (!this.#record.thread.isClosed) this.#record.close();
  }

  /** Jobs that wait to be handed out; 0 when it has ended. As the other counts, a snapshot. */
  get queued(): number {
    return this.#count(L.LEASED_QUEUED);
  }

  /** Jobs that are handed out and neither acknowledged nor given back. */
  get leased(): number {
    return this.#count(L.LEASED_HELD);
  }

  /** Jobs that went to the dead letters, ever; 0 when it has ended. */
  get dead(): number {
    return this.#count(L.LEASED_BURIED);
  }

  /** Jobs that may wait before producers do; what comes back may exceed it. */
  get capacity(): number {
    return this.#count(L.LEASED_CAPACITY);
  }

  #count(offset: number): number {
    return this.#record.isStale ? 0 : this.#record.word(offset);
  }
}
register(20, LeasedQueue);

function onSent(status: number): void {
  if (status === L.CLOSED) throw closed();
}

function closed(): ChannelClosedError {
  return new ChannelClosedError("send on a closed leased queue");
}
