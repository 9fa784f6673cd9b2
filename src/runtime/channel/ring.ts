// A channel's handle as this thread sees it: the record's address and generation, the codec, and the transitions bound to both. It holds no state
// of its own; two of them on one handle are the same channel. Sender, Receiver and Channel are views on it.
//
// Memory   the methods of ring and ends are private and not #: a class with #methods marks each of its objects with 8 bytes, and a channel is four objects.

import { HeddleError, invalidArg } from "../errors.ts";
import { blockPayload } from "../memory/heap.ts";
import * as L from "../memory/layout.ts";
import type { Op } from "../memory/op.ts";
import { maySpin, pause } from "../memory/spin.ts";
import type { Thread } from "../memory/thread.ts";
import type { Codec } from "./codec.ts";

const GRANULE = 64;
const WORD_BYTES = 8;
const FORM_FLAGS = { word: 0, block: L.CODEC_BLOCKS, cell: L.CODEC_CELLS };
const INDEX_SPAN = 2 ** 26;

const POLLS_AFTER_FIRST = 40;
/** Polls that take about as long as a sleep costs. */
const MIN_PATIENCE = 64;
const MAX_PATIENCE = 1_024;

/** Some 100 ns. */
const BETWEEN_POLLS = 50;

export class Ring<T> {
  readonly thread: Thread;
  readonly address: number;
  readonly gen: number;
  readonly codec: Codec<T>;
  readonly capacity: number;
  readonly isOneToOne: boolean;
  #patience = 256;

  constructor(thread: Thread, address: number, gen: number, codec: Codec<T>, capacity: number, isOneToOne: boolean) {
    this.thread = thread;
    this.address = address;
    this.gen = gen;
    this.codec = codec;
    this.capacity = capacity;
    this.isOneToOne = isOneToOne;
  }

  static make<T>(thread: Thread, codec: Codec<T>, capacity: number, isOneToOne: boolean): Ring<T> {
    const stride = codec.form === "cell" ? codec.strideBytes : WORD_BYTES;
    const most = Math.min(L.CAPACITY_MAX, L.RING_BYTES_MAX / 2 ** Math.ceil(Math.log2(stride)));
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > most) {
      throw invalidArg("capacity", `a whole number from 0 to ${most}`, capacity);
    }
    const code = codec.codeOn(thread) + (isOneToOne ? L.CODEC_ONE_TO_ONE : 0) + FORM_FLAGS[codec.form];
    thread.call(`a channel of capacity ${capacity}`, (fn) => fn.chanMake(thread.slot, thread.epoch, capacity, code, stride));
    return new Ring(thread, thread.answered, thread.answeredGen, codec, capacity, isOneToOne);
  }

  /** 53 bits: generation × 2^26 + index in granules of 64 bytes. */
  get handle(): number {
    return this.gen * INDEX_SPAN + this.address / GRANULE;
  }

  static parse(handle: number): { address: number; gen: number } {
    return { address: (handle % INDEX_SPAN) * GRANULE, gen: Math.floor(handle / INDEX_SPAN) };
  }

  get isStale(): boolean {
    return this.thread.heap.i32[(this.address + L.CHANNEL_GEN) >> 2] !== this.gen;
  }

  /** Values in the buffer at this moment; 0 for a rendezvous and for a channel that is gone. */
  get length(): number {
    return this.isStale ? 0 : Math.min(this.lengthNow, this.capacity); // two loads: a value may have come and gone in between
  }

  /**
   * It looks as if a receive needed no wait. Plain loads, a nanosecond in all where one atomic load costs seven: the answer may be out of date either way,
   * so it serves to choose what to try first, and never to leave a try out.
   */
  get looksReady(): boolean {
    const { i32 } = this.thread.heap;
    const { address } = this;
    return (
      i32[(address + L.CHANNEL_SEND_WORD) >> 2] !== i32[(address + L.CHANNEL_RECV_WORD) >> 2] ||
      (i32[(address + L.CHANNEL_FLAGS) >> 2]! & (L.FLAG_CLOSED | L.FLAG_SENDERS)) !== 0 ||
      i32[(address + L.CHANNEL_GEN) >> 2] !== this.gen // it is gone, which is its end
    );
  }

  /** It looks closed and empty, seen without a lock; freeIfDrained makes sure. */
  get isDrained(): boolean {
    return (this.thread.heap.u32[(this.address + L.CHANNEL_FLAGS) >> 2]! & L.FLAG_CLOSED) !== 0 && this.lengthNow === 0;
  }

  /** What the doors hand on: the word, the address of a private block that holds the value, or that of the thread's cell, until its next use. */
  encode(value: T): number {
    const { codec, thread } = this;
    if (codec.form === "word") return codec.encode(value, thread);
    if (codec.form === "block") return thread.store(`a ${codec.name} value`, codec.encode(value, thread));
    codec.write(value, thread.workspace.cell, thread);
    return thread.workspace.cell;
  }

  /** The value again; of a block, which the receive made this thread's, a copy, and the block is freed. */
  decode(bits: number): T {
    const { codec, thread } = this;
    if (codec.form === "word") return codec.decode(bits, thread);
    return codec.form === "block" ? codec.decode(thread.take(bits), thread) : codec.read(bits, thread);
  }

  /** Forgets what encode() made, when it was not sent. */
  discard(bits: number): void {
    if (this.isBlocks && !this.thread.isClosed) this.thread.free(bits);
  }

  get isBlocks(): boolean {
    return this.codec.form === "block";
  }

  /** Makes an operation's node a case of this channel. An operation that may wait gets a cell of its own. */
  prepare(op: Op, direction: number, bits: number, index = 0): void {
    const { codec, thread } = this;
    if (codec.form === "word") op.prepare(direction, bits, index);
    else if (codec.form === "block") op.prepareAddress(direction, bits, index);
    else if (op === thread.tryOp) op.prepareAddress(direction, thread.workspace.cell, index);
    else {
      op.cellBlock = thread.alloc(`a ${codec.name} value`, codec.strideBytes);
      const cell = blockPayload(op.cellBlock);
      if (direction === L.SENDING) thread.heap.u8.copyWithin(cell, bits, bits + codec.strideBytes);
      op.prepareAddress(direction, cell, index);
    }
  }

  /** What an operation received with the node of `carrier`, which is another operation's in a select. */
  receivedBy(op: Op, carrier = op): number {
    if (this.codec.form === "word") return op.value;
    return this.isBlocks ? op.block : carrier.nodeAddress;
  }

  /** OK, BLOCK, SLOW or CLOSED. A channel of blocks has no fast path: SLOW. */
  trySend(bits: number): number {
    const { thread } = this;
    const status = this.sendNow(bits);
    return status !== L.BUSY && status !== L.FENCED ? status : thread.call("send", () => this.sendNow(bits));
  }

  private sendNow(bits: number): number {
    const { thread, codec } = this;
    if (codec.form === "word") return thread.heap.fn.trySend(this.address, this.gen, thread.slot, thread.epoch, bits);
    if (codec.form === "block") return L.SLOW;
    return thread.heap.fn.trySendMany(this.address, this.gen, thread.slot, thread.epoch, bits, 1);
  }

  /** OK (the value is in `received`), BLOCK, SLOW or CLOSED. */
  tryRecv(): number {
    const { thread } = this;
    const status = this.recvNow();
    return status !== L.BUSY && status !== L.FENCED ? status : thread.call("recv", () => this.recvNow());
  }

  private recvNow(): number {
    const { thread, codec } = this;
    if (codec.form === "word") return thread.heap.fn.tryRecv(this.address, this.gen, thread.slot, thread.epoch);
    if (codec.form === "block") return L.SLOW;
    return thread.heap.fn.tryRecvMany(this.address, this.gen, thread.slot, thread.epoch, thread.workspace.cell, 1);
  }

  get received(): number {
    const { thread } = this;
    return this.codec.form === "word" ? thread.heap.f64[(thread.slot + L.SLOT_VALUE) >> 3]! : thread.workspace.cell;
  }

  /**
   * Nothing to receive (or no room to send): lets a batch build up before looking again, if a peer is running on another core. To park on every empty
   * ring puts both sides into lock-step, one wake each per ring; to look after every value costs a cache miss each. So: polls some 100 ns apart until
   * half the ring is ready, a few more after the first progress, and at most #patience in all. Patience is doubled by a find, halved by none, down to about what a sleep costs.
   * Answers whether there is something now.
   */
  lookAgain(direction: number): boolean {
    if (this.capacity < 2 || !maySpin(this.thread.heap)) return false;
    const enough = this.capacity >> 1;
    let found = 0;
    let afterFirst = 0;
    for (let polls = this.#patience; polls > 0 && found < enough && afterFirst < POLLS_AFTER_FIRST; polls--) {
      pause(BETWEEN_POLLS);
      const length = this.lengthNow;
      found = direction === L.RECEIVING ? length : this.capacity - length;
      if (found > 0) afterFirst++;
    }
    this.#patience = found > 0 ? Math.min(this.#patience * 2, MAX_PATIENCE) : Math.max(this.#patience >> 1, MIN_PATIENCE);
    return found > 0;
  }

  /** The same where the fast path does not say: looks again only if it would have to wait. */
  lookAgainIf(direction: number): void {
    if (this.lengthNow === (direction === L.RECEIVING ? 0 : this.capacity)) this.lookAgain(direction);
  }

  private get lengthNow(): number {
    const { i32 } = this.thread.heap;
    const send = Atomics.load(i32, (this.address + L.CHANNEL_SEND_WORD) >> 2);
    const recv = Atomics.load(i32, (this.address + L.CHANNEL_RECV_WORD) >> 2);
    return ((send & -2) - (recv & -2)) >>> 1;
  }

  /** One case with both words held (chanOp), stale waiters in its way dropped: OK, CLOSED, BLOCK, PARKED or FIRED. */
  attempt(node: number, mode: number): number {
    const { thread } = this;
    for (;;) {
      const status = thread.call("a waiting operation", (fn) => fn.chanOp(this.address, this.gen, thread.slot, thread.epoch, node, mode));
      if (status !== L.AGAIN) return status;
    }
  }

  /**
   * A copy of the value `place` places behind the oldest, of a channel of blocks from which nobody receives; undefined if there is none. Read in place: what
   * was read counts only if the channel still stood there, unmoved, afterwards.
   */
  peek(place: number): T | undefined {
    const { thread, codec, address } = this;
    const { u32, i32, u8 } = thread.heap;
    const recv = Atomics.load(i32, (address + L.CHANNEL_RECV_WORD) >> 2) & -2;
    if (codec.form !== "block" || this.isStale || this.lengthNow <= place) return undefined;
    const slot = ((recv >>> 1) + place) & u32[(address + L.CHANNEL_MASK) >> 2]!;
    const block = u32[(blockPayload(u32[(address + L.CHANNEL_BUFFER) >> 2]!) + slot * WORD_BYTES) >> 2]!;
    const copy = block < u8.length ? thread.readIfWhole(block) : undefined;
    const isUnmoved = !this.isStale && (Atomics.load(i32, (address + L.CHANNEL_RECV_WORD) >> 2) & -2) === recv;
    return copy && isUnmoved ? codec.decode(copy, thread) : undefined;
  }

  withdraw(node: number): void {
    const { thread } = this;
    thread.call("unlink", (fn) => fn.unlink(this.address, thread.slot, thread.epoch, node));
  }

  /** Closes and wakes every waiter; false if it was closed already. */
  close(): boolean {
    const { thread } = this;
    let resume = 0;
    for (;;) {
      const status = thread.call("close", (fn) => fn.close(this.address, this.gen, thread.slot, thread.epoch, resume));
      if (status === L.AGAIN) resume = 1;
      else {
        if (status === L.OK) this.freeIfDrained();
        return status === L.OK || (resume === 1 && status === L.STALE);
      }
    }
  }

  /** Gives the record back once it is closed, drained and has no waiter; from then on the handle is stale, which behaves as closed. */
  freeIfDrained(): void {
    const { thread } = this;
    thread.call("free", (fn) => fn.chanFree(this.address, this.gen, thread.slot, thread.epoch, 0));
  }

  /** Closes it, if it is open, and drops what is in it. */
  drop(): void {
    this.close();
    const { tryOp } = this.thread;
    for (;;) {
      this.prepare(tryOp, L.RECEIVING, 0);
      if (this.attempt(tryOp.node, 0) !== L.OK) break;
      this.discard(tryOp.block);
    }
    this.freeIfDrained();
  }

  /** Makes `end` the one sender or receiver of a channel declared one-to-one. */
  claim(direction: number, end: number): void {
    const { thread } = this;
    const status = thread.call("claim", (fn) => fn.chanClaim(this.address, this.gen, thread.slot, thread.epoch, direction, end));
    if (status !== L.REFUSED) return;
    throw direction === L.SENDING
      ? new HeddleError("ERR_SECOND_SENDER", "this channel is declared one-to-one and another task is its sender")
      : new HeddleError("ERR_SECOND_RECEIVER", "this channel is declared one-to-one and another task is its receiver");
  }
}
