// Words and locks. Every lock is tried once: a transition never waits, so a holder can be de-scheduled but never waited for inside.

import * as L from "../layout";

// @ts-ignore: decorator
@inline export function tryLock(word: usize): bool {
  return atomic.cmpxchg<i32>(word, 0, 1) == 0; // claims the record
}

// @ts-ignore: decorator
@inline export function unlock(word: usize): void {
  atomic.store<i32>(word, 0); // publishes what was written under the lock
}

/** The caller still owns its slot. Read after the first lock is held, so that the call is ordered against the fence that takes the same lock. */
// @ts-ignore: decorator
@inline export function isFenced(slot: usize, epoch: i32): bool {
  return atomic.load<i32>(slot, L.SLOT_EPOCH) != epoch;
}

/** Hands a value beside the status to the caller; its own line, private to the calling thread. */
// @ts-ignore: decorator
@inline export function answer(slot: usize, value: usize): void {
  store<u32>(slot, <u32>value, L.SLOT_RESULT);
}

/** Puts a claimed record (operation or task) into its thread's ready list and releases it with its final state. Wait-free. */
// @ts-ignore: decorator
@inline export function fire(record: usize, slot: usize, state: i32): void {
  store<u32>(record, atomic.xchg<u32>(slot + L.SLOT_READY, <u32>record), L.READY_NEXT); // read only after the state below was seen
  atomic.store<i32>(record, state, L.READY_STATE); // publishes value and next
}

/** Wakes a thread that sleeps. A running thread costs one load: it looks at its ready list before it sleeps (fire, then load park; store park, then load ready). */
// @ts-ignore: decorator
@inline export function wake(slot: usize): void {
  const park = atomic.load<i32>(slot, L.SLOT_PARK);
  if (park != L.PARK_RUNNING) {
    if (atomic.cmpxchg<i32>(slot + L.SLOT_PARK, park, L.PARK_RUNNING) == park) {
      atomic.notify(slot + (park == L.PARK_BLOCKED ? L.SLOT_PARK : L.SLOT_ASYNC_WORD), 1);
    }
  }
}
