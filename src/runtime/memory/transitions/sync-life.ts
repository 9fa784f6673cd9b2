// The life of a sync record: made, given a block, closed, freed; and the number an AtomicFloat keeps in one. Memory, states and invariants: sync.ts.

import * as L from "../layout";
import { classAt, disown, giveBlock, giveRecord, taken, takeRecord } from "./heap";
import { answer, isFenced, tryLock, unlock, wake } from "./lock";
import { serve, settled } from "./sync-words";

/** A record with all its permits free (SYNC_SIGNALLING: none). `lock`, `lockGen`: the lock a condition belongs to. Answers address and generation. */
export function syncMake(slot: usize, epoch: i32, policy: u32, permits: u32, lock: usize, lockGen: i32): i32 {
  const records = classAt(L.KIND_SYNC);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(records + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = takeRecord(L.KIND_SYNC, L.SYNC_SIZE, L.SYNC_FREE_NEXT, L.CHUNK_RECORDS);
  if (status == L.OK && !tryLock(taken + L.SYNC_LOCK)) { // somebody's late call is inside the freed record
    giveRecord(L.KIND_SYNC, taken, L.SYNC_FREE_NEXT);
    status = L.BUSY;
  }
  if (status == L.OK) {
    // A freed record kept its generation and an empty queue.
    store<u32>(taken, 0, L.SYNC_FLAGS);
    store<u32>(taken, policy, L.SYNC_POLICY);
    store<u32>(taken, permits, L.SYNC_PERMITS);
    store<u32>(taken, policy == L.SYNC_SIGNALLING ? 0 : permits, L.SYNC_FREE);
    store<u32>(taken, <u32>lock, L.SYNC_LOCK_OF);
    store<i32>(taken, lockGen, L.SYNC_LOCK_GEN);
    store<u32>(taken, 1, L.SYNC_LIVE);
    store<u32>(taken, <u32>slot, L.SYNC_MAKER);
    store<u32>(taken, 0, L.SYNC_BLOCK);
    store<f64>(taken, 0, L.SYNC_NUMBER);
    atomic.store<i32>(taken, 0, L.SYNC_CELL);
    answer(slot, taken);
    store<i32>(slot, load<i32>(taken, L.SYNC_GEN), L.SLOT_RESULT_GEN);
    unlock(taken + L.SYNC_LOCK);
  }
  unlock(records + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/**
 * From now on whoever waits or asks is refused.
 * OK · AGAIN (call syncServe) · CLOSED (nobody waits or holds: call syncFree) · STALE (it was closed or freed before) · BUSY · FENCED
 */
export function syncClose(record: usize, gen: i32, slot: usize, epoch: i32): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  let woken: usize = 0;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(record, L.SYNC_GEN) != gen || load<u32>(record, L.SYNC_FLAGS) & L.SYNC_CLOSED) status = L.STALE;
  else {
    store<u32>(record, load<u32>(record, L.SYNC_FLAGS) | L.SYNC_CLOSED, L.SYNC_FLAGS);
    woken = serve(record);
    status = settled(record);
  }
  unlock(record + L.SYNC_LOCK);
  if (woken) wake(woken);
  return status;
}

/**
 * Hangs a private block of the caller's to the record: it is given back with it. OK · REFUSED (it has one, or the block is not the caller's) ·
 * CLOSED · BUSY · FENCED
 */
export function syncKeep(record: usize, gen: i32, slot: usize, epoch: i32, block: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(record + L.SYNC_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = L.OK;
  if (load<i32>(record, L.SYNC_GEN) != gen || load<u32>(record, L.SYNC_FLAGS) & L.SYNC_CLOSED) status = L.CLOSED;
  else if (load<u32>(record, L.SYNC_BLOCK) || load<u32>(block, L.BLOCK_OWNER) != <u32>slot) status = L.REFUSED;
  else {
    disown(slot, block);
    store<u32>(record, <u32>block, L.SYNC_BLOCK);
  }
  unlock(record + L.SYNC_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/** Gives the record back, and its block. OK · REFUSED (not closed, or somebody waits or holds) · STALE · BUSY · FENCED */
export function syncFree(record: usize, gen: i32, slot: usize, epoch: i32): i32 {
  const records = classAt(L.KIND_SYNC);
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  const block: usize = load<u32>(record, L.SYNC_BLOCK);
  const blocks = block ? classAt(load<u32>(block, L.BLOCK_CLASS)) : 0;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(record, L.SYNC_GEN) != gen) status = L.STALE;
  else if (!(load<u32>(record, L.SYNC_FLAGS) & L.SYNC_CLOSED) || load<u32>(record, L.SYNC_HOLDS) || load<u32>(record, L.SYNC_HEAD))
    status = L.REFUSED;
  else if (!tryLock(records + L.CLASS_LOCK)) status = L.BUSY;
  else if (block && !tryLock(blocks + L.CLASS_LOCK)) {
    unlock(records + L.CLASS_LOCK);
    status = L.BUSY;
  } else {
    store<i32>(record, gen + 1, L.SYNC_GEN);
    store<u32>(record, 0, L.SYNC_FLAGS); // whoever would free it again is refused
    store<u32>(record, 0, L.SYNC_LIVE);
    store<u32>(record, 0, L.SYNC_BLOCK);
    if (block) {
      giveBlock(block);
      unlock(blocks + L.CLASS_LOCK);
    }
    if (gen + 1 < L.GENERATION_MAX) giveRecord(L.KIND_SYNC, record, L.SYNC_FREE_NEXT);
    else store<u32>(records, load<u32>(records, L.CLASS_USED) - 1, L.CLASS_USED); // retired: its next generation would wrap
    unlock(records + L.CLASS_LOCK);
  }
  unlock(record + L.SYNC_LOCK);
  return status;
}

/**
 * The record's number: NUMBER_LOAD, or changed by `a`; NUMBER_COMPARE stores what the caller left in SLOT_VALUE where the number equals `a`
 * (NaN equals NaN, 0 equals -0). Its value before is left in SLOT_VALUE. OK · CLOSED · BUSY · FENCED
 */
export function numberDo(record: usize, gen: i32, slot: usize, epoch: i32, what: i32, a: f64): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(record, L.SYNC_GEN) != gen || load<u32>(record, L.SYNC_FLAGS)) status = L.CLOSED;
  else {
    const before = load<f64>(record, L.SYNC_NUMBER);
    if (what == L.NUMBER_STORE) store<f64>(record, a, L.SYNC_NUMBER);
    else if (what == L.NUMBER_ADD) store<f64>(record, before + a, L.SYNC_NUMBER);
    else if (what == L.NUMBER_COMPARE && (before == a || (before != before && a != a)))
      store<f64>(record, load<f64>(slot, L.SLOT_VALUE), L.SYNC_NUMBER);
    store<f64>(slot, before, L.SLOT_VALUE);
  }
  unlock(record + L.SYNC_LOCK);
  return status;
}
