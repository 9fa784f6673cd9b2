// The life of a thread's slot: open → (fence) → swept → closed, and the memory of its operations.
//
// States   FREE → LIVE (slotOpen) → RETIRED (fence) → FREE (slotClose, after the thread's exit and the sweep)
// Rule     whatever a sweep must find is written under a lock that the fence or the sweep takes afterwards.

import * as L from "../layout";
import { classAt, giveRecord, taken, takeRecord } from "./heap";
import { answer, isFenced, tryLock, unlock } from "./lock";
import { idleDrop } from "./task-queue";

/** Supervisor: a free slot becomes a thread's. Answers, in the slot itself, the epoch its calls must carry. */
export function slotOpen(slot: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (atomic.load<i32>(slot, L.SLOT_STATE) != L.SLOT_FREE) {
    unlock(slot + L.SLOT_LOCK);
    return L.REFUSED;
  }
  atomic.store<i32>(slot, L.PARK_RUNNING, L.SLOT_PARK);
  atomic.store<i32>(slot, L.SLOT_LIVE, L.SLOT_STATE);
  answer(slot, atomic.add<i32>(slot + L.SLOT_EPOCH, 1) + 1);
  unlock(slot + L.SLOT_LOCK);
  return L.OK;
}

/** Supervisor: retires the epoch. From here on no call of that thread changes anything; one already past its check has ended before, by the lock it holds. */
export function fence(slot: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (atomic.load<i32>(slot, L.SLOT_STATE) != L.SLOT_LIVE) {
    unlock(slot + L.SLOT_LOCK);
    return L.NONE;
  }
  atomic.store<i32>(slot, L.SLOT_RETIRED, L.SLOT_STATE);
  atomic.add<i32>(slot + L.SLOT_EPOCH, 1);
  unlock(slot + L.SLOT_LOCK);
  return L.OK;
}

/** Supervisor, after exit and sweep: the slot may serve another thread. REFUSED while it still owns something. */
export function slotClose(slot: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  const owns = load<u32>(slot, L.SLOT_BLOCKS) | load<u32>(slot, L.SLOT_CHUNKS) | load<u32>(slot, L.SLOT_INTENT) | load<u32>(slot, L.SLOT_IDLE_QUEUE);
  if (owns || atomic.load<i32>(slot, L.SLOT_STATE) != L.SLOT_RETIRED) {
    unlock(slot + L.SLOT_LOCK);
    return L.REFUSED;
  }
  atomic.store<i32>(slot, L.SLOT_FREE, L.SLOT_STATE);
  unlock(slot + L.SLOT_LOCK);
  return L.OK;
}

/** A chunk of zeroed operations for the caller's slot. Answers its address. */
export function opChunk(slot: usize, epoch: i32): i32 {
  const home = classAt(L.KIND_OP_CHUNK);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(home + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  const status = takeRecord(L.KIND_OP_CHUNK, L.OP_CHUNK_SIZE, L.CHUNK_NEXT, 1);
  if (status == L.OK) {
    memory.fill(taken, 0, L.OP_CHUNK_SIZE);
    store<u32>(taken, load<u32>(slot, L.SLOT_CHUNKS), L.CHUNK_NEXT);
    store<u32>(slot, <u32>taken, L.SLOT_CHUNKS);
    answer(slot, taken);
  }
  unlock(home + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/** Supervisor, after exit and after every operation was cancelled and unlinked: gives back one chunk. AGAIN while there may be more. */
export function sweepChunk(dead: usize): i32 {
  const home = classAt(L.KIND_OP_CHUNK);
  if (!tryLock(dead + L.SLOT_LOCK)) return L.BUSY;
  const chunk: usize = load<u32>(dead, L.SLOT_CHUNKS);
  if (!chunk) {
    unlock(dead + L.SLOT_LOCK);
    return L.NONE;
  }
  if (!tryLock(home + L.CLASS_LOCK)) {
    unlock(dead + L.SLOT_LOCK);
    return L.BUSY;
  }
  store<u32>(dead, load<u32>(chunk, L.CHUNK_NEXT), L.SLOT_CHUNKS);
  giveRecord(L.KIND_OP_CHUNK, chunk, L.CHUNK_NEXT);
  unlock(home + L.CLASS_LOCK);
  unlock(dead + L.SLOT_LOCK);
  return L.AGAIN;
}

/** Supervisor, after the fence: the dead thread leaves the idle list, its reservations return, its intent is forgotten (resume the close first). */
export function sweepSlot(dead: usize): i32 {
  if (!tryLock(dead + L.SLOT_LOCK)) return L.BUSY;
  const queue: usize = load<u32>(dead, L.SLOT_IDLE_QUEUE);
  if (queue) {
    if (!tryLock(queue + L.QUEUE_LOCK)) {
      unlock(dead + L.SLOT_LOCK);
      return L.BUSY;
    }
    if (load<u32>(dead, L.SLOT_IDLE_QUEUE) == <u32>queue) idleDrop(queue, dead);
    unlock(queue + L.QUEUE_LOCK);
  }
  const reserved = load<i32>(dead, L.SLOT_RESERVED);
  if (reserved) {
    atomic.sub<i32>(L.QUEUE_DEDICATED_AT + L.QUEUE_BUSY, reserved);
    store<i32>(dead, 0, L.SLOT_RESERVED);
  }
  store<u32>(dead, 0, L.SLOT_INTENT);
  unlock(dead + L.SLOT_LOCK);
  return L.OK;
}
