// Leased queues: jobs that are handed out and stay until they are acknowledged. Delivered means acknowledged, at least once.
//
// Memory   queue: jobs to hand out │ leases │ takers that wait │ putters that wait │ flags │ lock        all four are lists of what is linked through
//          job: value │ number of its lease │ attempt │ who has it │ when that expires │ causes │ queue   its first two words
//          A job is a record, made by its producer before it is put and linked from list to list: nothing that comes back needs room or memory.
// States   of a job: free → made (leaseJob) → queued (leasePut, or the putter is served) → leased (leaseTake, or the taker is served)
//          leased → free (leaseAck) │ → queued, at the front (leaseReturn) │ → queued in the dead letters, when its attempts are used up
//          made → free (leaseDrop)
//          of a queue: open → closed → ended (nothing queued, nothing leased, no feeder) → freed
// Invariants
//   1. A queued or leased job is in exactly one list of the queue that JOB_QUEUE names; that word changes only under the lock of the queue it names.
//   2. A lease is named by its job and JOB_LEASE, which only grows while the record lives, freed times included: whoever ends a lease late is answered NONE.
//   3. Who waits longest is served first: a taker when a job is queued or the queue has ended, a putter when there is room or the queue is closed. Nobody
//      passes one who waits. Capacity is 1 or more, so takers and putters never wait for each other.
//   4. Only leaseServe serves, one waiter a call. Any call after which somebody could be served answers AGAIN, and its caller calls leaseServe. That is
//      read off the record, so anybody goes on where a dead thread has stopped: no intent is kept.
//   5. The dead letters are a leased queue themselves, made before and freed after each queue that feeds them: a job moves there in one call.
//   6. A queue is freed only when it is closed and ended and nobody waits.
// Ordering  the lock's store publishes what was written under it. A value is written before its job is put, and read while the lease runs; where a lease can
//           expire the reader compares JOB_LEASE afterwards.
// Crash    after any call the queue is whole. Waiting nodes of the dead are dropped by the sweep, jobs leased to the dead are returned by it once nothing of
//          its can be served any more, and jobs it had made and not put are dropped after its exit. Death between a call and its leaseServe: the sweep serves.
// Source   the visibility timeout and dead-letter queue of message brokers; the waiting is that of sync.ts.

import * as L from "../layout";
import { disown, own } from "./heap";
import { answer, isFenced, tryLock, unlock, wake } from "./lock";
import { delist, endLease, enlist, enqueue, hasRoom, isClosed, isEnded, isLease, lease, serve, settled } from "./lease-words";

/**
 * Puts the made job that NODE_VALUE names: OK · AGAIN (accepted; call leaseServe) · BLOCK · PARKED (mode LINK) · CLOSED (or a stale handle) · BUSY · FENCED
 */
export function leasePut(queue: usize, gen: i32, slot: usize, epoch: i32, node: usize, mode: i32): i32 {
  if (!tryLock(queue + L.LEASED_LOCK)) return L.BUSY;
  let status = L.BLOCK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(queue, L.LEASED_GEN) != gen || isClosed(queue)) status = L.CLOSED;
  else if (hasRoom(queue) && !load<u32>(queue, L.LEASED_PUTTERS)) {
    enqueue(queue, load<u32>(node, L.NODE_VALUE), false);
    status = settled(queue);
  } else if (mode & L.LINK) {
    enlist(queue, node);
    atomic.store<i32>(load<u32>(node, L.NODE_OP), L.OP_WAITING, L.OP_STATE); // visible to peers once the lock is free
    status = L.PARKED;
  }
  unlock(queue + L.LEASED_LOCK);
  return status;
}

/**
 * Leases the first job, until the instant in NODE_VALUE; OP_VALUE then names the job and the lease.
 * OK · AGAIN (leased; call leaseServe) · BLOCK · PARKED (mode LINK) · CLOSED (ended, or a stale handle) · BUSY · FENCED
 */
export function leaseTake(queue: usize, gen: i32, slot: usize, epoch: i32, node: usize, mode: i32): i32 {
  if (!tryLock(queue + L.LEASED_LOCK)) return L.BUSY;
  let status = L.BLOCK;
  const op: usize = load<u32>(node, L.NODE_OP);
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(queue, L.LEASED_GEN) != gen || isEnded(queue)) status = L.CLOSED;
  else if (load<u32>(queue, L.LEASED_JOBS) && !load<u32>(queue, L.LEASED_TAKERS)) {
    const job = lease(queue, slot, epoch, load<f64>(node, L.NODE_VALUE));
    store<u32>(op, <u32>job, L.OP_VALUE);
    store<u32>(op, load<u32>(job, L.JOB_LEASE), L.OP_VALUE + 4);
    status = settled(queue);
  } else if (mode & L.LINK) {
    enlist(queue, node);
    atomic.store<i32>(op, L.OP_WAITING, L.OP_STATE); // visible to peers once the lock is free
    status = L.PARKED;
  }
  unlock(queue + L.LEASED_LOCK);
  return status;
}

/** Takes a waiting node back (0: none) and serves one waiter, its lease until `expires`. OK · AGAIN (call again) · CLOSED (call leaseFree) · BUSY · FENCED */
export function leaseServe(queue: usize, slot: usize, epoch: i32, node: usize, expires: f64): i32 {
  if (!tryLock(queue + L.LEASED_LOCK)) return L.BUSY;
  let status = L.FENCED;
  let woken: usize = 0;
  if (!isFenced(slot, epoch)) {
    if (node && load<u32>(node, L.NODE_LEASED) == <u32>queue) delist(queue, node);
    woken = serve(queue, expires);
    status = settled(queue);
  }
  unlock(queue + L.LEASED_LOCK);
  if (woken) wake(woken);
  return status;
}

/** A lease that is running (job 0: the oldest one): answers its job, its number, and when it expires. OK · NONE (there is no such lease) · BUSY · FENCED */
export function leaseLook(queue: usize, slot: usize, epoch: i32, job: usize): i32 {
  if (!tryLock(queue + L.LEASED_LOCK)) return L.BUSY;
  let status = L.NONE;
  const found: usize = job ? job : load<u32>(queue, L.LEASED_LEASES);
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (found && isLease(queue, found, load<u32>(found, L.JOB_LEASE))) {
    answer(slot, found);
    store<u32>(slot, load<u32>(found, L.JOB_LEASE), L.SLOT_RESULT_GEN);
    store<f64>(slot, load<f64>(found, L.JOB_EXPIRES), L.SLOT_VALUE);
    status = L.OK;
  }
  unlock(queue + L.LEASED_LOCK);
  return status;
}

/**
 * Ends a lease without success, `cause` (0: none) being a private block of the caller that tells of all its failures: the job goes back to the front, or to
 * the dead letters. Answers the block that `cause` replaces (now the caller's private one, or 0) and the dead letters if it went there (to be served).
 * OK · AGAIN (call leaseServe) · CLOSED (call leaseFree) · NONE (the lease is over) · BUSY · FENCED
 */
export function leaseReturn(queue: usize, slot: usize, epoch: i32, job: usize, number: u32, cause: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(queue + L.LEASED_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = L.NONE;
  if (isLease(queue, job, number)) {
    const most = load<u32>(queue, L.LEASED_ATTEMPTS);
    const dead: usize = most && load<u32>(job, L.JOB_ATTEMPT) >= most ? load<u32>(queue, L.LEASED_DEAD) : 0;
    if (dead && !tryLock(dead + L.LEASED_LOCK)) status = L.BUSY;
    else {
      let replaced: usize = 0;
      if (cause) {
        disown(slot, cause);
        replaced = load<u32>(job, L.JOB_CAUSES);
        if (replaced) own(slot, replaced);
        store<u32>(job, <u32>cause, L.JOB_CAUSES);
      }
      endLease(queue, job);
      if (dead) {
        store<u32>(job, 0, L.JOB_ATTEMPT);
        store<u32>(queue, load<u32>(queue, L.LEASED_BURIED) + 1, L.LEASED_BURIED);
        enqueue(dead, job, false);
        unlock(dead + L.LEASED_LOCK);
      } else enqueue(queue, job, true);
      answer(slot, replaced);
      store<u32>(slot, <u32>dead, L.SLOT_RESULT_GEN);
      status = settled(queue);
    }
  }
  unlock(queue + L.LEASED_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}
