// A leased queue's lists and the steps of a job between them: what every transition on leased queues is made of. The queue's lock is held. All inline.

import * as L from "../layout";
import { isAbandoned } from "./channel-words";
import { fire } from "./lock";

/** Appends a job or a node to the list whose words lie at `list`. */
// @ts-ignore: decorator
@inline function append(list: usize, link: usize): void {
  const last: usize = load<u32>(list, L.LIST_TAIL);
  store<u32>(link, <u32>last, L.LINK_PREV);
  store<u32>(link, 0, L.LINK_NEXT);
  if (last) store<u32>(last, <u32>link, L.LINK_NEXT);
  else store<u32>(list, <u32>link, L.LIST_HEAD);
  store<u32>(list, <u32>link, L.LIST_TAIL);
}

// @ts-ignore: decorator
@inline function prepend(list: usize, link: usize): void {
  const first: usize = load<u32>(list, L.LIST_HEAD);
  store<u32>(link, 0, L.LINK_PREV);
  store<u32>(link, <u32>first, L.LINK_NEXT);
  if (first) store<u32>(first, <u32>link, L.LINK_PREV);
  else store<u32>(list, <u32>link, L.LIST_TAIL);
  store<u32>(list, <u32>link, L.LIST_HEAD);
}

/** Takes a job or a node out of its list, wherever it stands. */
// @ts-ignore: decorator
@inline function remove(list: usize, link: usize): void {
  const before: usize = load<u32>(link, L.LINK_PREV);
  const after: usize = load<u32>(link, L.LINK_NEXT);
  if (before) store<u32>(before, <u32>after, L.LINK_NEXT);
  else store<u32>(list, <u32>after, L.LIST_HEAD);
  if (after) store<u32>(after, <u32>before, L.LINK_PREV);
  else store<u32>(list, <u32>before, L.LIST_TAIL);
}

// @ts-ignore: decorator
@inline export function isClosed(queue: usize): bool {
  return (load<u32>(queue, L.LEASED_FLAGS) & L.LEASED_CLOSED) != 0;
}

/** Closed, and nothing can come any more: neither from a producer, nor back from a consumer, nor from a queue whose dead letters this is. */
// @ts-ignore: decorator
@inline export function isEnded(queue: usize): bool {
  return (
    isClosed(queue) && !load<u32>(queue, L.LEASED_JOBS) && !load<u32>(queue, L.LEASED_LEASES) && !load<u32>(queue, L.LEASED_FEEDERS)
  );
}

// @ts-ignore: decorator
@inline export function hasRoom(queue: usize): bool {
  return load<u32>(queue, L.LEASED_QUEUED) < load<u32>(queue, L.LEASED_CAPACITY);
}

/** The oldest taker need not wait any longer. */
// @ts-ignore: decorator
@inline function isTakerServable(queue: usize): bool {
  return load<u32>(queue, L.LEASED_TAKERS) != 0 && (load<u32>(queue, L.LEASED_JOBS) != 0 || isEnded(queue));
}

// @ts-ignore: decorator
@inline function isPutterServable(queue: usize): bool {
  return load<u32>(queue, L.LEASED_PUTTERS) != 0 && (isClosed(queue) || hasRoom(queue));
}

/** Appends a node to those who wait. */
// @ts-ignore: decorator
@inline export function enlist(queue: usize, node: usize): void {
  append(queue + listOf(node), node);
  store<u32>(node, <u32>queue, L.NODE_LEASED);
}

/** Takes a node away from those who wait. */
// @ts-ignore: decorator
@inline export function delist(queue: usize, node: usize): void {
  remove(queue + listOf(node), node);
  store<u32>(node, 0, L.NODE_LEASED);
}

// @ts-ignore: decorator
@inline function listOf(node: usize): u32 {
  return load<u32>(node, L.NODE_KIND) & 1 ? L.LEASED_TAKERS : L.LEASED_PUTTERS;
}

/** A job goes to the end of the queue (`isBack`: it was handed out before, and goes to its front). It belongs to the queue from here on. */
// @ts-ignore: decorator
@inline export function enqueue(queue: usize, job: usize, isBack: bool): void {
  if (isBack) prepend(queue + L.LEASED_JOBS, job);
  else {
    const accepted = load<u32>(queue, L.LEASED_ACCEPTED) + 1;
    store<u32>(queue, accepted, L.LEASED_ACCEPTED);
    store<u32>(job, accepted, L.JOB_ORDER);
    append(queue + L.LEASED_JOBS, job);
  }
  store<u32>(queue, load<u32>(queue, L.LEASED_QUEUED) + 1, L.LEASED_QUEUED);
  store<u32>(job, L.JOB_QUEUED, L.JOB_STAGE);
  atomic.store<u32>(job, <u32>queue, L.JOB_QUEUE); // publishes it to whoever scans the jobs
}

/** The first job is the thread's; answers it. Guarded by the queue's lock: LEASED_JOBS is not empty. */
// @ts-ignore: decorator
@inline export function lease(queue: usize, slot: usize, epoch: i32, expires: f64): usize {
  const job: usize = load<u32>(queue, L.LEASED_JOBS);
  remove(queue + L.LEASED_JOBS, job);
  append(queue + L.LEASED_LEASES, job);
  store<u32>(queue, load<u32>(queue, L.LEASED_QUEUED) - 1, L.LEASED_QUEUED);
  store<u32>(queue, load<u32>(queue, L.LEASED_HELD) + 1, L.LEASED_HELD);
  store<u32>(job, L.JOB_LEASED, L.JOB_STAGE);
  store<u32>(job, load<u32>(job, L.JOB_ATTEMPT) + 1, L.JOB_ATTEMPT);
  store<u32>(job, <u32>slot, L.JOB_OWNER);
  store<i32>(job, epoch, L.JOB_OWNER_EPOCH);
  store<f64>(job, expires, L.JOB_EXPIRES);
  store<u32>(job, load<u32>(job, L.JOB_LEASE) + 1, L.JOB_LEASE);
  return job;
}

/** This lease of this job is still running. */
// @ts-ignore: decorator
@inline export function isLease(queue: usize, job: usize, number: u32): bool {
  return (
    atomic.load<u32>(job, L.JOB_QUEUE) == <u32>queue && // stands still while the queue's lock is held
    load<u32>(job, L.JOB_STAGE) == L.JOB_LEASED &&
    load<u32>(job, L.JOB_LEASE) == number
  );
}

// @ts-ignore: decorator
@inline export function endLease(queue: usize, job: usize): void {
  remove(queue + L.LEASED_LEASES, job);
  store<u32>(queue, load<u32>(queue, L.LEASED_HELD) - 1, L.LEASED_HELD);
}

/** Serves the one who waits longest and need not wait any longer, takers first: fired, or dropped if nobody waits with it. Answers the slot to wake, or 0. */
// @ts-ignore: decorator
@inline export function serve(queue: usize, expires: f64): usize {
  const toTaker = isTakerServable(queue);
  if (!toTaker && !isPutterServable(queue)) return 0;
  const node: usize = load<u32>(queue + (toTaker ? L.LEASED_TAKERS : L.LEASED_PUTTERS), L.LIST_HEAD);
  const op: usize = load<u32>(node, L.NODE_OP);
  const state = isAbandoned(op) ? L.OP_CANCELLED : atomic.cmpxchg<i32>(op + L.OP_STATE, L.OP_WAITING, L.OP_LOCKED); // claims the waiter
  if (state != L.OP_WAITING) {
    if (state != L.OP_LOCKED) delist(queue, node); // else another call has it in hand for a moment: the caller comes again
    return 0;
  }
  const slot: usize = load<u32>(op, L.OP_SLOT);
  const refused = toTaker ? !load<u32>(queue, L.LEASED_JOBS) : isClosed(queue);
  delist(queue, node);
  if (!refused) {
    if (toTaker) {
      const job = lease(queue, slot, load<i32>(op, L.OP_EPOCH), expires);
      store<u32>(op, <u32>job, L.OP_VALUE);
      store<u32>(op, load<u32>(job, L.JOB_LEASE), L.OP_VALUE + 4);
    } else enqueue(queue, load<u32>(node, L.NODE_VALUE), false);
  }
  fire(op, slot, L.OP_FIRED + (load<i32>(node, L.NODE_KIND) << 1) + i32(refused));
  return slot;
}

/** What the caller has to do after a step: AGAIN (somebody can be served), CLOSED (ended, and nobody waits: to be freed), OK. */
// @ts-ignore: decorator
@inline export function settled(queue: usize): i32 {
  if (isTakerServable(queue) || isPutterServable(queue)) return L.AGAIN;
  return isEnded(queue) ? L.CLOSED : L.OK;
}
