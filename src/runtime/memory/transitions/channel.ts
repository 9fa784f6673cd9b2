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
//   4. In a channel of blocks a waiting sender's block is still its own; whoever moves the value moves the block in the same call: out of the sender's
//      private list, into the ring (no owner) or into the receiver's list.
//   5. In a channel of cells a waiting node names the private cell its value comes from or goes to; whoever completes it copies the cell in the same
//      call, before it fires it. The memory of that cell outlives the node's place in the queue: the sweep unlinks before it frees.
//   6. Waiters are served strictly in order; a value goes from sender to waiting receiver directly, past no one.
// Ordering  the word's store publishes slot and index; the peer's load of the word observes them. leave() frees the send word before the recv
//          word: a receiver must not see "empty" while a waiting sender's value moves in.
// Crash    after any call the structure is whole. Linked nodes of a dead operation are dropped by whoever meets them (AGAIN) and by the sweep;
//          a close cut between two calls goes on from SLOT_INTENT.
// Source   Go's runtime/chan.go for the semantics (direct hand-off, close, rendezvous).

import * as L from "../layout";
import { drop, indexOf, isAbandoned, leave, leaveMoved, lengthBetween, link, ringSlot, strideSlot, tryBoth } from "./channel-words";
import { disown, own } from "./heap";
import { fire, isFenced, tryLock, unlock, wake } from "./lock";

/** The locks of one or two slots' private lists, or none of them. */
// @ts-ignore: decorator
@inline function tryLists(slot: usize, other: usize): bool {
  if (!tryLock(slot + L.SLOT_LOCK)) return false;
  if (!other || other == slot || tryLock(other + L.SLOT_LOCK)) return true;
  unlock(slot + L.SLOT_LOCK);
  return false;
}

// @ts-ignore: decorator
@inline function leaveLists(slot: usize, other: usize): void {
  if (other && other != slot) unlock(other + L.SLOT_LOCK);
  unlock(slot + L.SLOT_LOCK);
}

/** Where the value of a sending node lies. */
// @ts-ignore: decorator
@inline function sourceOf(node: usize, cells: bool): usize {
  return cells ? load<u32>(node, L.NODE_VALUE) : node + L.NODE_VALUE;
}

/** Where a receiving node wants its value. */
// @ts-ignore: decorator
@inline function targetOf(node: usize, op: usize, cells: bool): usize {
  return cells ? load<u32>(node, L.NODE_VALUE) : op + L.OP_VALUE;
}

// @ts-ignore: decorator
@inline function copyValue(target: usize, source: usize, cells: bool, stride: u32): void {
  if (cells) memory.copy(target, source, stride);
  else store<f64>(target, load<f64>(source));
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
 * A send takes its value from the node, a receive leaves it in OP_VALUE; a cell is copied from or to where NODE_VALUE points.
 * OK · CLOSED · BLOCK · PARKED (linked) · FIRED (VISIBLE: a peer was faster) · AGAIN (a stale waiter was dropped) · BUSY · FENCED ·
 * REFUSED (a block that is not the caller's own)
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

  const otherSlot: usize = peer ? load<u32>(other, L.OP_SLOT) : 0;

  // Blocks move between private lists: both slots' locks, or neither. Not for a stale handle: what it sends may be no block.
  const lists = ready && !stale && (load<u32>(channel, L.CHANNEL_FLAGS) & L.FLAG_BLOCKS) != 0;
  if (lists) {
    if (!tryLists(slot, otherSlot)) {
      leave(channel, send, recv);
      return L.BUSY;
    }
    if (sending && load<u32>(load<u32>(node, L.NODE_VALUE), L.BLOCK_OWNER) != <u32>slot) {
      leaveLists(slot, otherSlot);
      leave(channel, send, recv);
      return L.REFUSED;
    }
  }
  if (mode & L.VISIBLE) {
    const state = atomic.cmpxchg<i32>(op + L.OP_STATE, L.OP_WAITING, L.OP_LOCKED); // claims ourselves: no peer may complete another case
    if (state != L.OP_WAITING) {
      if (lists) leaveLists(slot, otherSlot);
      leave(channel, send, recv);
      return state == L.OP_LOCKED ? L.BUSY : L.FIRED;
    }
  }
  if (peer && atomic.cmpxchg<i32>(other + L.OP_STATE, L.OP_WAITING, L.OP_LOCKED) != L.OP_WAITING) {
    if (mode & L.VISIBLE) atomic.store<i32>(op, L.OP_WAITING, L.OP_STATE);
    if (lists) leaveLists(slot, otherSlot);
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
  const cells = (load<u32>(channel, L.CHANNEL_FLAGS) & L.FLAG_CELLS) != 0;
  const stride = load<u32>(channel, L.CHANNEL_STRIDE);
  let status = L.OK;
  if (sending) {
    if (closed) status = L.CLOSED;
    else {
      if (lists) disown(slot, load<u32>(node, L.NODE_VALUE));
      if (peer) {
        copyValue(targetOf(peer, other, cells), sourceOf(node, cells), cells, stride);
        if (lists) own(otherSlot, load<u32>(node, L.NODE_VALUE));
      } else {
        copyValue(strideSlot(channel, send, stride), sourceOf(node, cells), cells, stride);
        send += 2;
      }
    }
  } else if (!stale && length) {
    copyValue(targetOf(node, op, cells), strideSlot(channel, recv, stride), cells, stride);
    if (lists) own(slot, load<u32>(op, L.OP_VALUE));
    recv += 2;
    if (peer) {
      if (lists) disown(otherSlot, load<u32>(peer, L.NODE_VALUE));
      copyValue(strideSlot(channel, send, stride), sourceOf(peer, cells), cells, stride);
      send += 2;
    }
  } else if (peer) {
    copyValue(targetOf(node, op, cells), sourceOf(peer, cells), cells, stride);
    if (lists) {
      disown(otherSlot, load<u32>(op, L.OP_VALUE));
      own(slot, load<u32>(op, L.OP_VALUE));
    }
  } else {
    status = L.CLOSED;
  }
  if (lists) leaveLists(slot, otherSlot);
  if (mode & L.VISIBLE) atomic.store<i32>(op, L.OP_DONE, L.OP_STATE);
  if (!peer) {
    leaveMoved(channel, send, recv);
    return status;
  }
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
