// A channel's two lock-and-index words, its ring slots and its queues of waiters: what every transition on channels is made of. All inline.

import * as L from "../layout";

// @ts-ignore: decorator
@inline export function tryWord(channel: usize, word: u32): bool {
  const w = atomic.load<i32>(channel + word);
  return !(w & 1) && atomic.cmpxchg<i32>(channel + word, w, w | 1) == w; // claims the side
}

/** The index << 1 of a word the caller holds or observes. */
// @ts-ignore: decorator
@inline export function indexOf(channel: usize, word: u32): i32 {
  return atomic.load<i32>(channel + word) & -2;
}

// @ts-ignore: decorator
@inline export function lengthBetween(send: i32, recv: i32): u32 {
  return u32(send - recv) >>> 1; // wraps with the indices
}

// @ts-ignore: decorator
@inline export function ringSlot(channel: usize, index: i32): usize {
  return load<u32>(channel, L.CHANNEL_BUFFER) + L.BLOCK_HEADER + ((u32(index) >>> 1) & load<u32>(channel, L.CHANNEL_MASK)) * 8;
}

/** The same of a channel of words, blocks or cells. */
// @ts-ignore: decorator
@inline export function strideSlot(channel: usize, index: i32, stride: u32): usize {
  return load<u32>(channel, L.CHANNEL_BUFFER) + L.BLOCK_HEADER + ((u32(index) >>> 1) & load<u32>(channel, L.CHANNEL_MASK)) * stride;
}

/** Both words, or neither. */
// @ts-ignore: decorator
@inline export function tryBoth(channel: usize): bool {
  if (!tryWord(channel, L.CHANNEL_SEND_WORD)) return false;
  if (tryWord(channel, L.CHANNEL_RECV_WORD)) return true;
  atomic.store<i32>(channel + L.CHANNEL_SEND_WORD, indexOf(channel, L.CHANNEL_SEND_WORD));
  return false;
}

/** Releases both words with their new indices, the send word first (see Ordering). */
// @ts-ignore: decorator
@inline export function leave(channel: usize, send: i32, recv: i32): void {
  atomic.store<i32>(channel + L.CHANNEL_SEND_WORD, send);
  atomic.store<i32>(channel + L.CHANNEL_RECV_WORD, recv);
}

/** Releases both words after indices moved; both sides' views of each other are made exact, so they never lie outside [recvIndex, sendIndex]. */
// @ts-ignore: decorator
@inline export function leaveMoved(channel: usize, send: i32, recv: i32): void {
  store<i32>(channel, recv, L.CHANNEL_RECV_SEEN);
  store<i32>(channel, send, L.CHANNEL_SEND_SEEN);
  leave(channel, send, recv);
}

// @ts-ignore: decorator
@inline export function headOf(kind: u32): u32 {
  return kind & 1 ? L.CHANNEL_RECV_HEAD : L.CHANNEL_SEND_HEAD; // the tail is the next word
}

/** Appends a node to its own direction's queue. Both words held. */
// @ts-ignore: decorator
@inline export function link(channel: usize, node: usize): void {
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
@inline export function drop(channel: usize, node: usize): void {
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
@inline export function isAbandoned(op: usize): bool {
  return atomic.load<i32>(load<u32>(op, L.OP_SLOT), L.SLOT_EPOCH) != load<i32>(op, L.OP_EPOCH);
}
