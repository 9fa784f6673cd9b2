// Bulk doors: many words or cells in one call, a copy or two between private memory and the ring; and the fast path of a single cell.
// Memory, states and invariants: channel.ts.

import * as L from "../layout";
import { indexOf, lengthBetween, strideSlot } from "./channel-words";
import { answer, isFenced } from "./lock";

/** The bytes of the ring from the slot of `index` to its end, in slots. */
// @ts-ignore: decorator
@inline function untilEnd(channel: usize, index: i32): u32 {
  const mask = load<u32>(channel, L.CHANNEL_MASK);
  return mask + 1 - ((u32(index) >>> 1) & mask);
}

/** Free slots. Whoever releases both words frees the send word first: until the other follows, a sender may count more values than there is room for. */
// @ts-ignore: decorator
@inline function roomFor(capacity: u32, length: u32): u32 {
  return length < capacity ? capacity - length : 0;
}

/** Copies `count` values between private memory and the ring, around its end: two copies at most. */
// @ts-ignore: decorator
@inline function copyIn(channel: usize, index: i32, source: usize, count: u32): void {
  const stride = load<u32>(channel, L.CHANNEL_STRIDE);
  const first = min<u32>(count, untilEnd(channel, index));
  memory.copy(strideSlot(channel, index, stride), source, first * stride);
  if (first < count) memory.copy(strideSlot(channel, 0, stride), source + first * stride, (count - first) * stride);
}

// @ts-ignore: decorator
@inline function copyOut(channel: usize, index: i32, target: usize, count: u32): void {
  const stride = load<u32>(channel, L.CHANNEL_STRIDE);
  const first = min<u32>(count, untilEnd(channel, index));
  memory.copy(target, strideSlot(channel, index, stride), first * stride);
  if (first < count) memory.copy(target + first * stride, strideSlot(channel, 0, stride), (count - first) * stride);
}

/** Sends as many of `count` values at `source` (private memory) as there is room for, at least one; answers how many. Otherwise as trySend. */
export function trySendMany(channel: usize, gen: i32, slot: usize, epoch: i32, source: usize, count: u32): i32 {
  const word = atomic.load<i32>(channel, L.CHANNEL_SEND_WORD);
  if (word & 1) return L.BUSY;
  if (atomic.cmpxchg<i32>(channel + L.CHANNEL_SEND_WORD, word, word | 1) != word) return L.BUSY; // claims the senders' side
  let status = L.OK;
  let room: u32 = 0;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(channel, L.CHANNEL_GEN) != gen) status = L.CLOSED;
  else if (load<u32>(channel, L.CHANNEL_FLAGS) & ~L.FLAG_CELLS) status = L.SLOW;
  else {
    const capacity = load<u32>(channel, L.CHANNEL_CAPACITY);
    room = roomFor(capacity, lengthBetween(word, load<i32>(channel, L.CHANNEL_RECV_SEEN)));
    if (room < count) {
      const recv = indexOf(channel, L.CHANNEL_RECV_WORD); // observes the slots receivers have freed
      store<i32>(channel, recv, L.CHANNEL_RECV_SEEN);
      room = roomFor(capacity, lengthBetween(word, recv));
      if (!room) status = capacity ? L.BLOCK : L.SLOW;
    }
  }
  if (status != L.OK) {
    atomic.store<i32>(channel, word, L.CHANNEL_SEND_WORD);
    return status;
  }
  const sent = min<u32>(room, count);
  copyIn(channel, word, source, sent);
  answer(slot, sent);
  atomic.store<i32>(channel, word + i32(sent << 1), L.CHANNEL_SEND_WORD); // publishes the values and frees the side
  return L.OK;
}

/** Receives as many of `count` values into `target` (private memory) as there are, at least one; answers how many. Otherwise as tryRecv. */
export function tryRecvMany(channel: usize, gen: i32, slot: usize, epoch: i32, target: usize, count: u32): i32 {
  const word = atomic.load<i32>(channel, L.CHANNEL_RECV_WORD);
  if (word & 1) return L.BUSY;
  if (atomic.cmpxchg<i32>(channel + L.CHANNEL_RECV_WORD, word, word | 1) != word) return L.BUSY; // claims the receivers' side
  let status = L.OK;
  let length: u32 = 0;
  if (isFenced(slot, epoch)) status = L.FENCED;
  else if (load<i32>(channel, L.CHANNEL_GEN) != gen) status = L.CLOSED;
  else if (load<u32>(channel, L.CHANNEL_FLAGS) & ~L.FLAG_CELLS) status = L.SLOW;
  else {
    length = lengthBetween(load<i32>(channel, L.CHANNEL_SEND_SEEN), word);
    if (length < count) {
      const send = indexOf(channel, L.CHANNEL_SEND_WORD); // observes the values senders have published
      store<i32>(channel, send, L.CHANNEL_SEND_SEEN);
      length = lengthBetween(send, word);
      if (!length) status = load<u32>(channel, L.CHANNEL_CAPACITY) ? L.BLOCK : L.SLOW;
    }
  }
  if (status != L.OK) {
    atomic.store<i32>(channel, word, L.CHANNEL_RECV_WORD);
    return status;
  }
  const received = min<u32>(length, count);
  copyOut(channel, word, target, received);
  answer(slot, received);
  atomic.store<i32>(channel, word + i32(received << 1), L.CHANNEL_RECV_WORD); // frees the ring slots and the side
  return L.OK;
}
