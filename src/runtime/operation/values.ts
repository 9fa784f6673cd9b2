// Structured values as bytes, for primitives that keep one: the wire of the channels above says how, so that those beside them need not know it.

import type { Thread } from "../memory/thread.ts";

export interface ValueWire {
  /** Throws ERR_UNSENDABLE with the path to what cannot cross threads. */
  encode(what: string, value: unknown, thread: Thread): Uint8Array;
  decode(bytes: Uint8Array, thread: Thread): unknown;
}

let wire: ValueWire | undefined;

export function carryValuesBy(values: ValueWire): void {
  wire = values;
}

export function valueWire(): ValueWire {
  return wire!; // set when the channels are loaded, which everything that makes a runtime does
}
