// Which waits can never end, as far as the heap alone can tell for certain.
//
//   a cycle      threads blocked without timeout or context at a lock or semaphore, all of whose holders, and all who stand before them, are among them
//   all asleep   no thread runs or is about to; each is blocked without end, or idle without a wait that ends by itself, a timer, or anything else that
//                could wake its event loop (quiet.ts finds that out on the thread itself, watch.ts on the supervising one)
//
// Why that is certain: a blocked thread runs nothing at all, its other tasks, timers and I/O included. A guard belongs to the thread that took it, so
// only that thread can give the lock back. What is read of several threads one after another counts only if SLOT_PARKS of each is the same when it is
// read again later: then all of them slept at every moment in between, and whoever could have woken one was asleep itself.
// Not found: tasks of one thread that wait for each other while another task of it, or any other thread, may still run.

import type { SharedHeap } from "../../runtime/memory/heap.ts";
import * as L from "../../runtime/memory/layout.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";
import { slots } from "./reading.ts";
import type { Wait, Waits } from "./waits.ts";

/** The waits of a cycle, and whoever waits for it; none if there is none. */
export function findCycle(heap: SharedHeap, { waits, holds }: Waits): Wait[] {
  const stuck = new Map<number, Wait>();
  for (const wait of waits) if (isBlockedAtLock(heap, wait)) stuck.set(wait.slot, wait);
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    for (const [slot, { on }] of stuck) {
      const { record, node } = on[0]!;
      const holders = holds.filter((hold) => hold.record === record).map((hold) => hold.slot);
      const others = [...holders, ...slotsBefore(heap, node)];
      if (holders.length === 0 || others.some((other) => !stuck.has(other))) stuck.delete(slot);
    }
  }
  return [...stuck.values()];
}

function isBlockedAtLock(heap: SharedHeap, wait: Wait): boolean {
  const { u32 } = heap;
  const only = wait.on[0];
  if (!isBlockedForGood(heap, wait) || wait.hasContext || wait.on.length !== 1 || !only?.isSync) return false;
  const policy = u32[(only.record + L.SYNC_POLICY) >> 2];
  return (policy === L.SYNC_LOCKING || policy === L.SYNC_SEMAPHORE) && u32[(only.record + L.SYNC_FLAGS) >> 2] === 0;
}

function isBlockedForGood(heap: SharedHeap, { slot, isBlocking, end }: Wait): boolean {
  return isBlocking && end === S.BY_PEERS && isAlive(heap, slot) && parkOf(heap, slot) === L.PARK_BLOCKED && hasNothingReady(heap, slot);
}

/** The threads that stand before a node in its queue. */
function slotsBefore({ u32 }: SharedHeap, node: number): number[] {
  const before: number[] = [];
  for (let one = u32[(node + L.NODE_PREV) >> 2]!; one !== 0 && before.length < L.SLOT_COUNT; one = u32[(one + L.NODE_PREV) >> 2]!) {
    before.push(u32[(u32[(one + L.NODE_OP) >> 2]! + L.OP_SLOT) >> 2]!);
  }
  return before;
}

export interface Asleep {
  /** Equal for two looks: nobody has moved in between. */
  readonly key: string;
  /** Idle threads that have not yet found out whether anything could wake their event loop. */
  readonly unsure: readonly number[];
}

/** Undefined: somebody runs, or may go on by itself. `own`: the slot of the thread that looks, which is awake just to do that. */
export function findAsleep(heap: SharedHeap, { waits }: Waits, own: number): Asleep | undefined {
  const { u32 } = heap;
  const key: number[] = [];
  const unsure: number[] = [];
  for (const slot of slots(heap)) {
    if (!isAlive(heap, slot) || !hasNothingReady(heap, slot)) return undefined;
    const park = parkOf(heap, slot);
    const parks = u32[(slot + S.SLOT_PARKS) >> 2]!;
    const ofSlot = waits.filter((wait) => wait.slot === slot);
    if (park === L.PARK_BLOCKED) {
      if (!ofSlot.some((wait) => isBlockedForGood(heap, wait))) return undefined;
    } else {
      if (park !== L.PARK_IDLE) return undefined;
      if (ofSlot.some((wait) => wait.end === S.BY_ITSELF)) return undefined;
      if (slot !== own && u32[(slot + S.SLOT_QUIET) >> 2] !== parks) unsure.push(slot);
    }
    key.push(slot, parks);
  }
  return { key: key.join(), unsure };
}

/** A key of the same kind for some threads. */
export function keyOf(heap: SharedHeap, waits: readonly Wait[]): string {
  return waits.map(({ slot, op }) => [slot, heap.u32[(slot + S.SLOT_PARKS) >> 2], op].join()).join(";");
}

function isAlive({ i32 }: SharedHeap, slot: number): boolean {
  return Atomics.load(i32, (slot + L.SLOT_STATE) >> 2) === L.SLOT_LIVE;
}

function parkOf({ i32 }: SharedHeap, slot: number): number {
  return Atomics.load(i32, (slot + L.SLOT_PARK) >> 2);
}

function hasNothingReady({ i32 }: SharedHeap, slot: number): boolean {
  return Atomics.load(i32, (slot + L.SLOT_READY) >> 2) === 0;
}
