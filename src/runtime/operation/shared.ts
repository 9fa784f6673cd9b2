// A view on a record of the shared heap that is no channel: what the wire and the codecs need to know to carry it. The classes above register here,
// so that what carries handles need not know who they are.

import { HeddleError, invalidArg } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";

const GRANULE = 64;
const INDEX_SPAN = 2 ** 26;

/** Where a record lies, as this thread sees it. */
export interface Place {
  readonly thread: Thread;
  readonly address: number;
  readonly gen: number;
}

/** Marks the types of handles, which cross threads as they are. Only for the type. */
export const SENDABLE: unique symbol = Symbol("heddle.sendable");

/** Holds no state of its own: two views on one handle are the same thing. */
export abstract class Shared {
  declare readonly [SENDABLE]: true;
  /** @internal */
  abstract readonly place: Place;

  /** Refuses whoever waits, and everybody from now on. */
  abstract close(): void;

  /** The same for `using`; one that is closed already, or whose runtime is, is left alone. */
  [Symbol.dispose](): void {
    if (this.place.thread.isClosed) return;
    try {
      this.close();
    } catch (error) {
      if (!(error instanceof HeddleError && error.code === "ERR_SYNC_CLOSED")) throw error;
    }
  }
}

/** A class of views, made from a place. */
export type SharedClass<T extends Shared> = (new (place: Place) => T) & { readonly name: string };

const classes: SharedClass<Shared>[] = [];

/** Registers a class under a code that is the same on every thread; 1 … 31. */
export function register<T extends Shared>(code: number, Class: SharedClass<T>): void {
  classes[code] = Class;
}

export function codeOf(Class: unknown): number {
  const code = classes.indexOf(Class as SharedClass<Shared>);
  if (code < 0) throw invalidArg("syncOf", "a class such as Mutex or WaitGroup", Class);
  return code;
}

export function classOf(code: number): SharedClass<Shared> {
  const found = classes[code];
  if (!found) throw invalidArg("code", "the code of a known class", code);
  return found;
}

/** The handle of a view that is to cross to another thread of the same runtime: 53 bits, generation × 2^26 + index in granules of 64 bytes. */
export function handleOfShared(view: Shared, thread: Thread): number {
  const { place } = view;
  if (place.thread.heap !== thread.heap) {
    throw new HeddleError("ERR_FOREIGN_HANDLE", `expected a ${view.constructor.name} of this runtime, got one of another`);
  }
  return place.gen * INDEX_SPAN + place.address / GRANULE;
}

/** The view of a handle that came from another thread. */
export function openShared(code: number, handle: number, thread: Thread): Shared {
  const address = (handle % INDEX_SPAN) * GRANULE;
  if (!Number.isSafeInteger(handle) || address < L.RECORDS_AT || address >= thread.heap.memory.buffer.byteLength) {
    throw invalidArg("handle", `the handle of a ${classOf(code).name}`, handle);
  }
  return new (classOf(code))({ thread, address, gen: Math.floor(handle / INDEX_SPAN) });
}
