// What travels in a block: the arguments of a call, its result, its error. MessagePack with cycles and JavaScript's own types (msgpackr), plus
// handles; what cannot cross is ERR_UNSENDABLE with the path to it. Received bytes are always copies.

import { addExtension, Packr } from "msgpackr";
import { Channel, handleOf, openRing, Receiver, Sender } from "../runtime/channel/index.ts";
import { describe, HeddleError } from "../runtime/errors.ts";
import type { Thread } from "../runtime/memory/thread.ts";
import { fromWire, toWire } from "./error-wire.ts";

const EXT_CHANNEL = 0x51;
const EXT_SENDER = 0x52;
const EXT_RECEIVER = 0x53;
const EXT_UNSENDABLE = 0x54;

/** msgpackr's extensions are global, the thread whose handles they carry is not: set around each pack and unpack, which never yield. */
let current: Thread | undefined;

class Unsendable extends Error {}

function refuse(value: unknown): never {
  throw new Unsendable(describe(value));
}

function register(): void {
  const ends = [
    { End: Channel, type: EXT_CHANNEL },
    { End: Sender, type: EXT_SENDER },
    { End: Receiver, type: EXT_RECEIVER },
  ];
  for (const { End, type } of ends) {
    addExtension({
      Class: End as unknown as new () => object,
      type,
      write: (end: { readonly ring: Channel<unknown>["ring"] }) => handleOf(end.ring, current!),
      read: (handle: number) => new End(openRing(current!, handle)),
    } as never);
  }
  for (const Class of [Promise, WeakMap, WeakSet, WeakRef, SharedArrayBuffer]) {
    addExtension({ Class: Class as unknown as new () => object, type: EXT_UNSENDABLE, write: refuse, read: refuse } as never);
  }
}
register();

/** One thread's encoder. */
export class Wire {
  readonly #thread: Thread;
  readonly #packr: Packr;

  constructor(thread: Thread) {
    this.#thread = thread;
    this.#packr = new Packr({ structuredClone: true, useBigIntExtension: true });
    (this.#packr as unknown as { writeFunction: (value: unknown) => never }).writeFunction = refuse;
  }

  encode(what: string, value: unknown): Uint8Array {
    const before = current;
    current = this.#thread;
    try {
      return this.#packr.pack(value);
    } catch (cause) {
      if (cause instanceof HeddleError) throw cause;
      const found = this.#findUnsendable(value, what, new Set());
      throw new HeddleError("ERR_UNSENDABLE", found ?? `${what} cannot be sent: ${(cause as Error).message}`, { cause });
    } finally {
      current = before;
    }
  }

  decode(bytes: Uint8Array): unknown {
    const before = current;
    current = this.#thread;
    try {
      return this.#packr.unpack(bytes);
    } finally {
      current = before;
    }
  }

  encodeError(thrown: unknown): Uint8Array {
    return this.encode(
      "error",
      toWire(thrown, (value) => this.#isSendable(value)),
    );
  }

  decodeError(bytes: Uint8Array): unknown {
    return fromWire(this.decode(bytes));
  }

  #isSendable(value: unknown): boolean {
    try {
      this.encode("value", value);
      return true;
    } catch {
      return false; // the question itself; the caller describes the value instead
    }
  }

  /** Only after a failure: walks to the first value that alone cannot be encoded. */
  #findUnsendable(value: unknown, path: string, seen: Set<unknown>): string | undefined {
    if (typeof value === "function" || typeof value === "symbol") return `${path} cannot be sent: ${describe(value)}`;
    if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
    seen.add(value);
    if (value instanceof Map || value instanceof Set) {
      for (const entry of value) {
        const found = this.#findUnsendable(entry, `${path}.<entry>`, seen);
        if (found) return found;
      }
      return undefined;
    }
    for (const Class of [Promise, WeakMap, WeakSet, WeakRef, SharedArrayBuffer]) {
      if (value instanceof Class) return `${path} cannot be sent: ${describe(value)}`;
    }
    for (const [key, inner] of Object.entries(value)) {
      const found = this.#findUnsendable(inner, /^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${key}`, seen);
      if (found) return found;
    }
    return undefined;
  }
}
