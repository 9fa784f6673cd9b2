// The life of a channel's record: made, claimed by its declared ends, closed, freed. Memory, states and invariants: channel.ts.

import * as L from "../layout";
import { drop, indexOf, isAbandoned, leave, leaveMoved, tryBoth } from "./channel-words";
import { classAt, classOf, giveBlock, giveRecord, taken, takeBlock, takeRecord } from "./heap";
import { answer, fire, isFenced, tryLock, unlock, wake } from "./lock";

/**
 * Closes, waking one waiter a call: AGAIN until none is left, then OK. `resume` goes on with a close begun before (by this thread, or by a dead one
 * whose intent the supervisor found). CLOSED if it already was, STALE if the channel is gone.
 */
export function close(channel: usize, gen: i32, slot: usize, epoch: i32, resume: i32): i32 {
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryBoth(channel)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  const send = indexOf(channel, L.CHANNEL_SEND_WORD);
  const recv = indexOf(channel, L.CHANNEL_RECV_WORD);
  const flags = load<u32>(channel, L.CHANNEL_FLAGS);
  let status = L.OK;
  if (load<i32>(channel, L.CHANNEL_GEN) != gen) status = L.STALE;
  else if (flags & L.FLAG_CLOSED && !resume) status = L.CLOSED;
  let woken: usize = 0;
  if (status == L.OK) {
    store<u32>(channel, flags | L.FLAG_CLOSED, L.CHANNEL_FLAGS);
    let node: usize = load<u32>(channel, L.CHANNEL_RECV_HEAD);
    if (!node) node = load<u32>(channel, L.CHANNEL_SEND_HEAD);
    if (node) {
      status = L.AGAIN;
      store<u32>(slot, <u32>channel, L.SLOT_INTENT);
      store<i32>(slot, gen, L.SLOT_INTENT_GEN);
      const op: usize = load<u32>(node, L.NODE_OP);
      if (isAbandoned(op)) drop(channel, node);
      else {
        const state = atomic.cmpxchg<i32>(op + L.OP_STATE, L.OP_WAITING, L.OP_LOCKED); // claims the waiter
        if (state == L.OP_WAITING) {
          woken = load<u32>(op, L.OP_SLOT);
          drop(channel, node);
          fire(op, woken, L.OP_FIRED + (load<i32>(node, L.NODE_KIND) << 1) + 1);
        } else if (state != L.OP_LOCKED) drop(channel, node);
      }
    }
  }
  if (status != L.AGAIN && load<u32>(slot, L.SLOT_INTENT) == <u32>channel) store<u32>(slot, 0, L.SLOT_INTENT);
  leave(channel, send, recv);
  unlock(slot + L.SLOT_LOCK);
  if (woken) wake(woken);
  return status;
}

/** A channel of `capacity` values of `stride` bytes (RING_BYTES_MAX at most, checked by the caller). Answers address and generation. */
export function chanMake(slot: usize, epoch: i32, capacity: u32, codec: u32, stride: u32): i32 {
  const records = classAt(L.KIND_CHANNEL);
  const slots: u32 = capacity > 1 ? 1 << (32 - clz<u32>(capacity - 1)) : capacity;
  const index = classOf(slots * stride + L.BLOCK_HEADER);
  const blocks = classAt(index);
  if (!tryLock(slot + L.SLOT_LOCK)) return L.BUSY;
  if (isFenced(slot, epoch)) {
    unlock(slot + L.SLOT_LOCK);
    return L.FENCED;
  }
  if (!tryLock(records + L.CLASS_LOCK)) {
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  if (!tryLock(blocks + L.CLASS_LOCK)) {
    unlock(records + L.CLASS_LOCK);
    unlock(slot + L.SLOT_LOCK);
    return L.BUSY;
  }
  let ring: usize = 0;
  let status = L.OK;
  if (slots) {
    status = takeBlock(index);
    ring = taken;
  }
  if (status == L.OK) {
    status = takeRecord(L.KIND_CHANNEL, L.CHANNEL_SIZE, L.CHANNEL_FREE_NEXT, L.CHUNK_RECORDS);
    if (status != L.OK && ring) giveBlock(ring);
  }
  if (status == L.OK) {
    // A freed record kept its words (equal indices) and its generation: late calls may be reading them this moment.
    store<u32>(taken, codec & L.CODEC_BLOCKS ? L.FLAG_BLOCKS : codec & L.CODEC_CELLS ? L.FLAG_CELLS : 0, L.CHANNEL_FLAGS);
    store<u32>(taken, capacity, L.CHANNEL_CAPACITY);
    store<u32>(taken, slots ? slots - 1 : 0, L.CHANNEL_MASK);
    store<u32>(taken, <u32>ring, L.CHANNEL_BUFFER);
    store<u32>(taken, codec, L.CHANNEL_CODEC);
    store<u32>(taken, 1, L.CHANNEL_LIVE);
    store<u32>(taken, <u32>slot, L.CHANNEL_MAKER);
    store<u32>(taken, stride, L.CHANNEL_STRIDE);
    store<u32>(taken, 0, L.CHANNEL_SEND_OWNER);
    store<u32>(taken, 0, L.CHANNEL_RECV_OWNER);
    answer(slot, taken);
    store<i32>(slot, load<i32>(taken, L.CHANNEL_GEN), L.SLOT_RESULT_GEN);
  }
  unlock(blocks + L.CLASS_LOCK);
  unlock(records + L.CLASS_LOCK);
  unlock(slot + L.SLOT_LOCK);
  return status;
}

/** Frees a channel that is closed, drained and has no waiter (`force`: values in it are dropped). REFUSED if it is not, STALE if it is gone already. */
export function chanFree(channel: usize, gen: i32, slot: usize, epoch: i32, force: i32): i32 {
  if (!tryBoth(channel)) return L.BUSY;
  const send = indexOf(channel, L.CHANNEL_SEND_WORD);
  const recv = indexOf(channel, L.CHANNEL_RECV_WORD);
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(channel, L.CHANNEL_GEN) != gen) status = L.STALE;
  else if ((load<u32>(channel, L.CHANNEL_FLAGS) & ~(L.FLAG_BLOCKS | L.FLAG_CELLS)) != L.FLAG_CLOSED || (send != recv && !force)) status = L.REFUSED;
  if (status != L.OK) {
    leave(channel, send, recv);
    return status;
  }
  const ring: usize = load<u32>(channel, L.CHANNEL_BUFFER);
  const records = classAt(L.KIND_CHANNEL);
  const blocks = ring ? classAt(load<u32>(ring, L.BLOCK_CLASS)) : 0;
  if (!tryLock(records + L.CLASS_LOCK)) {
    leave(channel, send, recv);
    return L.BUSY;
  }
  if (ring && !tryLock(blocks + L.CLASS_LOCK)) {
    unlock(records + L.CLASS_LOCK);
    leave(channel, send, recv);
    return L.BUSY;
  }
  store<i32>(channel, gen + 1, L.CHANNEL_GEN);
  store<u32>(channel, 0, L.CHANNEL_FLAGS);
  store<u32>(channel, 0, L.CHANNEL_LIVE);
  store<u32>(channel, 0, L.CHANNEL_BUFFER);
  if (ring) {
    giveBlock(ring);
    unlock(blocks + L.CLASS_LOCK);
  }
  if (gen + 1 < L.GENERATION_MAX) giveRecord(L.KIND_CHANNEL, channel, L.CHANNEL_FREE_NEXT);
  else store<u32>(records, load<u32>(records, L.CLASS_USED) - 1, L.CLASS_USED); // retired: its next generation would wrap
  unlock(records + L.CLASS_LOCK);
  leaveMoved(channel, send, send);
  return L.OK;
}

/** Declared one-to-one: makes `end` of this thread the one sender (or receiver). REFUSED while another end of a living thread is. */
export function chanClaim(channel: usize, gen: i32, slot: usize, epoch: i32, direction: i32, end: i32): i32 {
  if (!tryBoth(channel)) return L.BUSY;
  const send = indexOf(channel, L.CHANNEL_SEND_WORD);
  const recv = indexOf(channel, L.CHANNEL_RECV_WORD);
  const owner = channel + (direction ? L.CHANNEL_RECV_OWNER : L.CHANNEL_SEND_OWNER);
  const holder: usize = load<u32>(owner, L.OWNER_SLOT);
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(channel, L.CHANNEL_GEN) != gen) status = L.STALE;
  else if (
    holder &&
    atomic.load<i32>(holder, L.SLOT_EPOCH) == load<i32>(owner, L.OWNER_EPOCH) &&
    (holder != slot || load<i32>(owner, L.OWNER_END) != end)
  )
    status = L.REFUSED;
  else {
    store<u32>(owner, <u32>slot, L.OWNER_SLOT);
    store<i32>(owner, epoch, L.OWNER_EPOCH);
    store<i32>(owner, end, L.OWNER_END);
  }
  leave(channel, send, recv);
  return status;
}
