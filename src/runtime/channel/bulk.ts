// Bulk doors: as many values as there is room for, or as there are, in one call and a copy or two, through the thread's working memory.

import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { type CellCodec, f64, type WordCodec } from "./codec.ts";
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

/** Receives at most `max` values that are there now. */
export function recvSome<T>(ring: Ring<T>, max: number): T[] {
  const { codec, thread } = ring;
  const { workspace } = thread;
  if (codec.form === "block" || workspace.isFilling) return []; // one at a time
  const most = mostAtOnce(codec, workspace.manyBytes);
  let values: T[] | undefined;
  for (let left = max; left > 0; ) {
    const count = Math.min(left, most);
    const status = thread.call("recvMany", (fn) =>
      fn.tryRecvMany(ring.address, ring.gen, thread.slot, thread.epoch, workspace.many, count),
    );
    if (status !== L.OK) break;
    const received = thread.answered;
    const some = decodeMany(codec, thread, received);
    values = values ? values.concat(some) : some;
    if (received < count) break; // drained
    left -= received;
  }
  return values ?? [];
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
  const { f64: memory } = thread.heap;
  if (isFloats(values) && (codec as unknown) === f64) {
    memory.set(count === values.length ? values : values.subarray(from, from + count), many >> 3);
    return;
  }
  for (let i = 0; i < count; i++) memory[(many >> 3) + i] = codec.encode(values[from + i]!, thread);
}

function isFloats(values: unknown): values is Float64Array {
  return values instanceof Float64Array;
}

/** Lists are made as long as they get: to push value after value takes twice as long. */
function decodeMany<T>(codec: Flat<T>, thread: Thread, count: number): T[] {
  const { many } = thread.workspace;
  if ((codec as unknown) === f64) return numbersAt(thread, count) as T[];
  const values = new Array<T>(count);
  if (codec.form === "cell") {
    for (let i = 0; i < count; i++) values[i] = codec.read(many + i * codec.strideBytes, thread);
    return values;
  }
  const { f64: memory } = thread.heap;
  for (let i = 0; i < count; i++) values[i] = codec.decode(memory[(many >> 3) + i]!, thread);
  return values;
}

/** Apart from the others, so that the engine sees arrays of nothing but numbers made here. */
function numbersAt({ workspace, heap }: Thread, count: number): number[] {
  const from = workspace.many >> 3;
  const { f64: memory } = heap;
  const values = new Array<number>(count);
  for (let i = 0; i < count; i++) values[i] = memory[from + i]!;
  return values;
}
