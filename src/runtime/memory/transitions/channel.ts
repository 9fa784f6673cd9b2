// Channels: a ring with one lock-and-index word per side, two queues of waiters, direct hand-off.
//
// Memory   line 0 read-mostly (generation, flags, ring) │ line 1 send word │ line 2 recv word │ line 3 queues and owners
//          word = index << 1 | lock. A send publishes its value, its index and the lock's release in one store.
// States   open → closed (close) → drained → freed (chanFree; the generation moves on, a late call sees "closed")
// Invariants
//   1. Fast path: one word, and only while flags = 0, so no waiter and not closed. Flags, generation, queues change with both words held,
//      which excludes every fast sender and receiver: no re-check after registering is needed.
//   2. A queue holds at most one node of an operation, and receivers and senders that could serve each other never wait at once.
//   3. An operation is claimed by WAITING → LOCKED on its own state; whoever claims it fires it in the same call.
//   4. Waiters are served strictly in order; a value goes from sender to waiting receiver directly, past no one.
// Ordering  the word's store publishes slot and index; the peer's load of the word observes them. leave() frees the send word before the recv
//          word: a receiver must not see "empty" while a waiting sender's value moves in.
// Crash    after any call the structure is whole. Linked nodes of a dead operation are dropped by whoever meets them (AGAIN) and by the sweep;
//          a close cut between two calls goes on from SLOT_INTENT.
// Source   Go's runtime/chan.go for the semantics (direct hand-off, close, rendezvous).

import * as L from "../layout";
import { classAt, classOf, giveBlock, giveRecord, taken, takeBlock, takeRecord } from "./heap";
import { answer, fire, isFenced, tryLock, unlock, wake } from "./lock";

// @ts-ignore: decorator
@inline function tryWord(channel: usize, word: u32): bool {
  const w = atomic.load<i32>(channel + word);
  return !(w & 1) && atomic.cmpxchg<i32>(channel + word, w, w | 1) == w; // claims the side
}

/** The index << 1 of a word the caller holds or observes. */
// @ts-ignore: decorator
@inline function indexOf(channel: usize, word: u32): i32 {
  return atomic.load<i32>(channel + word) & -2;
}

// @ts-ignore: decorator
@inline function lengthBetween(send: i32, recv: i32): u32 {
  return u32(send - recv) >>> 1; // wraps with the indices
}

// @ts-ignore: decorator
@inline function ringSlot(channel: usize, index: i32): usize {
  return load<u32>(channel, L.CHANNEL_BUFFER) + L.BLOCK_HEADER + ((u32(index) >>> 1) & load<u32>(channel, L.CHANNEL_MASK)) * 8;
}

/** Both words, or neither. */
// @ts-ignore: decorator
@inline function tryBoth(channel: usize): bool {
  if (!tryWord(channel, L.CHANNEL_SEND_WORD)) return false;
  if (tryWord(channel, L.CHANNEL_RECV_WORD)) return true;
  atomic.store<i32>(channel + L.CHANNEL_SEND_WORD, indexOf(channel, L.CHANNEL_SEND_WORD));
  return false;
}

/** Releases both words with their new indices, the send word first (see Ordering). */
// @ts-ignore: decorator
@inline function leave(channel: usize, send: i32, recv: i32): void {
  atomic.store<i32>(channel + L.CHANNEL_SEND_WORD, send);
  atomic.store<i32>(channel + L.CHANNEL_RECV_WORD, recv);
}

/** Releases both words after indices moved; both sides' views of each other are made exact, so they never lie outside [recvIndex, sendIndex]. */
// @ts-ignore: decorator
@inline function leaveMoved(channel: usize, send: i32, recv: i32): void {
  store<i32>(channel, recv, L.CHANNEL_RECV_SEEN);
  store<i32>(channel, send, L.CHANNEL_SEND_SEEN);
  leave(channel, send, recv);
}

// @ts-ignore: decorator
@inline function headOf(kind: u32): u32 {
  return kind & 1 ? L.CHANNEL_RECV_HEAD : L.CHANNEL_SEND_HEAD; // the tail is the next word
}

/** Appends a node to its own direction's queue. Both words held. */
// @ts-ignore: decorator
@inline function link(channel: usize, node: usize): void {
  const kind = load<u32>(node, L.NODE_KIND);
  const head = channel + headOf(kind);
  const last: usize = load<u32>(head + 4);
  store<u32>(node, <u32>last, L.NODE_PREV);
  store<u32>(node, 0, L.NODE_NEXT);
  store<u32>(node, <u32>channel, L.NODE_CHANNEL);
  if (last) store<u32>(last, <u32>node, L.NODE_NEXT);
  else store<u32>(head, <u32>node);
  store<u32>(head + 4, <u32>node);
  store<u32>(channel, load<u32>(channel, L.CHANNEL_FLAGS) | (kind & 1 ? L.FLAG_RECEIVERS : L.FLAG_SENDERS), L.CHANNEL_FLAGS);
}

/** Takes a node out of its queue, wherever it stands. Both words held. */
// @ts-ignore: decorator
@inline function drop(channel: usize, node: usize): void {
  const kind = load<u32>(node, L.NODE_KIND);
  const head = channel + headOf(kind);
  const before: usize = load<u32>(node, L.NODE_PREV);
  const after: usize = load<u32>(node, L.NODE_NEXT);
  if (before) store<u32>(before, <u32>after, L.NODE_NEXT);
  else store<u32>(head, <u32>after);
  if (after) store<u32>(after, <u32>before, L.NODE_PREV);
  else store<u32>(head + 4, <u32>before);
  store<u32>(node, 0, L.NODE_CHANNEL);
  if (!load<u32>(head)) store<u32>(channel, load<u32>(channel, L.CHANNEL_FLAGS) & ~(kind & 1 ? L.FLAG_RECEIVERS : L.FLAG_SENDERS), L.CHANNEL_FLAGS);
}

/** The operation's own thread is gone or fenced: nobody will ever take what it is given. */
// @ts-ignore: decorator
@inline function isAbandoned(op: usize): bool {
  return atomic.load<i32>(load<u32>(op, L.OP_SLOT), L.SLOT_EPOCH) != load<i32>(op, L.OP_EPOCH);
}

/** Fast send: OK, BLOCK (full), SLOW (waiters, closed or rendezvous), CLOSED (stale handle), BUSY, FENCED. */
export function trySend(channel: usize, gen: i32, slot: usize, epoch: i32, value: f64): i32 {
  const word = atomic.load<i32>(channel, L.CHANNEL_SEND_WORD);
  if (word & 1) return L.BUSY;
  if (atomic.cmpxchg<i32>(channel + L.CHANNEL_SEND_WORD, word, word | 1) != word) return L.BUSY; // claims the senders' side
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(channel, L.CHANNEL_GEN) != gen) status = L.CLOSED;
  else if (load<u32>(channel, L.CHANNEL_FLAGS)) status = L.SLOW;
  else {
    const capacity = load<u32>(channel, L.CHANNEL_CAPACITY);
    if (lengthBetween(word, load<i32>(channel, L.CHANNEL_RECV_SEEN)) >= capacity) {
      const recv = indexOf(channel, L.CHANNEL_RECV_WORD); // observes the slots receivers have freed
      store<i32>(channel, recv, L.CHANNEL_RECV_SEEN);
      if (lengthBetween(word, recv) >= capacity) status = capacity ? L.BLOCK : L.SLOW;
    }
  }
  if (status != L.OK) {
    atomic.store<i32>(channel, word, L.CHANNEL_SEND_WORD);
    return status;
  }
  store<f64>(ringSlot(channel, word), value);
  atomic.store<i32>(channel, word + 2, L.CHANNEL_SEND_WORD); // publishes the value and frees the side
  return L.OK;
}

/** Fast receive, the mirror of trySend; the value is left in SLOT_VALUE. */
export function tryRecv(channel: usize, gen: i32, slot: usize, epoch: i32): i32 {
  const word = atomic.load<i32>(channel, L.CHANNEL_RECV_WORD);
  if (word & 1) return L.BUSY;
  if (atomic.cmpxchg<i32>(channel + L.CHANNEL_RECV_WORD, word, word | 1) != word) return L.BUSY; // claims the receivers' side
  let status = L.OK;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(channel, L.CHANNEL_GEN) != gen) status = L.CLOSED;
  else if (load<u32>(channel, L.CHANNEL_FLAGS)) status = L.SLOW;
  else if (load<i32>(channel, L.CHANNEL_SEND_SEEN) == word) {
    const send = indexOf(channel, L.CHANNEL_SEND_WORD); // observes the values senders have published
    store<i32>(channel, send, L.CHANNEL_SEND_SEEN);
    if (send == word) status = load<u32>(channel, L.CHANNEL_CAPACITY) ? L.BLOCK : L.SLOW;
  }
  if (status != L.OK) {
    atomic.store<i32>(channel, word, L.CHANNEL_RECV_WORD);
    return status;
  }
  store<f64>(slot, load<f64>(ringSlot(channel, word)), L.SLOT_VALUE);
  atomic.store<i32>(channel, word + 2, L.CHANNEL_RECV_WORD); // frees the ring slot and the side
  return L.OK;
}

/**
 * One case of an operation, with both words held: complete it, or link it (LINK), or say that it would wait.
 * A send takes its value from the node; a receive leaves it in OP_VALUE.
 * OK · CLOSED · BLOCK · PARKED (linked) · FIRED (VISIBLE: a peer was faster) · AGAIN (a stale waiter was dropped) · BUSY · FENCED
 */
export function chanOp(channel: usize, gen: i32, slot: usize, epoch: i32, node: usize, mode: i32): i32 {
  if (!tryBoth(channel)) return L.BUSY;
  let send = indexOf(channel, L.CHANNEL_SEND_WORD);
  let recv = indexOf(channel, L.CHANNEL_RECV_WORD);
  if (isFenced(slot, epoch)) {
    leave(channel, send, recv);
    return L.FENCED;
  }
  const op: usize = load<u32>(node, L.NODE_OP);
  const sending = !(load<u32>(node, L.NODE_KIND) & 1);
  const stale = load<i32>(channel, L.CHANNEL_GEN) != gen;
  const closed = stale || (load<u32>(channel, L.CHANNEL_FLAGS) & L.FLAG_CLOSED) != 0;

  // The head of the opposite queue, unless it is another case of this same operation.
  let peer: usize = 0;
  if (!closed) {
    peer = load<u32>(channel + (sending ? L.CHANNEL_RECV_HEAD : L.CHANNEL_SEND_HEAD));
    if (peer && load<u32>(peer, L.NODE_OP) == <u32>op) peer = load<u32>(peer, L.NODE_NEXT);
  }
  const other: usize = peer ? load<u32>(peer, L.NODE_OP) : 0;
  if (peer) {
    const state = atomic.load<i32>(other, L.OP_STATE);
    if (state == L.OP_LOCKED) {
      leave(channel, send, recv);
      return L.BUSY;
    }
    if (state != L.OP_WAITING || isAbandoned(other)) {
      drop(channel, peer);
      leave(channel, send, recv);
      return L.AGAIN;
    }
  }

  const length = lengthBetween(send, recv);
  const capacity = load<u32>(channel, L.CHANNEL_CAPACITY);
  const ready = closed || peer != 0 || (sending ? length < capacity : length != 0);

  if (mode & L.VISIBLE) {
    const state = atomic.cmpxchg<i32>(op + L.OP_STATE, L.OP_WAITING, L.OP_LOCKED); // claims ourselves: no peer may complete another case
    if (state != L.OP_WAITING) {
      leave(channel, send, recv);
      return state == L.OP_LOCKED ? L.BUSY : L.FIRED;
    }
  }
  if (peer && atomic.cmpxchg<i32>(other + L.OP_STATE, L.OP_WAITING, L.OP_LOCKED) != L.OP_WAITING) {
    if (mode & L.VISIBLE) atomic.store<i32>(op, L.OP_WAITING, L.OP_STATE);
    leave(channel, send, recv);
    return L.BUSY;
  }
  if (!ready) {
    if (mode & L.LINK) {
      link(channel, node);
      atomic.store<i32>(op, L.OP_WAITING, L.OP_STATE); // visible to peers once the words are free
    } else if (mode & L.VISIBLE) {
      atomic.store<i32>(op, L.OP_WAITING, L.OP_STATE);
    }
    leave(channel, send, recv);
    return mode & L.LINK ? L.PARKED : L.BLOCK;
  }

  // From here on nothing can fail.
  let status = L.OK;
  if (sending) {
    if (closed) status = L.CLOSED;
    else if (peer) store<f64>(other, load<f64>(node, L.NODE_VALUE), L.OP_VALUE);
    else {
      store<f64>(ringSlot(channel, send), load<f64>(node, L.NODE_VALUE));
      send += 2;
    }
  } else if (!stale && length) {
    store<f64>(op, load<f64>(ringSlot(channel, recv)), L.OP_VALUE);
    recv += 2;
    if (peer) {
      store<f64>(ringSlot(channel, send), load<f64>(peer, L.NODE_VALUE));
      send += 2;
    }
  } else if (peer) {
    store<f64>(op, load<f64>(peer, L.NODE_VALUE), L.OP_VALUE);
  } else {
    status = L.CLOSED;
  }
  if (mode & L.VISIBLE) atomic.store<i32>(op, L.OP_DONE, L.OP_STATE);
  if (!peer) {
    leaveMoved(channel, send, recv);
    return status;
  }
  const otherSlot: usize = load<u32>(other, L.OP_SLOT);
  drop(channel, peer);
  fire(other, otherSlot, L.OP_FIRED + (load<i32>(peer, L.NODE_KIND) << 1));
  leaveMoved(channel, send, recv);
  wake(otherSlot);
  return status;
}

/** Takes a node out of its channel's queue, if it is still there. OK, BUSY, FENCED (only its own thread's; the supervisor passes its own slot). */
export function unlink(channel: usize, slot: usize, epoch: i32, node: usize): i32 {
  if (!tryBoth(channel)) return L.BUSY;
  const send = indexOf(channel, L.CHANNEL_SEND_WORD);
  const recv = indexOf(channel, L.CHANNEL_RECV_WORD);
  let status = L.FENCED;
  if (!isFenced(slot, epoch)) {
    if (load<u32>(node, L.NODE_CHANNEL) == <u32>channel) drop(channel, node);
    status = L.OK;
  }
  leave(channel, send, recv);
  return status;
}

/** Takes an operation back from its peers: OK (nobody completed it), FIRED (somebody did), BUSY (somebody is about to), NONE (it was not waiting). */
export function cancel(op: usize): i32 {
  const state = atomic.cmpxchg<i32>(op + L.OP_STATE, L.OP_WAITING, L.OP_CANCELLED); // claims it against every peer
  if (state == L.OP_WAITING) return L.OK;
  if (state == L.OP_LOCKED) return L.BUSY;
  return state >= L.OP_FIRED ? L.FIRED : L.NONE;
}

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

/** A channel of `capacity` (0 … CAPACITY_MAX, checked by the caller) values of 8 bytes. Answers address and generation. */
export function chanMake(slot: usize, epoch: i32, capacity: u32, codec: u32): i32 {
  const records = classAt(L.KIND_CHANNEL);
  const slots: u32 = capacity > 1 ? 1 << (32 - clz<u32>(capacity - 1)) : capacity;
  const index = classOf(slots * 8 + L.BLOCK_HEADER);
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
    store<u32>(taken, 0, L.CHANNEL_FLAGS);
    store<u32>(taken, capacity, L.CHANNEL_CAPACITY);
    store<u32>(taken, slots ? slots - 1 : 0, L.CHANNEL_MASK);
    store<u32>(taken, <u32>ring, L.CHANNEL_BUFFER);
    store<u32>(taken, codec, L.CHANNEL_CODEC);
    store<u32>(taken, 1, L.CHANNEL_LIVE);
    store<u32>(taken, <u32>slot, L.CHANNEL_MAKER);
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
  else if (load<u32>(channel, L.CHANNEL_FLAGS) != L.FLAG_CLOSED || (send != recv && !force)) status = L.REFUSED;
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
