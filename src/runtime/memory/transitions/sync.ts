// Sync records: permits, a queue of those who wait for them, direct hand-off. Mutex, read-write mutex, semaphore, wait group, condition, once and
// barrier are views on one of these.
//
// Memory   permits in all │ free │ phase │ holds │ queue of nodes (oldest … newest) │ flags │ lock
//          A node stands for one acquisition: linked in the queue while it waits, then, no longer linked, for the permits it holds. Who holds is
//          who owns the node's operation: its slot and epoch.
// States   of a node: idle (NODE_SYNC 0) → waiting (linked) → holding (NODE_HELD) → idle; waiting → idle when refused, let through or given up
//          of a record: open ⇄ abandoned (an exclusive holder has died; recovered by the next holder that asks for it) → closed → freed
// Invariants
//   1. The oldest waiter is served when its weight ≤ free, or the phase has moved on since it was linked, or it is refused (closed, abandoned).
//      Nobody passes it but those whose wish is to barge.
//   2. A call serves one waiter at most and answers AGAIN while the next can be served. That is read off the record, so whoever calls syncServe goes
//      on where a dead thread has stopped: no intent is kept.
//   3. free + the weights of all holding nodes = permits, but for what was added without a node (SYNC_COUNTING), used up (CONSUME), or gathered.
//   4. A record is freed only when it is closed and nobody waits or holds: a holding node never points at somebody else's record.
//   5. A waiter is claimed by WAITING → LOCKED on its operation's state; whoever claims it fires it in the same call.
// Ordering  the lock's store publishes what was written under it; what one holder did before its release is seen by the next, which was fired
//           under the same lock or takes it itself.
// Crash    after any call the record is whole. Waiting nodes of the dead are dropped by the sweep at once; what they hold is given back after the
//          thread's exit (ABANDON), so that two holders never run at once.
// Source   Go's sync and x/sync/semaphore for the semantics.

import * as L from "../layout";
import { isFenced, tryLock, unlock, wake } from "./lock";
import { enqueue, grant, isRefused, policyOf, serve, settled, withdraw } from "./sync-words";

/**
 * What a node asks for, its weight and wish written by the caller before: OK (it has it), PARKED (mode LINK), BLOCK, CLOSED (refused: closed,
 * abandoned, or a stale handle), AGAIN (the last one has come to a gathering: call syncServe), BUSY, FENCED.
 */
export function syncAcquire(record: usize, gen: i32, slot: usize, epoch: i32, node: usize, mode: i32): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(record, L.SYNC_GEN) != gen || isRefused(record, load<u32>(node, L.NODE_WISH))) status = L.CLOSED;
  else {
    const free = load<u32>(record, L.SYNC_FREE);
    const gathers = policyOf(record) == L.SYNC_GATHERING;
    const passes = !load<u32>(record, L.SYNC_HEAD) || load<u32>(node, L.NODE_WISH) & L.SYNC_BARGES;
    if (gathers ? free == 1 : passes && load<u32>(node, L.NODE_WEIGHT) <= free) {
      if (gathers) {
        store<u32>(record, load<u32>(record, L.SYNC_PERMITS), L.SYNC_FREE);
        store<u32>(record, load<u32>(record, L.SYNC_PHASE) + 1, L.SYNC_PHASE);
        if (load<u32>(record, L.SYNC_HEAD)) status = L.AGAIN;
      } else grant(record, node);
    } else if (mode & L.LINK) {
      if (gathers) store<u32>(record, free - 1, L.SYNC_FREE);
      enqueue(record, node);
      atomic.store<i32>(load<u32>(node, L.NODE_OP), L.OP_WAITING, L.OP_STATE); // visible to peers once the lock is free
      status = L.PARKED;
    } else status = L.BLOCK;
  }
  unlock(record + L.SYNC_LOCK);
  return status;
}

/**
 * Ends a hold of the caller's (GIVE_BACK, CONSUME), or of a thread that has exited (ABANDON, by the supervisor), and serves one waiter.
 * OK · AGAIN (call syncServe) · CLOSED (nobody waits or holds any more: call syncFree) · NONE (the node holds nothing of this record) · BUSY · FENCED
 */
export function syncRelease(record: usize, slot: usize, epoch: i32, node: usize, mode: i32): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  let woken: usize = 0;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<u32>(node, L.NODE_SYNC) != <u32>record || !load<u32>(node, L.NODE_HELD)) status = L.NONE;
  else {
    const weight = load<u32>(node, L.NODE_WEIGHT);
    const permits = load<u32>(record, L.SYNC_PERMITS);
    const policy = policyOf(record);
    store<u32>(node, 0, L.NODE_HELD);
    store<u32>(node, 0, L.NODE_SYNC);
    store<u32>(record, load<u32>(record, L.SYNC_HOLDS) - 1, L.SYNC_HOLDS);
    if (mode != L.CONSUME) {
      const free = load<u32>(record, L.SYNC_FREE) + weight;
      store<u32>(record, free, L.SYNC_FREE);
      if (policy == L.SYNC_COUNTING && free == permits) store<u32>(record, load<u32>(record, L.SYNC_PHASE) + 1, L.SYNC_PHASE);
    }
    if (mode == L.ABANDON && policy == L.SYNC_LOCKING && weight == permits)
      store<u32>(record, load<u32>(record, L.SYNC_FLAGS) | L.SYNC_ABANDONED, L.SYNC_FLAGS);
    woken = serve(record);
    status = settled(record);
  }
  unlock(record + L.SYNC_LOCK);
  if (woken) wake(woken);
  return status;
}

/** Takes a waiting node back (0: none) and serves one waiter: OK · AGAIN · CLOSED (as syncRelease) · BUSY · FENCED. */
export function syncServe(record: usize, slot: usize, epoch: i32, node: usize): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.FENCED;
  let woken: usize = 0;
  if (!isFenced(slot, epoch)) {
    if (node && load<u32>(node, L.NODE_SYNC) == <u32>record && !load<u32>(node, L.NODE_HELD)) withdraw(record, node);
    woken = serve(record);
    status = settled(record);
  }
  unlock(record + L.SYNC_LOCK);
  if (woken) wake(woken);
  return status;
}

/**
 * SYNC_COUNTING: adds to the count without a node; a negative amount counts down, and at zero everybody who waits is let through.
 * OK · AGAIN (call syncServe) · REFUSED (the count would leave its range) · CLOSED · BUSY · FENCED
 */
export function syncAdd(record: usize, gen: i32, slot: usize, epoch: i32, amount: i32): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  let woken: usize = 0;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(record, L.SYNC_GEN) != gen || load<u32>(record, L.SYNC_FLAGS)) status = L.CLOSED;
  else {
    const permits = load<i32>(record, L.SYNC_PERMITS);
    const free = load<i32>(record, L.SYNC_FREE) - amount; // both within ±SYNC_PERMITS_MAX
    if (free < 0 || free > permits) status = L.REFUSED;
    else {
      store<i32>(record, free, L.SYNC_FREE);
      if (amount < 0 && free == permits) store<u32>(record, load<u32>(record, L.SYNC_PHASE) + 1, L.SYNC_PHASE);
      woken = serve(record);
      status = settled(record);
    }
  }
  unlock(record + L.SYNC_LOCK);
  if (woken) wake(woken);
  return status;
}

/** SYNC_SIGNALLING: lets the oldest waiter through, or all who wait now. OK · AGAIN (call syncServe) · CLOSED · BUSY · FENCED */
export function syncSignal(record: usize, gen: i32, slot: usize, epoch: i32, all: i32): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  let woken: usize = 0;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(record, L.SYNC_GEN) != gen || load<u32>(record, L.SYNC_FLAGS)) status = L.CLOSED;
  else {
    if (all) store<u32>(record, load<u32>(record, L.SYNC_PHASE) + 1, L.SYNC_PHASE);
    else store<u32>(record, load<u32>(record, L.SYNC_FREE) + 1, L.SYNC_FREE);
    woken = serve(record);
    status = settled(record);
  }
  unlock(record + L.SYNC_LOCK);
  if (woken) wake(woken);
  return status;
}
