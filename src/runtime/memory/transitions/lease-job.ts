// The life of a job outside the lists: made, dropped before it was put, done. Memory, states and invariants: lease.ts.

import * as L from "../layout";
import { classAt, disown, giveRecord, own, taken, takeRecord } from "./heap";
import { endLease, isLease, settled } from "./lease-words";
import { answer, isFenced, tryLock, unlock } from "./lock";

/** A job of the caller's own, its value in the private block `block` or, where that is 0, to be written to JOB_VALUE. Answers its address. OK · BUSY · FENCED · NO_MEMORY */
export function leaseJob(slot: usize, epoch: i32, block: usize): i32 {
  const records = classAt(L.KIND_JOB);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(records + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  const status = takeRecord(L.KIND_JOB, L.JOB_SIZE, L.JOB_NEXT, L.CHUNK_RECORDS);
  if (status == L.OK) {
    // A freed record kept the number of its last lease and belongs to no queue.
    if (block) disown(slot, block);
    store<u32>(taken, <u32>block, L.JOB_BLOCK);
    store<u32>(taken, 0, L.JOB_CAUSES);
    store<u32>(taken, 0, L.JOB_ATTEMPT);
    store<u32>(taken, <u32>slot, L.JOB_OWNER);
    store<i32>(taken, epoch, L.JOB_OWNER_EPOCH);
    store<u32>(taken, L.JOB_MADE, L.JOB_STAGE);
    answer(slot, taken);
  }
  unlock(records + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/**
 * Forgets a job that was made and not put: the caller's own, or (by the supervisor) that of a thread which has exited. Answers the block of its value, now the caller's private
 * one, or 0. OK · NONE (there is no such job) · BUSY · FENCED
 */
export function leaseDrop(slot: usize, epoch: i32, job: usize): i32 {
  const records = classAt(L.KIND_JOB);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(records + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = L.NONE;
  const owner: usize = load<u32>(job, L.JOB_OWNER);
  const ownerEpoch = load<i32>(job, L.JOB_OWNER_EPOCH);
  // Whoever looked from outside may have seen the owner that this record had before it was made anew.
  const isOwn = owner == slot && ownerEpoch == epoch;
  if (load<u32>(job, L.JOB_STAGE) == L.JOB_MADE && (isOwn || atomic.load<i32>(owner, L.SLOT_EPOCH) != ownerEpoch)) {
    const block: usize = load<u32>(job, L.JOB_BLOCK);
    if (block) own(slot, block);
    answer(slot, block);
    store<u32>(job, L.JOB_FREE, L.JOB_STAGE);
    giveRecord(L.KIND_JOB, job, L.JOB_NEXT);
    status = L.OK;
  }
  unlock(records + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/**
 * Ends a lease with success: the job is gone. Answers the blocks of its value and its causes, now the caller's private ones, or 0.
 * OK · AGAIN (call leaseServe) · CLOSED (call leaseFree) · NONE (the lease is over) · BUSY · FENCED
 */
export function leaseAck(queue: usize, slot: usize, epoch: i32, job: usize, number: u32): i32 {
  const records = classAt(L.KIND_JOB);
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
    if (!tryLock(records + L.CLASS_LOCK)) status = L.BUSY;
    else {
      const block: usize = load<u32>(job, L.JOB_BLOCK);
      const causes: usize = load<u32>(job, L.JOB_CAUSES);
      if (block) own(slot, block);
      if (causes) own(slot, causes);
      answer(slot, block);
      store<u32>(slot, <u32>causes, L.SLOT_RESULT_GEN);
      endLease(queue, job);
      store<u32>(job, L.JOB_FREE, L.JOB_STAGE);
      atomic.store<u32>(job, 0, L.JOB_QUEUE); // whoever ends the lease late finds no queue
      giveRecord(L.KIND_JOB, job, L.JOB_NEXT);
      unlock(records + L.CLASS_LOCK);
      status = settled(queue);
    }
  }
  unlock(queue + L.LEASED_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}
