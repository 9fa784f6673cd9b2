// The sending end of a channel.

import { type Deadline, deadlineOf, leftOf, type WaitOptions } from "../deadline.ts";
import { ChannelClosedError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import { CASE, type HasCase, type Operation } from "../operation/operation.ts";
import { waitAsync, waitSync } from "../operation/wait.ts";
import { sendSome } from "./bulk.ts";
import { Reservation } from "./reservation.ts";
import type { Ring } from "./ring.ts";
import { SENDABLE } from "./sendable.ts";

/**
 * The sending end of a channel: a view on its handle, to be passed to tasks and through channels.
 * Threads: any thread that holds it; any number of senders unless the channel is declared one-to-one.
 * See: Go spec, "Send statements"; "Close".
 */
export class Sender<T> {
  declare readonly [SENDABLE]: true;
  /** @internal */
  readonly ring: Ring<T>;
  #end = 0;
  #sending: Operation | undefined;

  /** @internal */
  constructor(ring: Ring<T>) {
    this.ring = ring;
  }

  /**
   * Sends if that needs no wait.
   * Waits: never. Answers true when the value was accepted (into the buffer or by a waiting receiver), false when it would have to wait.
   * Order: a sender's values are received in the order they were accepted.
   * Throws: ChannelClosedError; ERR_INVALID_ARG for a value the codec does not carry; ERR_SECOND_SENDER.
   * Cost: one transition, about 15 ns; nothing allocated.
   */
  trySend(value: T): boolean {
    const bits = this.encode(value);
    const status = this.tryBits(bits);
    if (status !== L.OK) this.ring.discard(bits);
    if (status === L.CLOSED) throw closed();
    return status === L.OK;
  }

  /**
   * Sends, waiting for room or, with capacity 0, for a receiver.
   * Waits: this promise; the thread goes on. Ends with acceptance, close, signal or timeout.
   * Order: waiting senders are served strictly in turn.
   * Throws (rejects): ChannelClosedError, AbortError, TimeoutError, ERR_INVALID_ARG, ERR_SECOND_SENDER; the value was not accepted then.
   */
  send(value: T, options?: WaitOptions): Promise<void> {
    let bits: number;
    try {
      if (options !== undefined) deadlineOf("send", options);
      bits = this.encode(value);
      if (this.tryPatiently(bits) === L.OK) return this.ring.thread.resolved(undefined);
    } catch (error) {
      return Promise.reject(error);
    }
    const sent = this.waitBits(bits, options);
    if (!this.ring.isBlocks) return sent;
    return sent.catch((error: unknown) => {
      this.ring.discard(bits);
      throw error;
    });
  }

  /**
   * Sends, blocking this thread.
   * Waits: this thread. A signal can only be seen before the wait begins, since the thread's event loop stands still.
   * Throws: as send; ERR_WOULD_BLOCK_SUPERVISOR on the supervising thread and ERR_WOULD_DEADLOCK with `threads: 0`, if it would have to wait.
   */
  sendSync(value: T, options?: WaitOptions): void {
    if (options !== undefined) deadlineOf("sendSync", options);
    const bits = this.encode(value);
    if (this.tryPatiently(bits) === L.OK) return;
    try {
      this.waitBitsSync(bits, options);
    } catch (error) {
      this.ring.discard(bits);
      throw error;
    }
  }

  /**
   * Room for a value of `lengthBytes` in shared memory, to be written in place and then committed: saves one of the two copies of a large value.
   * Only for channels of bytes. Waits: never. Throws: ERR_INVALID_ARG, ERR_HEAP_EXHAUSTED, ERR_SECOND_SENDER.
   * Cost: a block until it is committed, discarded or disposed of.
   */
  reserve(this: Sender<Uint8Array>, lengthBytes: number): Reservation {
    return this.reserveBytes(lengthBytes);
  }

  /** @internal */
  reserveBytes(lengthBytes: number): Reservation {
    const { ring } = this;
    if (ring.codec.name !== "bytes") throw invalidArg("reserve", "a channel of bytes", `one of ${ring.codec.name}`);
    this.claimIfDeclared();
    return new Reservation(ring.thread, lengthBytes, this);
  }

  /**
   * Sends all of `values` in their order, as many at a time as there is room for: a copy or two per call instead of a call per value.
   * Waits: this promise, as send does, for each value that finds no room. Other senders' values may come in between.
   * Throws (rejects): as send; `sent` on the error says how many of them were accepted. Cost: for words about 2 ns a value.
   */
  async sendMany(values: ArrayLike<T>, options?: WaitOptions): Promise<void> {
    const deadline = deadlineOrNone("sendMany", options);
    checkValues(values);
    for (let from = 0; from < values.length; from++) {
      try {
        from += this.sendSome(values, from);
        if (from < values.length) await this.send(values[from]!, leftOf(options, deadline));
      } catch (error) {
        throw withSent(error, from);
      }
    }
  }

  /** The same, blocking this thread. Throws also what sendSync throws. */
  sendManySync(values: ArrayLike<T>, options?: WaitOptions): void {
    const deadline = deadlineOrNone("sendManySync", options);
    checkValues(values);
    for (let from = 0; from < values.length; from++) {
      try {
        from += this.sendSome(values, from);
        if (from < values.length) this.sendSync(values[from]!, leftOf(options, deadline));
      } catch (error) {
        throw withSent(error, from);
      }
    }
  }

  private sendSome(values: ArrayLike<T>, from: number): number {
    this.claimIfDeclared();
    if (!this.ring.isBlocks) return sendSome(this.ring, values, from);
    let next = from;
    while (next < values.length && this.trySend(values[next]!)) next++;
    return next - from;
  }

  /**
   * Closes the channel: what was accepted can still be received, then every receiver sees the end; waiting senders are refused.
   * Waits: never; wakes waiters one transition each.
   * Throws: ChannelClosedError if it is closed already.
   */
  close(): void {
    this.claimIfDeclared();
    if (!this.ring.close()) throw new ChannelClosedError("close of a closed channel");
  }

  /**
   * A case of a select that sends `value`: `select({ sent: out.sending(v), … })`. Nothing is sent unless the case is chosen.
   * Throws: ERR_SECOND_SENDER; the select throws ERR_INVALID_ARG for a value the codec does not carry.
   */
  sending(value: T): HasCase<undefined> {
    this.claimIfDeclared();
    const { ring } = this;
    return {
      [CASE]: () => {
        let bits: number | undefined;
        return {
          thread: ring.thread,
          key: ring.address * 2 + L.SENDING,
          prepare: (op, index) => {
            bits = ring.encode(value);
            ring.prepare(op, L.SENDING, bits, index);
          },
          attempt: (node, mode) => ring.attempt(node, mode),
          withdraw: (node) => ring.withdraw(node),
          finish: (status) => {
            if (status === L.CLOSED) ring.discard(bits!);
            return accepted(status) as undefined;
          },
          abandon: () => {
            if (bits !== undefined) ring.discard(bits);
          },
        };
      },
    };
  }

  /** Values in the buffer; 0 when the channel is gone. */
  get length(): number {
    return this.ring.length;
  }

  /** Values the buffer holds; 0 for a rendezvous. */
  get capacity(): number {
    return this.ring.capacity;
  }

  private claimIfDeclared(): void {
    if (!this.ring.isOneToOne || this.#end !== 0) return;
    const end = this.ring.thread.newEnd();
    this.ring.claim(L.SENDING, end);
    this.#end = end;
  }

  private encode(value: T): number {
    this.claimIfDeclared();
    return this.ring.encode(value);
  }

  /** @internal Sends what encode() answered, now: OK, BLOCK or CLOSED. */
  tryBits(bits: number): number {
    const { ring } = this;
    const status = ring.trySend(bits);
    if (status !== L.SLOW) return status;
    ring.prepare(ring.thread.tryOp, L.SENDING, bits);
    return ring.attempt(ring.thread.tryOp.node, 0);
  }

  /** @internal The same, waiting as send does; what it could not send is still the caller's. */
  waitBits(bits: number, options: WaitOptions | undefined): Promise<void> {
    return waitAsync(this.operation(), this.prepare(bits), options, accepted);
  }

  /** @internal */
  waitBitsSync(bits: number, options: WaitOptions | undefined): void {
    if (this.ring.isBlocks) this.ring.lookAgainIf(L.SENDING);
    waitSync(this.operation(), this.prepare(bits), options, accepted);
  }

  /** The fast path before a wait: looks again while that pays. */
  private tryPatiently(bits: number): number {
    const { ring } = this;
    const status = ring.trySend(bits);
    return status === L.BLOCK && ring.lookAgain(L.SENDING) ? ring.trySend(bits) : status;
  }

  private prepare(bits: number): Op {
    const op = this.ring.thread.ops.acquire();
    this.ring.prepare(op, L.SENDING, bits);
    return op;
  }

  private operation(): Operation {
    const { ring } = this;
    this.#sending ??= {
      thread: ring.thread,
      what: "send",
      start: (op, mode) => ring.attempt(op.node, mode),
      withdraw: (op) => ring.withdraw(op.node),
    };
    return this.#sending;
  }
}

function checkValues(values: ArrayLike<unknown>): void {
  if (typeof values !== "object" || values === null || !Number.isInteger(values.length))
    throw invalidArg("sendMany: values", "an array", values);
}

/** A wait that is refused before it begins has sent none. */
function deadlineOrNone(what: string, options: WaitOptions | undefined): Deadline {
  try {
    return deadlineOf(what, options);
  } catch (error) {
    throw withSent(error, 0);
  }
}

function withSent(error: unknown, sent: number): unknown {
  return error instanceof Error ? Object.assign(error, { sent }) : error;
}

function accepted(status: number): void {
  if (status === L.CLOSED) throw closed();
}

function closed(): ChannelClosedError {
  return new ChannelClosedError("send on a closed channel");
}
