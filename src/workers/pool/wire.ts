// What crosses between a pool and its threads.
//
//   inbox    messages of calls, as message.ts writes them       host → thread
//   answers  one cell a call, in the order they were claimed    thread → host
//   values   what does not fit into a cell, in the same order; each is sent before its cell

import { f64, type Receiver, type Sender, type StructValue, struct, u32 } from "../../runtime/channel/index.ts";
import type { AtomicInt } from "../../runtime/sync/index.ts";

const fields = { ticket: u32, kind: u32, value: f64, ranMs: f64 };

export const answer = struct(fields);
export type Answer = StructValue<typeof fields>;

// What an answer's kind says of its value.
export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
export const NUMBER = 4;
/** The next of the values is the result. */
export const VALUE = 5;
/** The next of the values is the error. */
export const ERROR = 6;
/** It failed, and the heap has no room for its error. */
export const NO_ROOM = 7;
/** No call's: the thread is set up; `value` is Node's id of it. */
export const READY = 8;
/** No call's: bytes of JavaScript heap the thread uses. */
export const HEAP = 9;

/** Calls a thread has and has not answered, at most. */
export const MOST_AHEAD = 128;
/** Room for every answer there can be, so that a thread never waits to give one. */
export const ANSWERS = 2 * MOST_AHEAD;

/** A function and what it is called with. */
export interface NamedCall {
  readonly url: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What a thread of a pool is told at its start. */
export interface Place {
  readonly url: string;
  readonly inbox: Receiver<Uint8Array>;
  readonly answers: Sender<Answer>;
  readonly values: Sender<Uint8Array>;
  readonly claims: AtomicInt;
  readonly setUp: NamedCall | undefined;
  readonly tearDown: NamedCall | undefined;
  readonly warmUp: readonly NamedCall[];
  readonly warmUpRounds: number;
  /** How often it says how much heap it uses, in milliseconds; Infinity for never. */
  readonly heapEveryMs: number;
}
