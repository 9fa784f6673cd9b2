// A job between JavaScript and the heap: a value in a record of its own, made before it is put and read while it is leased.

import type { Codec } from "../channel/index.ts";
import { blockPayload } from "../memory/heap.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { failuresOf } from "./failures.ts";

/** A job with this value, of this thread until it is put. Throws what the codec throws, and HeapExhaustedError. */
export function makeJob<T>(thread: Thread, codec: Codec<T>, value: T): number {
  if (codec.form === "word") {
    const word = codec.encode(value, thread);
    const job = newJob(thread, 0);
    thread.heap.f64[(job + L.JOB_VALUE) >> 3] = word;
    return job;
  }
  const block =
    codec.form === "block" ? thread.store("a job's value", codec.encode(value, thread)) : thread.alloc("a job's value", codec.strideBytes);
  try {
    if (codec.form === "cell") codec.write(value, blockPayload(block), thread);
    return newJob(thread, block);
  } catch (error) {
    thread.free(block);
    throw error;
  }
}

function newJob(thread: Thread, block: number): number {
  thread.call("a job", (fn) => fn.leaseJob(thread.slot, thread.epoch, block));
  return thread.answered;
}

/** Forgets a job that was made and not put. */
export function dropJob(thread: Thread, job: number): void {
  if (thread.isClosed) return;
  const status = thread.call("drop", (fn) => fn.leaseDrop(thread.slot, thread.epoch, job));
  if (status === L.OK && thread.answered !== 0) thread.free(thread.answered);
}

/** What a thread that leases a job learns of it. */
export interface JobRead<T> {
  readonly value: T;
  readonly attempt: number;
  /** Why it came back before: encoded errors, oldest first. */
  readonly failures: readonly Uint8Array[];
}

/** A job that is leased here; undefined if the lease ended while it was read: it may have been nonsense by then. */
export function readJob<T>(thread: Thread, codec: Codec<T>, job: number, lease: number): JobRead<T> | undefined {
  const { f64, u32, u8 } = thread.heap;
  const isLeased = () => u32[(job + L.JOB_LEASE) >> 2] === lease; // it grows before anybody else can end the job
  const attempt = u32[(job + L.JOB_ATTEMPT) >> 2]!;
  const failures = failuresOf(thread, job);
  const block = u32[(job + L.JOB_BLOCK) >> 2]!;
  if (codec.form === "word") {
    const word = f64[(job + L.JOB_VALUE) >> 3]!;
    return isLeased() ? { value: codec.decode(word, thread), attempt, failures } : undefined;
  }
  if (codec.form === "block") {
    const bytes = thread.readIfWhole(block);
    return bytes && isLeased() ? { value: codec.decode(bytes, thread), attempt, failures } : undefined;
  }
  const { cell } = thread.workspace;
  u8.copyWithin(cell, blockPayload(block), blockPayload(block) + codec.strideBytes);
  return isLeased() ? { value: codec.read(cell, thread), attempt, failures } : undefined;
}
