// The life of a leased queue: made, closed, freed. Memory, states and invariants: lease.ts.

import * as L from "../layout";
import { classAt, giveRecord, taken, takeRecord } from "./heap";
import { answer, isFenced, tryLock, unlock } from "./lock";
import { isClosed, isEnded, settled } from "./lease-words";

/**
 * A queue for `capacity` jobs (1 or more), each of which gets `attempts` leases (0: no end of them) and then goes to the queue `dead` (0: none). Answers
 * address and generation. OK · CLOSED (the dead letters are closed or gone) · BUSY · FENCED · NO_MEMORY
 */
export function leaseMake(slot: usize, epoch: i32, capacity: u32, attempts: u32, dead: usize, deadGen: i32): i32 {
  const records = classAt(L.KIND_LEASED);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (dead && !tryLock(dead + L.LEASED_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = L.OK;
  if (dead && (load<i32>(dead, L.LEASED_GEN) != deadGen || isClosed(dead))) status = L.CLOSED;
  else if (!tryLock(records + L.CLASS_LOCK)) status = L.BUSY;
  else {
    status = takeRecord(L.KIND_LEASED, L.LEASED_SIZE, L.LEASED_FREE_NEXT, L.CHUNK_RECORDS);
    if (status == L.OK && !tryLock(taken + L.LEASED_LOCK)) { // somebody's late call is inside the freed record
      giveRecord(L.KIND_LEASED, taken, L.LEASED_FREE_NEXT);
      status = L.BUSY;
    }
    if (status == L.OK) {
      // A freed record kept its generation and four empty lists.
      store<u32>(taken, 0, L.LEASED_FLAGS);
      store<u32>(taken, capacity, L.LEASED_CAPACITY);
      store<u32>(taken, attempts, L.LEASED_ATTEMPTS);
      store<u32>(taken, <u32>dead, L.LEASED_DEAD);
      store<i32>(taken, deadGen, L.LEASED_DEAD_GEN);
      store<u32>(taken, 0, L.LEASED_ACCEPTED);
      store<u32>(taken, 0, L.LEASED_BURIED);
      store<u32>(taken, 1, L.LEASED_LIVE);
      store<u32>(taken, <u32>slot, L.LEASED_MAKER);
      if (dead) store<u32>(dead, load<u32>(dead, L.LEASED_FEEDERS) + 1, L.LEASED_FEEDERS);
      answer(slot, taken);
      store<i32>(slot, load<i32>(taken, L.LEASED_GEN), L.SLOT_RESULT_GEN);
      unlock(taken + L.LEASED_LOCK);
    }
    unlock(records + L.CLASS_LOCK);
  }
  if (dead) unlock(dead + L.LEASED_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/** No job is accepted any more; those there are are handed out. OK · AGAIN (call leaseServe) · CLOSED (call leaseFree) · STALE (it was closed or freed before) · BUSY · FENCED */
export function leaseClose(queue: usize, gen: i32, slot: usize, epoch: i32): i32 {
  if (!tryLock(queue + L.LEASED_LOCK)) return L.BUSY;
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(queue, L.LEASED_GEN) != gen || isClosed(queue)) status = L.STALE;
  else {
    store<u32>(queue, L.LEASED_CLOSED, L.LEASED_FLAGS);
    status = settled(queue);
  }
  unlock(queue + L.LEASED_LOCK);
  return status;
}

/** Gives the record back. Answers the queue it fed, which may have ended by that (to be served), or 0. OK · REFUSED (not ended, or somebody waits) · STALE · BUSY · FENCED */
export function leaseFree(queue: usize, gen: i32, slot: usize, epoch: i32): i32 {
  const records = classAt(L.KIND_LEASED);
  if (!tryLock(queue + L.LEASED_LOCK)) return L.BUSY;
  let status = L.OK;
  const dead: usize = load<u32>(queue, L.LEASED_DEAD);
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(queue, L.LEASED_GEN) != gen) status = L.STALE;
  else if (!isEnded(queue) || load<u32>(queue, L.LEASED_TAKERS) || load<u32>(queue, L.LEASED_PUTTERS)) status = L.REFUSED;
  else if (dead && !tryLock(dead + L.LEASED_LOCK)) status = L.BUSY;
  else {
    if (!tryLock(records + L.CLASS_LOCK)) status = L.BUSY;
    else {
      store<i32>(queue, gen + 1, L.LEASED_GEN);
      store<u32>(queue, 0, L.LEASED_FLAGS); // whoever would free it again is refused
      store<u32>(queue, 0, L.LEASED_LIVE);
      if (dead) store<u32>(dead, load<u32>(dead, L.LEASED_FEEDERS) - 1, L.LEASED_FEEDERS);
      answer(slot, dead);
      if (gen + 1 < L.GENERATION_MAX) giveRecord(L.KIND_LEASED, queue, L.LEASED_FREE_NEXT);
      else store<u32>(records, load<u32>(records, L.CLASS_USED) - 1, L.CLASS_USED); // retired: its next generation would wrap
      unlock(records + L.CLASS_LOCK);
    }
    if (dead) unlock(dead + L.LEASED_LOCK);
  }
  unlock(queue + L.LEASED_LOCK);
  return status;
}
