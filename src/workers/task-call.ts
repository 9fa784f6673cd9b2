// A task's call and its result in a block: packed as structured values are, or, where all is plain, written as it is.
//
// Memory   plain call     0xc1 · arguments u8 · name's length u16 · number u32 · slot u32 · epoch u32 · name · each argument
//          plain result   0xc1 · the value                           (0xc1 begins no MessagePack)
//          anything else  MessagePack: [url, name, arguments, carried values if there are any], or the result
// A function's name is its URL, a zero and its exported name. Number, slot and epoch of who starts the task stand for it with those who have read it before.

import type { Wire } from "../runtime/channel/index.ts";
import { blockPayload } from "../runtime/memory/heap.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { type Carried, carriedValues } from "./carried.ts";
import type { FunctionName } from "./module-ref.ts";
import { arePlain, isPlain, PLAIN_BYTES, PlainReader, writePlain } from "./plain.ts";

const PLAIN = 0xc1;
const HEADER_BYTES = 16;
const MOST_NAME_BYTES = 0xffff;
const SLOT_SPAN = 2 ** 32;
/** In front of a block's bytes stands how many there are. */
const LENGTH_BYTES = 8;

interface Named {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface TaskCall {
  readonly url: string;
  readonly name: string;
  readonly args: unknown[];
  /** Values of AsyncLocalStorage that travel with it. */
  readonly values: Carried | undefined;
}

/** Writes calls, and reads results. */
export class CallWriter {
  readonly #thread: Thread;
  readonly #wire: Wire;
  readonly #names = new WeakMap<FunctionName, Named>();
  /** The same by what they say: a module may be named again and again. */
  readonly #numbers = new Map<string, Named>();
  /** Reads in place. */
  readonly #values: PlainReader;

  constructor(thread: Thread, wire: Wire) {
    this.#thread = thread;
    this.#wire = wire;
    this.#values = new PlainReader(thread.heap.u8);
  }

  /** A private block with the call. Throws: ERR_UNSENDABLE, ERR_HEAP_EXHAUSTED. */
  write(fn: FunctionName, args: readonly unknown[]): number {
    const values = carriedValues();
    const named = this.#names.get(fn) ?? this.#name(fn);
    if (values !== undefined || !arePlain(args) || named.bytes.length > MOST_NAME_BYTES) {
      const call = values === undefined ? [fn.url, fn.name, args] : [fn.url, fn.name, args, values];
      return this.#thread.store(`the arguments of ${fn.name}`, this.#wire.encode("arguments", call));
    }
    const { slot, epoch, heap } = this.#thread;
    const { view, u8 } = heap;
    const block = this.#thread.allocBytes("the arguments of a task", HEADER_BYTES + named.bytes.length + PLAIN_BYTES * args.length);
    const start = blockPayload(block) + LENGTH_BYTES;
    view.setUint8(start, PLAIN);
    view.setUint8(start + 1, args.length);
    view.setUint16(start + 2, named.bytes.length, true);
    view.setUint32(start + 4, named.number, true);
    view.setUint32(start + 8, slot, true);
    view.setInt32(start + 12, epoch, true);
    u8.set(named.bytes, start + HEADER_BYTES);
    let at = start + HEADER_BYTES + named.bytes.length;
    for (let i = 0; i < args.length; i++) at = writePlain(view, at, args[i]);
    this.#thread.truncate(block, at - start);
    return block;
  }

  #name(fn: FunctionName): Named {
    const text = `${fn.url}\0${fn.name}`;
    let named = this.#numbers.get(text);
    if (!named) {
      named = { number: this.#numbers.size, bytes: Buffer.from(text, "utf8") };
      this.#numbers.set(text, named);
    }
    this.#names.set(fn, named);
    return named;
  }

  /** The result in a block, which stays as it is. */
  readResult(block: number): unknown {
    const start = blockPayload(block) + LENGTH_BYTES;
    if (this.#thread.heap.u8[start] !== PLAIN) return this.#wire.decode(this.#thread.read(block));
    this.#values.at = start + 1;
    return this.#values.next();
  }
}

/** Reads calls, and writes results. */
export class CallReader {
  readonly #thread: Thread;
  readonly #wire: Wire;
  /** Reads in place. */
  readonly #values: PlainReader;
  /** Functions read before, by number and slot of who named them; an older epoch's are another's. */
  readonly #known = new Map<number, { readonly epoch: number; readonly url: string; readonly name: string }>();

  constructor(thread: Thread, wire: Wire) {
    this.#thread = thread;
    this.#wire = wire;
    this.#values = new PlainReader(thread.heap.u8);
  }

  /** The call in a block, which is freed. */
  take(block: number): TaskCall {
    const { view, u8 } = this.#thread.heap;
    const start = blockPayload(block) + LENGTH_BYTES;
    if (u8[start] !== PLAIN) {
      const [url, name, args, values] = this.#wire.decode(this.#thread.take(block)) as [string, string, unknown[], Carried | undefined];
      return { url, name, args, values };
    }
    const key = view.getUint32(start + 4, true) + SLOT_SPAN * view.getUint32(start + 8, true);
    const epoch = view.getInt32(start + 12, true);
    const end = start + HEADER_BYTES + view.getUint16(start + 2, true);
    let known = this.#known.get(key);
    if (known?.epoch !== epoch) {
      const [url, name] = Buffer.from(u8.slice(start + HEADER_BYTES, end))
        .toString("utf8")
        .split("\0") as [string, string];
      known = { epoch, url, name };
      this.#known.set(key, known);
    }
    this.#values.at = end;
    const args = this.#values.many(u8[start + 1]!);
    this.#thread.free(block);
    return { url: known.url, name: known.name, args, values: undefined };
  }

  /** A private block with a result, 0 for undefined. Throws: ERR_UNSENDABLE, ERR_HEAP_EXHAUSTED. */
  writeResult(name: string, value: unknown): number {
    if (value === undefined) return 0;
    if (!isPlain(value)) return this.#thread.store(`the result of ${name}`, this.#wire.encode(`the result of ${name}`, value));
    const block = this.#thread.allocBytes("the result of a task", 1 + PLAIN_BYTES);
    const start = blockPayload(block) + LENGTH_BYTES;
    const { view } = this.#thread.heap;
    view.setUint8(start, PLAIN);
    this.#thread.truncate(block, writePlain(view, start + 1, value) - start);
    return block;
  }
}
