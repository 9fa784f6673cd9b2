// Buckets of tokens, which Limiters take from: up to TIERS_MAX at once, from all of them or from none.
//
// Memory   in a sync record: tokens at an instant │ the instant │ tokens a second │ burst │ when the latest of the tokens taken falls due
//          The caller's slot says which buckets (SLOT_TIERS), and is told there when each falls due.
// Invariants
//   1. tokens ≤ burst. Below zero they are owed: what was taken last falls due when they are back at zero.
//   2. The instant never goes back: for a caller whose clock was read before another's call no time has passed, so nothing accrues twice.
//   3. Taken in the order of the calls: nobody falls due before those that took before him, while the rate stays as it is.
// Ordering  each bucket's lock; several are tried in the order of their addresses, and all are left if one of them is held.
// Crash    after any call the buckets are whole. What a dead thread had taken is spent.
// Source   golang.org/x/time/rate for the semantics, what a reservation gives back included.

import * as L from "../layout";
import { isFenced, tryLock, unlock } from "./lock";

// @ts-ignore: decorator
@inline function tierAt(slot: usize, index: i32): usize {
  return slot + L.SLOT_TIERS + index * L.TIER_SIZE;
}

// @ts-ignore: decorator
@inline function recordOf(tier: usize): usize {
  return load<u32>(tier, L.TIER_RECORD);
}

/** Tries the tiers' locks one after the other up to the first that is held; answers how many are the caller's now. */
// @ts-ignore: decorator
@inline function lockTiers(slot: usize, tiers: i32): i32 {
  if (!tryLock(recordOf(tierAt(slot, 0)) + L.SYNC_LOCK)) return 0;
  if (tiers == 1 || !tryLock(recordOf(tierAt(slot, 1)) + L.SYNC_LOCK)) return 1;
  if (tiers == 2 || !tryLock(recordOf(tierAt(slot, 2)) + L.SYNC_LOCK)) return 2;
  if (tiers == 3 || !tryLock(recordOf(tierAt(slot, 3)) + L.SYNC_LOCK)) return 3;
  return 4;
}

// @ts-ignore: decorator
@inline function unlockTiers(slot: usize, locked: i32): void {
  if (locked > 3) unlock(recordOf(tierAt(slot, 3)) + L.SYNC_LOCK);
  if (locked > 2) unlock(recordOf(tierAt(slot, 2)) + L.SYNC_LOCK);
  if (locked > 1) unlock(recordOf(tierAt(slot, 1)) + L.SYNC_LOCK);
  if (locked > 0) unlock(recordOf(tierAt(slot, 0)) + L.SYNC_LOCK);
}

// @ts-ignore: decorator
@inline function isOpen(tier: usize): bool {
  const record = recordOf(tier);
  return load<i32>(record, L.SYNC_GEN) == load<i32>(tier, L.TIER_GEN) && !load<u32>(record, L.SYNC_FLAGS);
}

/** What a bucket holds at an instant. */
// @ts-ignore: decorator
@inline function tokensAt(record: usize, now: f64): f64 {
  const rate = load<f64>(record, L.BUCKET_RATE);
  const burst = load<f64>(record, L.BUCKET_BURST);
  if (rate == Infinity) return burst;
  const passed = max<f64>(now - load<f64>(record, L.BUCKET_AT), 0);
  return min<f64>(load<f64>(record, L.BUCKET_TOKENS) + (passed * rate) / 1000, burst);
}

// @ts-ignore: decorator
@inline function setTokens(record: usize, tokens: f64, now: f64): void {
  store<f64>(record, tokens, L.BUCKET_TOKENS);
  store<f64>(record, max<f64>(now, load<f64>(record, L.BUCKET_AT)), L.BUCKET_AT);
}

/** Notes when n tokens would fall due at a tier; Infinity for never. What is less than a nanosecond away counts as now. */
// @ts-ignore: decorator
@inline function dueAt(tier: usize, n: f64, now: f64): f64 {
  const record = recordOf(tier);
  const rate = load<f64>(record, L.BUCKET_RATE);
  const short = n - tokensAt(record, now);
  let due = now;
  if (rate != Infinity) {
    if (n > load<f64>(record, L.BUCKET_BURST)) due = Infinity;
    else if (short > 0) {
      const later = max<f64>(now, load<f64>(record, L.BUCKET_AT)) + (short * 1000) / rate;
      if ((later - now) * 1000000 >= 1) due = later;
    }
  }
  store<f64>(tier, due, L.TIER_DUE);
  return due;
}

// @ts-ignore: decorator
@inline function takeFrom(tier: usize, n: f64, now: f64): void {
  const record = recordOf(tier);
  const rate = load<f64>(record, L.BUCKET_RATE);
  store<f64>(tier, rate, L.TIER_RATE);
  if (rate == Infinity) return;
  setTokens(record, tokensAt(record, now) - n, now);
  store<f64>(record, load<f64>(tier, L.TIER_DUE), L.BUCKET_LATEST);
}

/**
 * Takes n tokens from each of the slot's tiers, if all have fallen due within `most` milliseconds; when that is, is left in SLOT_VALUE (Infinity: never).
 * OK · REFUSED (it would take longer: nothing was taken) · CLOSED (one of them is) · BUSY · FENCED
 */
export function bucketTake(slot: usize, epoch: i32, tiers: i32, n: f64, now: f64, most: f64): i32 {
  const locked = lockTiers(slot, tiers);
  let status = L.BUSY;
  if (locked == tiers) {
    let areOpen = isOpen(tierAt(slot, 0));
    if (tiers > 1) areOpen = areOpen && isOpen(tierAt(slot, 1));
    if (tiers > 2) areOpen = areOpen && isOpen(tierAt(slot, 2));
    if (tiers > 3) areOpen = areOpen && isOpen(tierAt(slot, 3));
    if (isFenced(slot, epoch)) status = L.FENCED;
    else if (!areOpen) status = L.CLOSED;
    else {
      let due = dueAt(tierAt(slot, 0), n, now);
      if (tiers > 1) due = max<f64>(due, dueAt(tierAt(slot, 1), n, now));
      if (tiers > 2) due = max<f64>(due, dueAt(tierAt(slot, 2), n, now));
      if (tiers > 3) due = max<f64>(due, dueAt(tierAt(slot, 3), n, now));
      store<f64>(slot, due, L.SLOT_VALUE);
      status = L.REFUSED;
      if (due != Infinity && due - now <= most) {
        takeFrom(tierAt(slot, 0), n, now);
        if (tiers > 1) takeFrom(tierAt(slot, 1), n, now);
        if (tiers > 2) takeFrom(tierAt(slot, 2), n, now);
        if (tiers > 3) takeFrom(tierAt(slot, 3), n, now);
        status = L.OK;
      }
    }
  }
  unlockTiers(slot, locked);
  return status;
}

/** Less what was taken after it: those who took that wait for it already, and go when they were told to. */
// @ts-ignore: decorator
@inline function giveTo(tier: usize, n: f64, now: f64): void {
  const record = recordOf(tier);
  const rate = load<f64>(tier, L.TIER_RATE);
  const due = load<f64>(tier, L.TIER_DUE);
  const latest = load<f64>(record, L.BUCKET_LATEST);
  if (!isOpen(tier) || rate == Infinity || load<f64>(record, L.BUCKET_RATE) == Infinity) return;
  const back = n - (max<f64>(latest - due, 0) * rate) / 1000;
  if (back <= 0) return;
  setTokens(record, min<f64>(tokensAt(record, now) + back, load<f64>(record, L.BUCKET_BURST)), now);
  if (due == latest && due - (n * 1000) / rate >= now) store<f64>(record, due - (n * 1000) / rate, L.BUCKET_LATEST);
}

/** Gives back what was taken from each of the slot's tiers, whose TIER_DUE and TIER_RATE are as bucketTake left them. OK · BUSY · FENCED */
export function bucketGive(slot: usize, epoch: i32, tiers: i32, n: f64, now: f64): i32 {
  const locked = lockTiers(slot, tiers);
  let status = L.BUSY;
  if (locked == tiers) {
    status = L.FENCED;
    if (!isFenced(slot, epoch)) {
      giveTo(tierAt(slot, 0), n, now);
      if (tiers > 1) giveTo(tierAt(slot, 1), n, now);
      if (tiers > 2) giveTo(tierAt(slot, 2), n, now);
      if (tiers > 3) giveTo(tierAt(slot, 3), n, now);
      status = L.OK;
    }
  }
  unlockTiers(slot, locked);
  return status;
}

/**
 * What a bucket holds now, left in SLOT_VALUE; BUCKET_SET_RATE and BUCKET_SET_BURST also set that to what the caller left there.
 * BUCKET_CLOSE_FULL closes it if it is as good as new: full, and nobody waits.
 * OK · REFUSED (it is not) · CLOSED · BUSY · FENCED
 */
export function bucketSet(record: usize, gen: i32, slot: usize, epoch: i32, what: i32, now: f64): i32 {
  if (!tryLock(record + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(record, L.SYNC_GEN) != gen || load<u32>(record, L.SYNC_FLAGS)) status = L.CLOSED;
  else if (what == L.BUCKET_CLOSE_FULL) {
    if (load<u32>(record, L.SYNC_HEAD) || tokensAt(record, now) < load<f64>(record, L.BUCKET_BURST)) status = L.REFUSED;
    else store<u32>(record, L.SYNC_CLOSED, L.SYNC_FLAGS);
  } else {
    let tokens = tokensAt(record, now);
    const value = load<f64>(slot, L.SLOT_VALUE);
    if (what == L.BUCKET_SET_BURST) {
      tokens = min<f64>(tokens, value);
      store<f64>(record, value, L.BUCKET_BURST);
    }
    if (what != L.BUCKET_LOOK) setTokens(record, tokens, now);
    if (what == L.BUCKET_SET_RATE) store<f64>(record, value, L.BUCKET_RATE);
    store<f64>(slot, tokens, L.SLOT_VALUE);
  }
  unlock(record + L.SYNC_LOCK);
  return status;
}
