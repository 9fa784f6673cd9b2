// What things are called: label() gives a name, everything else reads it. A name lies in the thing's record and costs nothing unless it is given.

import { Channel, Receiver, Sender } from "../../runtime/channel/index.ts";
import { invalidArg } from "../../runtime/errors.ts";
import { LeasedQueue } from "../../runtime/lease/index.ts";
import type { SharedHeap } from "../../runtime/memory/heap.ts";
import * as L from "../../runtime/memory/layout.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";
import { Shared } from "../../runtime/operation/shared.ts";
import { givenName, numberOf } from "./reading.ts";

/**
 * Gives a channel, a leased queue, or a lock and the like, a name by which inspect(), deadlock reports and leftovers call it: `label(rt.channel(f64, 8), "orders")`.
 * Answers what it was given. The last name counts; one of more than 56 bytes is cut, that of a leased queue or a primitive at 16.
 * Waits: never. Threads: any. Throws: ERR_INVALID_ARG. Cost: a few stores, once; a channel without a name pays nothing.
 */
export function label<T extends Channel<unknown> | Sender<unknown> | Receiver<unknown> | Shared>(thing: T, name: string): T;
export function label<T>(thing: T, name: string): T {
  if (typeof name !== "string" || name === "") throw invalidArg("label: name", "a string that is not empty", name);
  if (thing instanceof Channel || thing instanceof Sender || thing instanceof Receiver) {
    const { thread, address, gen } = thing.ring;
    write(thread.heap, address + S.CHANNEL_NAME, S.CHANNEL_NAME_BYTES, gen, name);
  } else if (thing instanceof LeasedQueue) {
    const { thread, address, gen } = thing.place;
    write(thread.heap, address + S.LEASED_NAME, S.LEASED_NAME_BYTES, gen, name);
  } else if (thing instanceof Shared) {
    const { thread, address, gen } = thing.place;
    write(thread.heap, address + S.SYNC_NAME, S.SYNC_NAME_BYTES, gen, name);
  } else {
    throw invalidArg("label", "a channel, one of its ends, a leased queue, or a primitive of rt.sync", thing);
  }
  return thing;
}

/** The generation last: until then the name is none. */
function write({ u8, i32 }: SharedHeap, at: number, bytes: number, gen: number, name: string): void {
  i32[at >> 2] = gen - 1;
  u8.fill(0, at + 4, at + 4 + bytes);
  u8.set(Buffer.from(name).subarray(0, bytes), at + 4);
  i32[at >> 2] = gen;
}

export function channelLabel(heap: SharedHeap, channel: number): string | undefined {
  return givenName(heap, channel, S.CHANNEL_NAME, S.CHANNEL_NAME_BYTES, L.CHANNEL_GEN);
}

export function syncLabel(heap: SharedHeap, sync: number): string | undefined {
  return givenName(heap, sync, S.SYNC_NAME, S.SYNC_NAME_BYTES, L.SYNC_GEN);
}

export function leasedLabel(heap: SharedHeap, queue: number): string | undefined {
  return givenName(heap, queue, S.LEASED_NAME, S.LEASED_NAME_BYTES, L.LEASED_GEN);
}

export function channelName(heap: SharedHeap, channel: number): string {
  return called("channel", channel, channelLabel(heap, channel));
}

export function syncName(heap: SharedHeap, sync: number): string {
  return called(kindOf(heap, sync), sync, syncLabel(heap, sync));
}

export function leasedName(heap: SharedHeap, queue: number): string {
  return called("leased queue", queue, leasedLabel(heap, queue));
}

function called(kind: string, record: number, name: string | undefined): string {
  return `${kind} ${numberOf(record)}${name === undefined ? "" : ` ${JSON.stringify(name)}`}`;
}

/** What a sync record behaves as: a once is a mutex, an atomic number a semaphore nobody waits for. */
export function kindOf({ u32 }: SharedHeap, sync: number): string {
  switch (u32[(sync + L.SYNC_POLICY) >> 2]) {
    case L.SYNC_LOCKING:
      return u32[(sync + L.SYNC_PERMITS) >> 2] === 1 ? "mutex" : "rw mutex";
    case L.SYNC_SEMAPHORE:
      return "semaphore";
    case L.SYNC_COUNTING:
      return "wait group";
    case L.SYNC_SIGNALLING:
      return "condition";
    case L.SYNC_GATHERING:
      return "barrier";
    default:
      return "primitive";
  }
}
