// A sync record's queue, and the one step that serves it: what every transition on sync records is made of. The record's lock is held. All inline.

import * as L from "../layout";
import { isAbandoned } from "./channel-words";
import { fire } from "./lock";

// @ts-ignore: decorator
@inline export function policyOf(record: usize): u32 {
  return load<u32>(record, L.SYNC_POLICY);
}

/** Nobody with this wish will be served any more: the record is closed, or abandoned and the wish is not to recover it. */
// @ts-ignore: decorator
@inline export function isRefused(record: usize, wish: u32): bool {
  const flags = load<u32>(record, L.SYNC_FLAGS);
  return flags != 0 && (flags != L.SYNC_ABANDONED || !(wish & L.SYNC_RECOVERS));
}

/** What was asked for becomes the node's, if its wish is to take it. */
// @ts-ignore: decorator
@inline export function grant(record: usize, node: usize): void {
  const wish = load<u32>(node, L.NODE_WISH);
  if (wish & L.SYNC_RECOVERS) store<u32>(record, load<u32>(record, L.SYNC_FLAGS) & ~L.SYNC_ABANDONED, L.SYNC_FLAGS);
  if (!(wish & L.SYNC_TAKES)) return;
  store<u32>(record, load<u32>(record, L.SYNC_FREE) - load<u32>(node, L.NODE_WEIGHT), L.SYNC_FREE);
  store<u32>(record, load<u32>(record, L.SYNC_HOLDS) + 1, L.SYNC_HOLDS);
  store<u32>(node, <u32>record, L.NODE_SYNC);
  store<u32>(node, 1, L.NODE_HELD);
}

/** Appends a node to the queue. */
// @ts-ignore: decorator
@inline export function enqueue(record: usize, node: usize): void {
  const last: usize = load<u32>(record, L.SYNC_TAIL);
  store<u32>(node, <u32>last, L.NODE_PREV);
  store<u32>(node, 0, L.NODE_NEXT);
  store<u32>(node, <u32>record, L.NODE_SYNC);
  store<u32>(node, load<u32>(record, L.SYNC_PHASE), L.NODE_PHASE);
  if (last) store<u32>(last, <u32>node, L.NODE_NEXT);
  else store<u32>(record, <u32>node, L.SYNC_HEAD);
  store<u32>(record, <u32>node, L.SYNC_TAIL);
}

/** Takes a node out of the queue, wherever it stands. */
// @ts-ignore: decorator
@inline export function dequeue(record: usize, node: usize): void {
  const before: usize = load<u32>(node, L.NODE_PREV);
  const after: usize = load<u32>(node, L.NODE_NEXT);
  if (before) store<u32>(before, <u32>after, L.NODE_NEXT);
  else store<u32>(record, <u32>after, L.SYNC_HEAD);
  if (after) store<u32>(after, <u32>before, L.NODE_PREV);
  else store<u32>(record, <u32>before, L.SYNC_TAIL);
  store<u32>(node, 0, L.NODE_SYNC);
}

/** A node that leaves the queue unserved takes back what its waiting had taken; a death among those who gather is told to the others. */
// @ts-ignore: decorator
@inline export function withdraw(record: usize, node: usize): void {
  dequeue(record, node);
  if (policyOf(record) != L.SYNC_GATHERING || load<u32>(node, L.NODE_PHASE) != load<u32>(record, L.SYNC_PHASE)) return;
  store<u32>(record, load<u32>(record, L.SYNC_FREE) + 1, L.SYNC_FREE);
  if (isAbandoned(load<u32>(node, L.NODE_OP))) store<u32>(record, load<u32>(record, L.SYNC_FLAGS) | L.SYNC_ABANDONED, L.SYNC_FLAGS);
}

/** The oldest waiter need not wait any longer. */
// @ts-ignore: decorator
@inline export function isServable(record: usize): bool {
  const node: usize = load<u32>(record, L.SYNC_HEAD);
  if (!node) return false;
  return (
    load<u32>(node, L.NODE_PHASE) != load<u32>(record, L.SYNC_PHASE) ||
    load<u32>(node, L.NODE_WEIGHT) <= load<u32>(record, L.SYNC_FREE) ||
    isRefused(record, load<u32>(node, L.NODE_WISH))
  );
}

/** Serves the oldest waiter if it need not wait any longer: fired, or dropped if nobody waits with it any more. Answers the slot to wake, or 0. */
// @ts-ignore: decorator
@inline export function serve(record: usize): usize {
  if (!isServable(record)) return 0;
  const node: usize = load<u32>(record, L.SYNC_HEAD);
  const op: usize = load<u32>(node, L.NODE_OP);
  const state = isAbandoned(op) ? L.OP_CANCELLED : atomic.cmpxchg<i32>(op + L.OP_STATE, L.OP_WAITING, L.OP_LOCKED); // claims the waiter
  if (state != L.OP_WAITING) {
    if (state != L.OP_LOCKED) withdraw(record, node); // else another call has it in hand for a moment: the caller comes again
    return 0;
  }
  const slot: usize = load<u32>(op, L.OP_SLOT);
  const refused = isRefused(record, load<u32>(node, L.NODE_WISH));
  if (refused) withdraw(record, node);
  else {
    dequeue(record, node);
    if (load<u32>(node, L.NODE_PHASE) == load<u32>(record, L.SYNC_PHASE)) grant(record, node);
  }
  fire(op, slot, L.OP_FIRED + (load<i32>(node, L.NODE_KIND) << 1) + i32(refused));
  return slot;
}

/** What the caller has to do after a step: AGAIN (somebody else can be served), CLOSED (closed, and nobody waits or holds: to be freed), OK. */
// @ts-ignore: decorator
@inline export function settled(record: usize): i32 {
  if (!load<u32>(record, L.SYNC_HEAD)) {
    const policy = policyOf(record);
    if (policy == L.SYNC_SIGNALLING) store<u32>(record, 0, L.SYNC_FREE); // a signal for nobody
    else if (policy == L.SYNC_GATHERING) store<u32>(record, load<u32>(record, L.SYNC_FLAGS) & ~L.SYNC_ABANDONED, L.SYNC_FLAGS); // all were told
    return load<u32>(record, L.SYNC_FLAGS) & L.SYNC_CLOSED && !load<u32>(record, L.SYNC_HOLDS) ? L.CLOSED : L.OK;
  }
  return isServable(record) ? L.AGAIN : L.OK;
}
