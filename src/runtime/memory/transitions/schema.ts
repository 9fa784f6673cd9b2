// Schemas: what a struct is made of, as data in the heap, so that any thread that holds a handle can open it.
//
// Memory   SCHEMA_WORD (count << 1 | lock) │ table of block addresses. A block holds the description, and is nobody's any more.
// Invariants
//   1. An entry below the count never changes: it is read without a lock, after a load of the word that observes it.
//   2. The caller has compared all entries below `count` with its own: no description stands there twice.
// Crash    one call; between calls the block is still in the caller's private list.

import * as L from "../layout";
import { disown } from "./heap";
import { isFenced, tryLock, unlock } from "./lock";

/** Makes a private block schema number `count`. OK · AGAIN (others were added: compare them first) · REFUSED (the table is full, or not the caller's block) · BUSY · FENCED */
export function schemaAdd(slot: usize, epoch: i32, block: usize, count: u32): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  const word = atomic.load<i32>(L.SCHEMAS_AT + L.SCHEMA_WORD);
  if (word & 1 || atomic.cmpxchg<i32>(L.SCHEMAS_AT + L.SCHEMA_WORD, word, word | 1) != word) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let status = L.OK;
  let next = word;
  if (<u32>word >>> 1 != count) status = L.AGAIN;
  else if (count >= u32(L.SCHEMA_MAX) || load<u32>(block, L.BLOCK_OWNER) != <u32>slot) status = L.REFUSED;
  else {
    disown(slot, block);
    store<u32>(L.SCHEMAS_AT + L.SCHEMA_TABLE + (count << 2), <u32>block);
    next += 2;
  }
  atomic.store<i32>(L.SCHEMAS_AT + L.SCHEMA_WORD, next); // publishes the entry and frees the table
  unlock(slot + L.SLOT_LOCK);
  return status;
}
