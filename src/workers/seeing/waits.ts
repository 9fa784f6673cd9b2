// Who waits on what, and who holds what: one walk through the operations of every thread.

import type { SharedHeap } from "../../runtime/memory/heap.ts";
import * as L from "../../runtime/memory/layout.ts";
import * as S from "../../runtime/memory/layout-seeing.ts";
import { channelName, leasedName, syncName } from "./naming.ts";
import { operations, slots, textOf, threadIdOf } from "./reading.ts";

/** The number of a case that stands for the end of a context (operation/guard.ts). */
const GUARD_CASE = 0xf_ffff;

/** One thing that can end a wait. */
interface WaitOn {
  readonly record: number;
  readonly isSync: boolean;
  readonly node: number;
  /** "receive from channel 3", "lock mutex 8", "take from leased queue 5". */
  readonly text: string;
}

export interface Wait {
  readonly slot: number;
  readonly op: number;
  readonly threadId: number;
  /** It blocks its thread; else a promise waits. */
  readonly isBlocking: boolean;
  readonly on: readonly WaitOn[];
  /** The end of a context ends it, too. */
  readonly hasContext: boolean;
  /** BY_PEERS, BY_ITSELF or IN_BACKGROUND. */
  readonly end: number;
  /** Milliseconds since the epoch; 0 for a wait that begins at this moment. */
  readonly since: number;
  readonly where: string | undefined;
}

export interface Hold {
  readonly slot: number;
  readonly record: number;
  readonly weight: number;
}

export interface Waits {
  readonly waits: readonly Wait[];
  readonly holds: readonly Hold[];
}

export function readWaits(heap: SharedHeap): Waits {
  const { u32 } = heap;
  const nodesOf = new Map<number, number[]>();
  const holds: Hold[] = [];
  for (const slot of slots(heap)) {
    for (const op of operations(heap, slot)) {
      const node = op + L.OP_NODE;
      const record = u32[(node + L.NODE_SYNC) >> 2]!;
      if (record !== 0 && u32[(node + L.NODE_HELD) >> 2] === 1) {
        holds.push({ slot, record, weight: u32[(node + L.NODE_WEIGHT) >> 2]! });
      } else if (record !== 0 || u32[(node + L.NODE_CHANNEL) >> 2] !== 0 || u32[(node + L.NODE_LEASED) >> 2] !== 0) {
        const primary = u32[(node + L.NODE_OP) >> 2]!; // several nodes of one operation are a select
        const nodes = nodesOf.get(primary);
        if (nodes) nodes.push(node);
        else nodesOf.set(primary, [node]);
      }
    }
  }
  const waits: Wait[] = [];
  for (const [op, nodes] of nodesOf) {
    if (Atomics.load(heap.i32, (op + L.OP_STATE) >> 2) === L.OP_WAITING) waits.push(waitOf(heap, op, nodes));
  }
  return { waits, holds };
}

function waitOf(heap: SharedHeap, op: number, nodes: readonly number[]): Wait {
  const { u32, f64 } = heap;
  const slot = u32[(op + L.OP_SLOT) >> 2]!;
  const guards = nodes.filter((node) => u32[(node + L.NODE_KIND) >> 2]! >>> 1 === GUARD_CASE);
  return {
    slot,
    op,
    threadId: threadIdOf(heap, slot),
    isBlocking: u32[(slot + S.SLOT_BLOCKED_OP) >> 2] === op,
    on: nodes.filter((node) => !guards.includes(node)).map((node) => waitsOn(heap, node)),
    hasContext: guards.length > 0,
    end: u32[(op + S.OP_END) >> 2]!,
    since: f64[(op + S.OP_SINCE) >> 3]!,
    where: textOf(heap, u32[(op + S.OP_WHERE) >> 2]!),
  };
}

function waitsOn(heap: SharedHeap, node: number): WaitOn {
  const { u32 } = heap;
  const sync = u32[(node + L.NODE_SYNC) >> 2]!;
  if (sync !== 0) return { record: sync, isSync: true, node, text: `${verbOf(heap, sync)} ${syncName(heap, sync)}` };
  const isReceiving = (u32[(node + L.NODE_KIND) >> 2]! & 1) === L.RECEIVING;
  const leased = u32[(node + L.NODE_LEASED) >> 2]!;
  if (leased !== 0) {
    return { record: leased, isSync: false, node, text: `${isReceiving ? "take from" : "send to"} ${leasedName(heap, leased)}` };
  }
  const channel = u32[(node + L.NODE_CHANNEL) >> 2]!;
  const verb = isReceiving ? "receive from" : "send to";
  return { record: channel, isSync: false, node, text: `${verb} ${channelName(heap, channel)}` };
}

function verbOf({ u32 }: SharedHeap, sync: number): string {
  switch (u32[(sync + L.SYNC_POLICY) >> 2]) {
    case L.SYNC_LOCKING:
      return "lock";
    case L.SYNC_SEMAPHORE:
      return "acquire";
    default:
      return "get past";
  }
}
