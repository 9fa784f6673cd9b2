// What travels in a block: any structured value, as MessagePack with cycles and JavaScript's own types (msgpackr), errors whole, and handles. What cannot
// cross is ERR_UNSENDABLE with the path to it. Received bytes are always copies.

import { addExtension, Packr } from "msgpackr/pack";
import { describe, HeddleError } from "../errors.ts";
import type { Thread } from "../memory/thread.ts";
import { fromWire, toWire } from "./error-wire.ts";
import { exact, lookNotInto } from "./exact.ts";

const EXT_ERROR = 0x50;
const EXT_UNSENDABLE = 0x54;
const UNSENDABLE = [Promise, WeakMap, WeakSet, WeakRef, SharedArrayBuffer];

/** msgpackr's extensions are global, the thread whose handles they carry is not: set around each pack and unpack, which never yield. */
let current: Thread | undefined;

class Unsendable extends Error {}

function refuse(value: unknown): never {
  throw new Unsendable(describe(value));
}

type AnyClass = abstract new (...args: never[]) => object;

function extend<T, W>(Class: AnyClass, type: number, write: (value: T) => W, read: (wire: W) => unknown): void {
  addExtension({ Class, type, write, read } as never);
}

/** Teaches the wire to carry the handles of a class; `type` is one of 0x51 … 0x53. */
export function carry<T>(
  Class: AnyClass,
  type: number,
  handleOf: (value: T, thread: Thread) => number,
  open: (handle: number, thread: Thread) => T,
): void {
  lookNotInto(Class);
  extend<T, number>(
    Class,
    type,
    (value) => handleOf(value, current!),
    (handle) => open(handle, current!),
  );
}

/** Teaches the wire to carry the instances of a class as data of their own; `type` is one of 0x59 … 0x5f. */
export function carryAs<T, W>(
  Class: AnyClass,
  type: number,
  write: (value: T, thread: Thread) => W,
  read: (wire: W, thread: Thread) => T,
): void {
  lookNotInto(Class);
  extend<T, W>(
    Class,
    type,
    (value) => write(value, current!),
    (wire) => read(wire, current!),
  );
}

for (const Class of UNSENDABLE) extend(Class, EXT_UNSENDABLE, refuse, refuse);
extend<Error, unknown>(Error, EXT_ERROR, (error) => exact(toWire(error, isSendable)), fromWire);

function isSendable(value: unknown): boolean {
  return findUnsendable(value, "", new Set()) === undefined;
}

/** Walks to the first value that cannot cross, and says where it is. An error always can: what of it cannot is described in words. */
function findUnsendable(value: unknown, path: string, seen: Set<unknown>): string | undefined {
  if (typeof value === "function" || typeof value === "symbol") return `${path} cannot be sent: ${describe(value)}`;
  if (typeof value === "string" && !value.isWellFormed()) return `${path} cannot be sent: text with a lone surrogate`;
  if (typeof value !== "object" || value === null || value instanceof Error || seen.has(value)) return undefined;
  seen.add(value);
  for (const Class of UNSENDABLE) {
    if (value instanceof Class) return `${path} cannot be sent: ${describe(value)}`;
  }
  const entries: Iterable<[unknown, unknown]> =
    value instanceof Map ? value : value instanceof Set ? [...value].entries() : ArrayBuffer.isView(value) ? [] : Object.entries(value);
  for (const [key, inner] of entries) {
    const at = typeof key === "string" && !/^\d+$/.test(key) ? `${path}.${key}` : `${path}[${typeof key === "object" ? "…" : String(key)}]`;
    const found = findUnsendable(inner, at, seen) ?? (value instanceof Map ? findUnsendable(key, `${at} (key)`, seen) : undefined);
    if (found) return found;
  }
  return undefined;
}

const wires = new WeakMap<Thread, Wire>();

/** One thread's encoder. */
export class Wire {
  readonly #thread: Thread;
  readonly #packr: Packr;

  /** The encoder of a thread. */
  static of(thread: Thread): Wire {
    let wire = wires.get(thread);
    if (!wire) {
      wire = new Wire(thread);
      wires.set(thread, wire);
    }
    return wire;
  }

  private constructor(thread: Thread) {
    this.#thread = thread;
    this.#packr = new Packr({ structuredClone: true, useBigIntExtension: true, useToJSON: false } as object);
    (this.#packr as unknown as { writeFunction: (value: unknown) => never }).writeFunction = refuse;
  }

  encode(what: string, value: unknown): Uint8Array {
    const before = current;
    current = this.#thread;
    try {
      return this.#packr.pack(exact(value));
    } catch (cause) {
      if (cause instanceof HeddleError) throw cause;
      const found = findUnsendable(value, what, new Set());
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

  /** Anything that was thrown: what of it cannot cross is described in words. */
  encodeError(thrown: unknown): Uint8Array {
    return this.encode("error", isSendable(thrown) ? thrown : describe(thrown));
  }
}
