// A program is data: channels, and for every thread its tasks, each a list of operations done one after another. And the notation for writing them.
// Sync primitives are operations and notation of their own: program-sync.ts.

import type { SyncOf } from "../support/sync-oracle.ts";
import type { SyncOperation } from "./program-sync.ts";

export type Door = "sync" | "async";

/** What else may end a wait. */
export type Ends = "timeout" | "abort" | undefined;

export type CaseOf = { readonly channel: number; readonly send?: number };

export interface Waits {
  readonly door: Door;
  readonly ends: Ends;
  /** The context that ends it. */
  readonly ctx?: number;
}

export type Operation = ChannelOperation | SyncOperation;

export type ChannelOperation =
  | ({ readonly do: "send"; readonly channel: number; readonly value: number } & Waits)
  | ({ readonly do: "recv"; readonly channel: number; readonly untilEnd: boolean } & Waits)
  | { readonly do: "trySend"; readonly channel: number; readonly value: number }
  | { readonly do: "tryRecv"; readonly channel: number }
  | { readonly do: "close"; readonly channel: number }
  | { readonly do: "cancel"; readonly ctx: number }
  | ({ readonly do: "select"; readonly cases: readonly CaseOf[] } & Waits)
  | { readonly do: "trySelect"; readonly cases: readonly CaseOf[] }
  | ({ readonly do: "sendMany"; readonly channel: number; readonly values: readonly number[] } & Waits)
  | ({ readonly do: "recvMany"; readonly channel: number; readonly max: number } & Waits);

export interface ChannelOf {
  readonly capacity: number;
  /** Values travel as blocks (utf8) instead of words (f64). */
  readonly isBlocks?: boolean;
  readonly isOneToOne?: boolean;
  /** Where its indices begin, to cross their wrap. */
  readonly startIndex?: number;
}

export type TaskOf = readonly Operation[];

export interface Program {
  readonly name: string;
  readonly channels: readonly ChannelOf[];
  /** Contexts that can be cancelled; each may hang below an earlier one. */
  readonly contexts?: readonly { readonly parent?: number }[];
  readonly syncs?: readonly SyncOf[];
  /** Threads of tasks; a task with sync doors has its thread to itself. */
  readonly threads: readonly (readonly TaskOf[])[];
}

/** A task of a program, counted through all threads. */
export interface Place {
  readonly thread: number;
  readonly operations: TaskOf;
}

/** The tasks by number. Thread 0 is the supervising one; the program's own begin at 1. */
export function tasksOf(program: Program): Place[] {
  return program.threads.flatMap((tasks, index) => tasks.map((operations) => ({ thread: index + 1, operations })));
}

// ── Notation: send(0, 1).sync, recv(0).async … by a last argument ──
export type Way = Door | "timeout" | "abort" | "sync-timeout" | { readonly door: Door; readonly ctx: number };

export function waits(way: Way): Waits {
  if (typeof way === "object") return { ...way, ends: undefined };
  const ends = way === "abort" ? "abort" : way.endsWith("timeout") ? "timeout" : undefined;
  return { door: way.startsWith("sync") ? "sync" : "async", ends };
}

export const within = (ctx: number, door: Door = "async"): Way => ({ ctx, door });

export const send = (channel: number, value: number, way: Way = "async"): Operation => ({ do: "send", channel, value, ...waits(way) });
export const recv = (channel: number, way: Way = "async"): Operation => ({ do: "recv", channel, untilEnd: false, ...waits(way) });
/** recv again and again, until the channel is closed and drained. */
export const recvAll = (channel: number, way: Way = "async"): Operation => ({ do: "recv", channel, untilEnd: true, ...waits(way) });
export const trySend = (channel: number, value: number): Operation => ({ do: "trySend", channel, value });
export const tryRecv = (channel: number): Operation => ({ do: "tryRecv", channel });
export const close = (channel: number): Operation => ({ do: "close", channel });
export const cancel = (ctx: number): Operation => ({ do: "cancel", ctx });
export const select = (cases: readonly CaseOf[], way: Way = "async"): Operation => ({ do: "select", cases, ...waits(way) });
export const trySelect = (...cases: CaseOf[]): Operation => ({ do: "trySelect", cases });
export const sendMany = (channel: number, values: readonly number[], way: Way = "async"): Operation => ({
  do: "sendMany",
  channel,
  values,
  ...waits(way),
});
export const recvMany = (channel: number, max: number, way: Way = "async"): Operation => ({ do: "recvMany", channel, max, ...waits(way) });
/** Cases of a select. */
export const out = (channel: number, value: number): CaseOf => ({ channel, send: value });
export const into = (channel: number): CaseOf => ({ channel });
