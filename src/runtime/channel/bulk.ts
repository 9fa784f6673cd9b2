// Bulk doors: as many values as there is room for, or as there are, in one call and a copy or two. Values pass through a private block of the thread.

import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import type { Ring } from "./ring.ts";

/** Words a call moves at most: 32 KiB. */
const MAX_WORDS = 4_096;

/** This thread's block for bulk copies; made at the first use, and swept with the thread. */
function staging(thread: Thread): number {
  return thread.staging(MAX_WORDS * 8);
}

/** Sends values from `from` on, as many as need no wait; answers how many. Encodes a value before it sends any of the same call. */
export function sendSome<T>(ring: Ring<T>, values: ArrayLike<T>, from: number): number {
  const { codec, thread } = ring;
  if (codec.form === "block") return 0; // one at a time
  const { f64 } = thread.heap;
  const start = staging(thread);
  let next = from;
  while (next < values.length) {
    const count = Math.min(values.length - next, MAX_WORDS);
    for (let i = 0; i < count; i++) f64[(start >> 3) + i] = codec.encode(values[next + i]!, thread);
    const status = thread.call("sendMany", (fn) => fn.trySendMany(ring.address, ring.gen, thread.slot, thread.epoch, start, count));
    if (status !== L.OK) break; // full, closed or somebody waits: the single door finds out which
    next += thread.answered;
    if (thread.answered < count) break; // full
  }
  return next - from;
}

/** Receives at most `max` values that are there now, into `into`. */
export function recvSome<T>(ring: Ring<T>, into: T[], max: number): void {
  const { codec, thread } = ring;
  if (codec.form === "block") return; // one at a time
  const { f64 } = thread.heap;
  const start = staging(thread);
  while (into.length < max) {
    const count = Math.min(max - into.length, MAX_WORDS);
    const status = thread.call("recvMany", (fn) => fn.tryRecvMany(ring.address, ring.gen, thread.slot, thread.epoch, start, count));
    if (status !== L.OK) return;
    const received = thread.answered;
    for (let i = 0; i < received; i++) into.push(codec.decode(f64[(start >> 3) + i]!, thread));
    if (received < count) return; // drained
  }
}
