// Where the judge stands in a history: the state of the plain channels and sync primitives, and what each task is about.

import type { ChannelOracle } from "../support/channel-oracle.ts";
import type { SyncOracle } from "../support/sync-oracle.ts";
import { isSyncMove, type Move } from "./moves.ts";

export interface Doing {
  readonly moves: readonly Move[];
  /** It blocks its thread. */
  readonly isSync: boolean;
  done: number;
  /** Cases it waits in, as bits; at a sync primitive 1. */
  waits: number;
  /** Of a try: the cases found not ready so far, as bits. */
  unready: number;
}

export interface State {
  at: number;
  readonly oracle: ChannelOracle;
  readonly syncs: SyncOracle;
  readonly doing: Map<number, Doing>;
  /** Threads that take no further step. */
  readonly dead: Set<number>;
  /** Threads whose calls change nothing any more. */
  readonly retired: Set<number>;
  /** Threads that have exited: what they held may return. */
  readonly gone: Set<number>;
}

export function copyOf({ at, oracle, syncs, doing, dead, retired, gone }: State): State {
  const copies = new Map([...doing].map(([task, one]) => [task, { ...one }]));
  const [ends, fenced, exits] = [new Set(dead), new Set(retired), new Set(gone)];
  return { at, oracle: oracle.copy(), syncs: syncs.copy(), doing: copies, dead: ends, retired: fenced, gone: exits };
}

export function keyOf({ at, oracle, syncs, doing }: State): string {
  const tasks = [...doing].map(([task, one]) => `${task}:${one.done}.${one.waits}.${one.unready}`).join(" ");
  return `${at} ${oracle.key} ${syncs.key} ${tasks}`;
}

export function advance(doing: Doing): void {
  doing.done++;
  doing.waits = 0;
}

export const isUnknown = ({ expect }: Move): boolean => expect === "any";

/** It waits, in all of its cases, and nothing that may end it has come about. */
export function isAsleep({ syncs, oracle }: State, task: number, { moves, done, waits }: Doing): boolean {
  const move = moves[done];
  if (move === undefined) return false;
  if (!isSyncMove(move)) return waits !== 0 && waits === (1 << move.cases.length) - 1;
  if (move.step !== "ask" && move.step !== "collect") return false;
  return syncs.isWaiting(task, move.sync) && !move.ends.some((channel) => oracle.isClosed(channel));
}
