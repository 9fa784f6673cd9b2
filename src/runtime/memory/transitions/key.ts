// Tables of keys: which sync record stands for a key, for all threads.
//
// Memory   the block of a sync record: KEY_MASK + 1 rows of four places. A place: 128 bits of a key's hash │ address and generation of the record
//          The caller's slot says which key is meant, and what is to stand for it (SLOT_KEY).
// States   of a place: free → taken → free (its record was freed: the generation has moved on); taken → forgotten (no key is found there) → free
// Invariants
//   1. A key stands in one of the two rows its hash names, once at most.
//   2. A place whose record was freed is free; nobody has to say so.
// Ordering  the table's lock. The generation of another record is read without its lock: one that has moved on never comes back, and one that moves on
//           just now is found out by whoever uses the record.
// Crash    after any call the table is whole.

import * as L from "../layout";
import { answer, isFenced, tryLock, unlock } from "./lock";

/** The words of a table lie behind the header of its block. */
// @ts-ignore: decorator
@inline function placeIn(row: usize, index: i32): usize {
  return row + L.BLOCK_HEADER + index * L.PLACE_SIZE;
}

// @ts-ignore: decorator
@inline function isFree(place: usize): bool {
  const record: usize = load<u32>(place, L.PLACE_RECORD);
  return !record || load<i32>(record, L.SYNC_GEN) != load<i32>(place, L.PLACE_GEN);
}

// @ts-ignore: decorator
@inline function isOf(place: usize, slot: usize): bool {
  return (
    load<u32>(place, L.PLACE_HASH0) == load<u32>(slot, L.SLOT_KEY + L.KEY_HASH) &&
    load<u32>(place, L.PLACE_HASH1) == load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 4) &&
    load<u32>(place, L.PLACE_HASH2) == load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 8) &&
    load<u32>(place, L.PLACE_HASH3) == load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 12) &&
    !isFree(place)
  );
}

// @ts-ignore: decorator
@inline function firstRow(table: usize, slot: usize): usize {
  const row = load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 4) & load<u32>(table, L.KEY_MASK);
  return load<u32>(table, L.SYNC_BLOCK) + row * L.ROW_SIZE;
}

/** Another than the first: there are two rows at least. */
// @ts-ignore: decorator
@inline function secondRow(table: usize, slot: usize): usize {
  const mask = load<u32>(table, L.KEY_MASK);
  const first = load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 4) & mask;
  const second = load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 8) & mask;
  return load<u32>(table, L.SYNC_BLOCK) + (second == first ? first ^ 1 : second) * L.ROW_SIZE;
}

/** Where the key stands, or 0. */
// @ts-ignore: decorator
@inline function placeOf(one: usize, other: usize, slot: usize): usize {
  if (isOf(placeIn(one, 0), slot)) return placeIn(one, 0);
  if (isOf(placeIn(other, 0), slot)) return placeIn(other, 0);
  if (isOf(placeIn(one, 1), slot)) return placeIn(one, 1);
  if (isOf(placeIn(other, 1), slot)) return placeIn(other, 1);
  if (isOf(placeIn(one, 2), slot)) return placeIn(one, 2);
  if (isOf(placeIn(other, 2), slot)) return placeIn(other, 2);
  if (isOf(placeIn(one, 3), slot)) return placeIn(one, 3);
  if (isOf(placeIn(other, 3), slot)) return placeIn(other, 3);
  return 0;
}

/** Where there is room for it, or 0. From both rows in turn, so that they fill alike. */
// @ts-ignore: decorator
@inline function freePlace(one: usize, other: usize): usize {
  if (isFree(placeIn(one, 0))) return placeIn(one, 0);
  if (isFree(placeIn(other, 0))) return placeIn(other, 0);
  if (isFree(placeIn(one, 1))) return placeIn(one, 1);
  if (isFree(placeIn(other, 1))) return placeIn(other, 1);
  if (isFree(placeIn(one, 2))) return placeIn(one, 2);
  if (isFree(placeIn(other, 2))) return placeIn(other, 2);
  if (isFree(placeIn(one, 3))) return placeIn(one, 3);
  if (isFree(placeIn(other, 3))) return placeIn(other, 3);
  return 0;
}

/** The record of a place may be replaced: it is the worn one. */
// @ts-ignore: decorator
@inline function isWorn(place: usize, slot: usize): bool {
  return (
    load<u32>(place, L.PLACE_RECORD) == load<u32>(slot, L.SLOT_KEY + L.KEY_WORN) &&
    load<u32>(place, L.PLACE_GEN) == load<u32>(slot, L.SLOT_KEY + L.KEY_WORN + 4)
  );
}

/**
 * Makes the offered record stand for the key, unless another does already: that is answered as address and generation.
 * OK (the offered one does) · REFUSED (another does) · NONE (none does, and none was offered) · BLOCK (no room) · CLOSED · BUSY · FENCED
 */
export function keyTake(table: usize, gen: i32, slot: usize, epoch: i32): i32 {
  if (!tryLock(table + L.SYNC_LOCK)) return L.BUSY;
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(table, L.SYNC_GEN) != gen || load<u32>(table, L.SYNC_FLAGS)) status = L.CLOSED;
  else {
    const one = firstRow(table, slot);
    const other = secondRow(table, slot);
    const offer = load<u32>(slot, L.SLOT_KEY + L.KEY_OFFER);
    let place = placeOf(one, other, slot);
    if (place && !isWorn(place, slot)) {
      answer(slot, load<u32>(place, L.PLACE_RECORD));
      store<u32>(slot, load<u32>(place, L.PLACE_GEN), L.SLOT_RESULT_GEN);
      status = L.REFUSED;
    } else if (!offer) status = L.NONE;
    else {
      if (!place) place = freePlace(one, other);
      if (!place) status = L.BLOCK;
      else {
        store<u32>(place, load<u32>(slot, L.SLOT_KEY + L.KEY_HASH), L.PLACE_HASH0);
        store<u32>(place, load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 4), L.PLACE_HASH1);
        store<u32>(place, load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 8), L.PLACE_HASH2);
        store<u32>(place, load<u32>(slot, L.SLOT_KEY + L.KEY_HASH + 12), L.PLACE_HASH3);
        store<u32>(place, offer, L.PLACE_RECORD);
        store<u32>(place, load<u32>(slot, L.SLOT_KEY + L.KEY_OFFER + 4), L.PLACE_GEN);
      }
    }
  }
  unlock(table + L.SYNC_LOCK);
  return status;
}

/** From now on no record stands for the key; the one that did keeps its place until it is freed. OK · NONE · CLOSED · BUSY · FENCED */
export function keyDrop(table: usize, gen: i32, slot: usize, epoch: i32): i32 {
  if (!tryLock(table + L.SYNC_LOCK)) return L.BUSY;
  let status = L.NONE;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(table, L.SYNC_GEN) != gen || load<u32>(table, L.SYNC_FLAGS)) status = L.CLOSED;
  else {
    const place = placeOf(firstRow(table, slot), secondRow(table, slot), slot);
    if (place) {
      store<u32>(place, 0, L.PLACE_HASH0);
      status = L.OK;
    }
  }
  unlock(table + L.SYNC_LOCK);
  return status;
}
