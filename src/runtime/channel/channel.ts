// A channel: both ends of one handle, and the codecs that carry ends through channels and arguments.

import type { WaitOptions } from "../deadline.ts";
import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { CASE, type Case, type HasCase, LOOKS_READY, type NOT_READY, TRY } from "../operation/operation.ts";
import { bitsAround, type Codec, codecOf, compose, isCodec, openable, type WordCodec } from "./codec.ts";
import { type CLOSED, type EMPTY, Receiver } from "./receiver.ts";
import type { Reservation } from "./reservation.ts";
import { Ring } from "./ring.ts";
import { SENDABLE } from "./sendable.ts";
import { Sender } from "./sender.ts";
import "./shared-codec.ts";
import "./structured.ts";
import { carry } from "./wire.ts";

const CODE_CHANNEL = 2;
const CODE_SENDER = 3;
const CODE_RECEIVER = 4;

/** Options of rt.channel(). */
export interface ChannelOptions {
  /** 'one-to-one' declares one sending and one receiving task; a second one gets ERR_SECOND_SENDER or ERR_SECOND_RECEIVER. Default: any number. */
  ends?: "many-to-many" | "one-to-one";
}

/**
 * A typed channel between tasks on any threads: FIFO, closable, with Go's semantics; capacity 0 is a rendezvous.
 * A view on a handle of 8 bytes: pass it, or better just the end a task needs, as an argument or through another channel.
 * See: Go spec, "Channel types"; runtime/chan.go.
 */
export class Channel<T> {
  declare readonly [SENDABLE]: true;
  readonly sender: Sender<T>;
  readonly receiver: Receiver<T>;

  /** @internal */
  constructor(ring: Ring<T>) {
    this.sender = new Sender(ring);
    this.receiver = new Receiver(ring);
  }

  /** @internal */
  static make<T>(thread: Thread, codec: Codec<T>, capacity: number, options?: ChannelOptions): Channel<T> {
    if (!isCodec(codec)) throw invalidArg("codec", "a codec such as f64 or channelOf(f64)", codec);
    if (options !== undefined && (typeof options !== "object" || options === null))
      throw invalidArg("options", "an object { ends }", options);
    const ends = options?.ends ?? "many-to-many";
    if (ends !== "many-to-many" && ends !== "one-to-one") throw invalidArg("ends", "'many-to-many' or 'one-to-one'", ends);
    return new Channel(Ring.make(thread, codec, capacity, ends === "one-to-one"));
  }

  /** @internal */
  get ring(): Ring<T> {
    return this.sender.ring;
  }

  /** As Sender.trySend. */
  trySend(value: T): boolean {
    return this.sender.trySend(value);
  }
  /** As Sender.send. */
  send(value: T, options?: WaitOptions): Promise<void> {
    return this.sender.send(value, options);
  }
  /** As Sender.sendSync. */
  sendSync(value: T, options?: WaitOptions): void {
    this.sender.sendSync(value, options);
  }
  /** As Receiver.tryRecv. */
  tryRecv(): T | typeof CLOSED | typeof EMPTY {
    return this.receiver.tryRecv();
  }
  /** As Receiver.recv. */
  recv(options?: WaitOptions): Promise<T | typeof CLOSED> {
    return this.receiver.recv(options);
  }
  /** As Receiver.recvSync. */
  recvSync(options?: WaitOptions): T | typeof CLOSED {
    return this.receiver.recvSync(options);
  }
  /** As Sender.sendMany. */
  sendMany(values: ArrayLike<T>, options?: WaitOptions): Promise<void> {
    return this.sender.sendMany(values, options);
  }
  /** As Sender.sendManySync. */
  sendManySync(values: ArrayLike<T>, options?: WaitOptions): void {
    this.sender.sendManySync(values, options);
  }
  /** As Receiver.recvMany. */
  recvMany(max: number, options?: WaitOptions): Promise<T[] | typeof CLOSED> {
    return this.receiver.recvMany(max, options);
  }
  /** As Receiver.recvManySync. */
  recvManySync(max: number, options?: WaitOptions): T[] | typeof CLOSED {
    return this.receiver.recvManySync(max, options);
  }
  /** As Receiver.recvInto. */
  recvInto(this: Channel<Uint8Array>, target: Uint8Array, options?: WaitOptions): Promise<Uint8Array | typeof CLOSED> {
    return this.receiver.recvInto(target, options);
  }
  /** As Receiver.recvIntoSync. */
  recvIntoSync(this: Channel<Uint8Array>, target: Uint8Array, options?: WaitOptions): Uint8Array | typeof CLOSED {
    return this.receiver.recvIntoSync(target, options);
  }
  /** As Receiver.batches. */
  batches(max: number, options?: WaitOptions): AsyncGenerator<T[], void, undefined> {
    return this.receiver.batches(max, options);
  }
  /** As Receiver.batchesSync. */
  batchesSync(max: number, options?: WaitOptions): Generator<T[], void, undefined> {
    return this.receiver.batchesSync(max, options);
  }
  /** As Sender.reserve. */
  reserve(this: Channel<Uint8Array>, lengthBytes: number): Reservation {
    return this.sender.reserve(lengthBytes);
  }
  /** As Sender.sending. */
  sending(value: T): HasCase<undefined> {
    return this.sender.sending(value);
  }
  /** @internal A channel is a receive case of a select. */
  [CASE](): Case<T | typeof CLOSED> {
    return this.receiver[CASE]();
  }
  /** @internal */
  get [LOOKS_READY](): boolean {
    return this.ring.looksReady;
  }
  /** @internal */
  [TRY](): T | typeof CLOSED | typeof NOT_READY {
    return this.receiver[TRY]();
  }
  /** As Sender.close. */
  close(): void {
    this.sender.close();
  }
  /** Closes it if that was not done and drops what is in it, so that its memory is given back: `using ch = rt.channel(f64, 16)`. */
  [Symbol.dispose](): void {
    if (!this.ring.thread.isClosed) this.ring.drop();
  }
  get length(): number {
    return this.sender.length;
  }
  get capacity(): number {
    return this.sender.capacity;
  }
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.receiver[Symbol.asyncIterator]();
  }
  [Symbol.iterator](): Generator<T, void, undefined> {
    return this.receiver[Symbol.iterator]();
  }
}

/** The view of a handle that came from another thread; the codec is read from the record. */
export function openRing(thread: Thread, handle: number): Ring<unknown> {
  const { address, gen } = Ring.parse(handle);
  const { u32 } = thread.heap;
  if (!Number.isSafeInteger(handle) || address < L.RECORDS_AT || address >= thread.heap.memory.buffer.byteLength) {
    throw invalidArg("handle", "the handle of a channel", handle);
  }
  const code = u32[(address + L.CHANNEL_CODEC) >> 2]!;
  const isOneToOne = (code & L.CODEC_ONE_TO_ONE) !== 0;
  const capacity = u32[(address + L.CHANNEL_CAPACITY) >> 2]!;
  return new Ring(thread, address, gen, codecOf(code & L.CODEC_MAX, thread), capacity, isOneToOne);
}

/** The handle of a view that is to cross to another thread of the same runtime. */
function handleOf(ring: Ring<unknown>, thread: Thread): number {
  if (ring.thread.heap !== thread.heap) {
    throw new HeddleError("ERR_FOREIGN_HANDLE", "expected a channel of this runtime, got one of another");
  }
  return ring.handle;
}

function endCodec<E extends { readonly ring: Ring<unknown> }>(
  name: string,
  kind: number,
  inner: Codec<unknown>,
  End: new (ring: Ring<unknown>) => E,
): WordCodec<E> {
  return {
    codeBits: bitsAround(inner),
    codeOn: (thread) => compose(kind, inner.codeOn(thread)),
    form: "word",
    lane: "Float64",
    name: `${name}(${inner.name})`,
    encode(value, thread) {
      if (!(value instanceof End)) throw invalidArg(`${name} value`, `a ${End.name}`, value);
      const handle = handleOf(value.ring, thread);
      if (value.ring.codec.codeOn(thread) !== inner.codeOn(thread))
        throw invalidArg(`${name} value`, `a ${End.name} of ${inner.name}`, `a ${End.name} of ${value.ring.codec.name}`);
      return handle;
    },
    decode: (bits, thread) => new End(openRing(thread, bits)),
  };
}

/** Carries channels of `inner`: a channel of channels. Received views work on whichever thread receives them. */
export function channelOf<T>(inner: Codec<T>): WordCodec<Channel<T>> {
  return endCodec("channelOf", CODE_CHANNEL, inner as unknown as Codec<unknown>, Channel) as unknown as WordCodec<Channel<T>>;
}

/** Carries sending ends of channels of `inner`. */
export function senderOf<T>(inner: Codec<T>): WordCodec<Sender<T>> {
  return endCodec("senderOf", CODE_SENDER, inner as unknown as Codec<unknown>, Sender) as unknown as WordCodec<Sender<T>>;
}

/** Carries receiving ends of channels of `inner`. */
export function receiverOf<T>(inner: Codec<T>): WordCodec<Receiver<T>> {
  return endCodec("receiverOf", CODE_RECEIVER, inner as unknown as Codec<unknown>, Receiver) as unknown as WordCodec<Receiver<T>>;
}

openable(CODE_CHANNEL, (rest, thread) => channelOf(codecOf(rest, thread)) as unknown as Codec<unknown>);
openable(CODE_SENDER, (rest, thread) => senderOf(codecOf(rest, thread)) as unknown as Codec<unknown>);
openable(CODE_RECEIVER, (rest, thread) => receiverOf(codecOf(rest, thread)) as unknown as Codec<unknown>);

const EXT_CHANNEL = 0x51;
const EXT_SENDER = 0x52;
const EXT_RECEIVER = 0x53;
const handle = (end: { readonly ring: Ring<unknown> }, thread: Thread) => handleOf(end.ring, thread);
carry(Channel<unknown>, EXT_CHANNEL, handle, (bits, thread) => new Channel(openRing(thread, bits)));
carry(Sender<unknown>, EXT_SENDER, handle, (bits, thread) => new Sender(openRing(thread, bits)));
carry(Receiver<unknown>, EXT_RECEIVER, handle, (bits, thread) => new Receiver(openRing(thread, bits)));
