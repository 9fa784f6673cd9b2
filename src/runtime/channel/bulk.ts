// Bulk doors: as many values as there is room for, or as there are, in one call and a copy or two, through the thread's working memory.

import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import type { CellCodec, WordCodec } from "./codec.ts";
import type { Ring } from "./ring.ts";

/** What lies in the ring itself. */
type Flat<T> = WordCodec<T> | CellCodec<T>;

/** Sends values from `from` on, as many as need no wait; answers how many. Encodes a value before it sends any of the same call. */
export function sendSome<T>(ring: Ring<T>, values: ArrayLike<T>, from: number): number {
  const { codec, thread } = ring;
  const { workspace } = thread;
  if (codec.form === "block" || workspace.isFilling) return 0; // one at a time
  const most = mostAtOnce(codec, workspace.manyBytes);
  let next = from;
  while (next < values.length) {
    const count = Math.min(values.length - next, most);
    workspace.isFilling = true;
    try {
      encodeMany(codec, thread, values, next, count);
    } finally {
      workspace.isFilling = false;
    }
    const status = thread.call("sendMany", (fn) =>
      fn.trySendMany(ring.address, ring.gen, thread.slot, thread.epoch, workspace.many, count),
    );
    if (status !== L.OK) break; // full, closed or somebody waits: the single door finds out which
    next += thread.answered;
    if (thread.answered < count) break; // full
  }
  return next - from;
}

/** Receives at most `max` values that are there now, into `into`. */
export function recvSome<T>(ring: Ring<T>, into: T[], max: number): void {
  const { codec, thread } = ring;
  const { workspace } = thread;
  if (codec.form === "block" || workspace.isFilling) return; // one at a time
  const most = mostAtOnce(codec, workspace.manyBytes);
  while (into.length < max) {
    const count = Math.min(max - into.length, most);
    const status = thread.call("recvMany", (fn) =>
      fn.tryRecvMany(ring.address, ring.gen, thread.slot, thread.epoch, workspace.many, count),
    );
    if (status !== L.OK) return;
    const received = thread.answered;
    decodeMany(codec, thread, received, into);
    if (received < count) return; // drained
  }
}

function mostAtOnce(codec: Flat<unknown>, bytes: number): number {
  return Math.floor(bytes / (codec.form === "cell" ? codec.strideBytes : 8));
}

function encodeMany<T>(codec: Flat<T>, thread: Thread, values: ArrayLike<T>, from: number, count: number): void {
  const { many } = thread.workspace;
  if (codec.form === "cell") {
    for (let i = 0; i < count; i++) codec.write(values[from + i]!, many + i * codec.strideBytes, thread);
    return;
  }
  const { f64 } = thread.heap;
  for (let i = 0; i < count; i++) f64[(many >> 3) + i] = codec.encode(values[from + i]!, thread);
}

function decodeMany<T>(codec: Flat<T>, thread: Thread, count: number, into: T[]): void {
  const { many } = thread.workspace;
  if (codec.form === "cell") {
    for (let i = 0; i < count; i++) into.push(codec.read(many + i * codec.strideBytes, thread));
    return;
  }
  const { f64 } = thread.heap;
  for (let i = 0; i < count; i++) into.push(codec.decode(f64[(many >> 3) + i]!, thread));
}
