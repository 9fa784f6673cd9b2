// Why a job came back, once for each time: encoded errors, in one block of the job.
//
// Memory   length of the first │ the first │ length of the second │ the second …
// The block is never changed: whoever adds to it makes a new one, which leaseReturn puts in its place.

import { HeapExhaustedError } from "../errors.ts";
import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";

/** The last so many are kept. */
const MOST = 16;
const LENGTH_BYTES = 4;

/**
 * A private block with the failures of a job and one more; 0 if the heap has no room for it: the job comes back all the same. The lease may have ended
 * meanwhile and the old block be gone: then what is made here is nonsense, and leaseReturn refuses it.
 */
export function addFailure(thread: Thread, job: number, failure: Uint8Array): number {
  const failures = [...failuresOf(thread, job), failure].slice(-MOST);
  const bytes = Buffer.alloc(failures.reduce((sum, one) => sum + LENGTH_BYTES + one.byteLength, 0));
  let at = 0;
  for (const one of failures) {
    at = bytes.writeUInt32LE(one.byteLength, at);
    bytes.set(one, at);
    at += one.byteLength;
  }
  try {
    return thread.store("the causes of a returned job", bytes);
  } catch (error) {
    if (error instanceof HeapExhaustedError) return 0;
    throw error;
  }
}

/** The failures of a job, encoded, oldest first. */
export function failuresOf(thread: Thread, job: number): Uint8Array[] {
  const block = thread.heap.u32[(job + L.JOB_CAUSES) >> 2]!;
  if (block === 0) return [];
  const bytes = Buffer.from(thread.readIfWhole(block) ?? []);
  const failures: Uint8Array[] = [];
  for (let at = 0; at + LENGTH_BYTES <= bytes.byteLength; ) {
    const start = at + LENGTH_BYTES;
    at = start + bytes.readUInt32LE(at);
    failures.push(bytes.subarray(start, at));
  }
  return failures;
}
