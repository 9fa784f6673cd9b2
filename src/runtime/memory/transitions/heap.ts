// The heap: blocks by size class, records by kind, all above one bump pointer.
//
// Memory   a block is 16 bytes of header and its payload; a record has no header. Free ones hang in their class's list.
// Invariants
//   1. A block is in exactly one place: its class's free list, one slot's private list (owner ≠ 0), or reachable from a record (owner = 0).
//   2. Small blocks are reused newest first, while they are warm. Those from COOL_CLASS up are reused oldest first, and not before coolBytes() of their
//      class are free: what another core has just read or written is a slow place to write to (a line has to be fetched out of its private cache), and by then it
//      has gone on to the shared one. When the heap is full they are taken all the same.
//   3. blockAlloc links the block into the caller's private list in the same call; whatever makes it reachable disowns it in the same call.
// Crash    between calls a half-made block is still in the dead slot's private list: the supervisor takes those one by one (sweepBlock).
// Locks    slot → channel words → queue → kind class → block class → bump.

import * as L from "../layout";
import { answer, isFenced, tryLock, unlock } from "./lock";

/** Block class of a size with header: 24, 32, 48, 64, 96 … */
// @ts-ignore: decorator
@inline export function classOf(bytes: u32): u32 {
  const size: u32 = bytes < 17 ? 17 : bytes;
  const power: u32 = 31 - clz<u32>(size - 1);
  return ((power - 4) << 1) + u32(size > (1 << power) + (1 << (power - 1)));
}

// @ts-ignore: decorator
@inline export function classBytes(index: u32): u32 {
  return index & 1 ? 32 << (index >> 1) : 24 << (index >> 1);
}

// @ts-ignore: decorator
@inline export function classAt(index: u32): usize {
  return L.CLASSES_AT + index * L.CLASS_SIZE;
}

/** Takes untouched memory, aligned to a line when asked. BUSY, NO_MEMORY or OK; the address is left in `carved`. */
let carved: usize = 0;
// @ts-ignore: decorator
@inline function carve(bytes: u32, align: u32): i32 {
  if (!tryLock(L.BUMP_AT + L.BUMP_LOCK)) return L.BUSY;
  const start: u64 = (u64(load<u32>(L.BUMP_AT + L.BUMP_NEXT)) + align - 1) & ~u64(align - 1);
  const end: u64 = start + bytes;
  if (end > u64(load<u32>(L.HEAP_CEILING_AT))) {
    unlock(L.BUMP_AT + L.BUMP_LOCK);
    return L.NO_MEMORY;
  }
  store<u32>(L.BUMP_AT + L.BUMP_NEXT, u32(end));
  unlock(L.BUMP_AT + L.BUMP_LOCK);
  carved = usize(start);
  return L.OK;
}

/**
 * How many bytes of freed blocks of one class of large blocks are left alone: more than a core's own cache, or a 32nd of the ceiling if that is less. Each
 * class has as many.
 */
// @ts-ignore: decorator
@inline function coolBytes(): u32 {
  return min<u32>(L.COOL_BYTES, load<u32>(L.HEAP_CEILING_AT) >> 5);
}

/** A block of a class whose lock the caller holds. The address is left in `taken`. */
export let taken: usize = 0;
// @ts-ignore: decorator
@inline export function takeBlock(index: u32): i32 {
  const home = classAt(index);
  const free = load<u32>(home, L.CLASS_FREE);
  const cools = index >= <u32>L.COOL_CLASS;
  const isReused = free && (!cools || load<u32>(home, L.CLASS_COOLING) * classBytes(index) >= coolBytes());
  const status = isReused ? L.NO_MEMORY : carve(classBytes(index), 8);
  if (status == L.OK) {
    taken = carved;
    store<u32>(taken, index, L.BLOCK_CLASS);
  } else if (free && status == L.NO_MEMORY) {
    store<u32>(home, load<u32>(free, L.BLOCK_NEXT), L.CLASS_FREE);
    if (cools) store<u32>(home, load<u32>(home, L.CLASS_COOLING) - 1, L.CLASS_COOLING);
    taken = free;
  } else return status;
  store<u32>(taken, 0, L.BLOCK_OWNER);
  store<u32>(home, load<u32>(home, L.CLASS_USED) + 1, L.CLASS_USED);
  return L.OK;
}

/** Gives a block back to its class, whose lock the caller holds. */
// @ts-ignore: decorator
@inline export function giveBlock(block: usize): void {
  const index = load<u32>(block, L.BLOCK_CLASS);
  const home = classAt(index);
  const first = load<u32>(home, L.CLASS_FREE);
  if (index >= <u32>L.COOL_CLASS) {
    store<u32>(block, 0, L.BLOCK_NEXT);
    if (first) store<u32>(load<u32>(home, L.CLASS_LAST), <u32>block, L.BLOCK_NEXT);
    else store<u32>(home, <u32>block, L.CLASS_FREE);
    store<u32>(home, <u32>block, L.CLASS_LAST);
    store<u32>(home, load<u32>(home, L.CLASS_COOLING) + 1, L.CLASS_COOLING);
  } else {
    store<u32>(block, first, L.BLOCK_NEXT);
    store<u32>(home, <u32>block, L.CLASS_FREE);
  }
  store<u32>(home, load<u32>(home, L.CLASS_USED) - 1, L.CLASS_USED);
}

/** A record of a kind whose lock the caller holds: from the free list (linked at `link`), the newest chunk, or a new chunk. Left in `taken`. */
// @ts-ignore: decorator
@inline export function takeRecord(kind: u32, bytes: u32, link: u32, perChunk: u32): i32 {
  const home = classAt(kind);
  const free = load<u32>(home, L.CLASS_FREE);
  if (free) {
    store<u32>(home, load<u32>(free + link), L.CLASS_FREE);
    taken = free;
  } else {
    if (load<u32>(home, L.CLASS_NEXT) == load<u32>(home, L.CLASS_END)) {
      const status = carve(L.LINE + bytes * perChunk, L.LINE);
      if (status != L.OK) return status;
      store<u32>(carved, load<u32>(home, L.CLASS_CHUNKS), L.CHUNK_NEXT);
      store<u32>(home, <u32>carved, L.CLASS_CHUNKS);
      store<u32>(home, <u32>carved + L.LINE, L.CLASS_NEXT);
      store<u32>(home, <u32>carved + L.LINE + bytes * perChunk, L.CLASS_END);
    }
    taken = load<u32>(home, L.CLASS_NEXT);
    store<u32>(home, <u32>taken + bytes, L.CLASS_NEXT);
  }
  store<u32>(home, load<u32>(home, L.CLASS_USED) + 1, L.CLASS_USED);
  return L.OK;
}

// @ts-ignore: decorator
@inline export function giveRecord(kind: u32, record: usize, link: u32): void {
  const home = classAt(kind);
  store<u32>(record + link, load<u32>(home, L.CLASS_FREE));
  store<u32>(home, <u32>record, L.CLASS_FREE);
  store<u32>(home, load<u32>(home, L.CLASS_USED) - 1, L.CLASS_USED);
}

/** Links a block into a slot's private list; the caller holds the slot's lock. */
// @ts-ignore: decorator
@inline export function own(slot: usize, block: usize): void {
  const first = load<u32>(slot, L.SLOT_BLOCKS);
  store<u32>(block, 0, L.BLOCK_PREV);
  store<u32>(block, first, L.BLOCK_NEXT);
  store<u32>(block, <u32>slot, L.BLOCK_OWNER);
  if (first) store<u32>(first, <u32>block, L.BLOCK_PREV);
  store<u32>(slot, <u32>block, L.SLOT_BLOCKS);
}

/** Takes a block out of the private list of the slot whose lock the caller holds. */
// @ts-ignore: decorator
@inline export function disown(slot: usize, block: usize): void {
  const before = load<u32>(block, L.BLOCK_PREV);
  const after = load<u32>(block, L.BLOCK_NEXT);
  if (before) store<u32>(before, after, L.BLOCK_NEXT);
  else store<u32>(slot, after, L.SLOT_BLOCKS);
  if (after) store<u32>(after, before, L.BLOCK_PREV);
  store<u32>(block, 0, L.BLOCK_OWNER);
}

/** A private block for `bytes` of payload (1 … BLOCK_MAX − BLOCK_HEADER, checked by the caller). Answers its address. */
export function blockAlloc(slot: usize, epoch: i32, bytes: u32): i32 {
  const index = classOf(bytes + L.BLOCK_HEADER);
  const home = classAt(index);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(home + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  const status = takeBlock(index);
  if (status == L.OK) {
    own(slot, taken);
    answer(slot, taken);
  }
  unlock(home + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/** Frees a block of the caller's private list; NONE if it is not there (freed or handed on before). */
export function blockFree(slot: usize, epoch: i32, block: usize): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (load<u32>(block, L.BLOCK_OWNER) != <u32>slot) {
    unlock(slot + L.SLOT_LOCK);
    return L.NONE;
  }
  const home = classAt(load<u32>(block, L.BLOCK_CLASS));
  if (!tryLock(home + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  disown(slot, block);
  giveBlock(block);
  unlock(home + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return L.OK;
}

/** Supervisor, after the thread's exit: frees one block a dead slot still owns. AGAIN while there may be more, NONE at the end. */
export function sweepBlock(dead: usize): i32 {
  if (!tryLock(dead + L.SLOT_LOCK)) return L.BUSY;
  const block: usize = load<u32>(dead, L.SLOT_BLOCKS);
  if (!block) {
    unlock(dead + L.SLOT_LOCK);
    return L.NONE;
  }
  const home = classAt(load<u32>(block, L.BLOCK_CLASS));
  if (!tryLock(home + L.CLASS_LOCK)) {
    unlock(dead + L.SLOT_LOCK);
    return L.BUSY;
  }
  disown(dead, block);
  giveBlock(block);
  unlock(home + L.CLASS_LOCK);
  unlock(dead + L.SLOT_LOCK);
  return L.AGAIN;
}
