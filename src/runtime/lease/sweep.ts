// What a dead thread leaves at leased queues: jobs it had leased, jobs it had made and not put, and whoever it was about to serve.
//
// Order    its operations are cancelled and unlinked → queues are served → its leases return → after its exit what it had made is dropped.
//          Serving takes every queue's lock once after the fence, so a call of the dead thread that was inside one has ended before its leases are looked for.

import * as L from "../memory/layout.ts";
import type { Thread } from "../memory/thread.ts";
import { dropJob } from "./job.ts";
import { giveBack, goOn } from "./leased-record.ts";

/** `cause` tells why the jobs came back: an encoded error. Answers how many did. */
export function sweepLeases(thread: Thread, dead: number, cause: Uint8Array, hasExited: boolean): number {
  const { heap } = thread;
  for (const queue of heap.records(L.KIND_LEASED, L.LEASED_SIZE)) {
    if (heap.u32[(queue + L.LEASED_LIVE) >> 2] === 1) goOn(thread, queue, L.AGAIN);
  }
  const { leased, made } = jobsOf(thread, dead);
  let returned = 0;
  for (const job of leased) {
    const queue = Atomics.load(heap.u32, (job + L.JOB_QUEUE) >> 2);
    if (queue === 0 || thread.call("sweep", (fn) => fn.leaseLook(queue, thread.slot, thread.epoch, job)) !== L.OK) continue;
    const lease = thread.answeredGen >>> 0;
    if (heap.u32[(job + L.JOB_OWNER) >> 2] !== dead) continue; // read after the lease: an owner that is still the dead one was so then
    if (giveBack(thread, queue, { job, lease }, cause)) returned++;
  }
  if (hasExited) for (const job of made) dropJob(thread, job);
  return returned;
}

/** The newest leases first: each goes to the front of its queue, so that in the end they stand in their old order. */
function jobsOf({ heap }: Thread, dead: number): { leased: number[]; made: number[] } {
  const leased: number[] = [];
  const made: number[] = [];
  for (const job of heap.records(L.KIND_JOB, L.JOB_SIZE)) {
    if (heap.u32[(job + L.JOB_OWNER) >> 2] !== dead) continue;
    const state = heap.u32[(job + L.JOB_STAGE) >> 2];
    if (state === L.JOB_LEASED) leased.push(job);
    else if (state === L.JOB_MADE) made.push(job);
  }
  const order = (job: number) => heap.i32[(job + L.JOB_ORDER) >> 2]!;
  leased.sort((a, b) => (order(b) - order(a)) | 0);
  return { leased, made };
}
