// What a modelled thread can be told to do, and what a case of the model is: programs of a few operations on several threads, and the faults
// that may strike them.

import type { RECEIVING, SENDING } from "../src/runtime/memory/layout.ts";
import type { LeaseInstruction, QueuePlan } from "./program-lease.ts";
import type { SyncInstruction, SyncPlan } from "./program-sync.ts";

/** One case of a select; `value` names what a send case sends (1 … 15, each used once in a case of the model). */
export interface SelectCase {
  channel: number;
  direction: typeof SENDING | typeof RECEIVING;
  value?: number;
}

export type Instruction =
  | LeaseInstruction
  | SyncInstruction
  /** send, recv, select and their try forms: one algorithm. `fast`: the one-sided path first. `block`: in Atomics.wait even on a looping thread. */
  | { do: "op"; cases: SelectCase[]; fast: boolean; try: boolean; timer: boolean; started: boolean; block?: boolean }
  /** Waits for the operation begun by an `op` with `started`. */
  | { do: "await" }
  /** Many values with one call between private memory and the ring, and one at a time where that would wait. `try`: gives up there instead. */
  | { do: "sendMany"; channel: number; values: number[]; try: boolean; timer: boolean }
  | { do: "recvMany"; channel: number; count: number; try: boolean; timer: boolean }
  /** Tries to send the block another thread has allocated: refused, whatever state the channel is in. */
  | { do: "sendForeign"; channel: number; place: number }
  | { do: "close"; channel: number }
  | { do: "free"; channel: number; force: boolean }
  | { do: "make"; channel: number; capacity: number }
  /** Looks for a description in the table of schemas and adds it if it is new. `beside`: with a block allocated after it. */
  | { do: "schema"; text: number; beside?: boolean }
  | { do: "claim"; channel: number; direction: number; end: number }
  | { do: "alloc"; bytes: number; place: number }
  | { do: "release"; place: number }
  | { do: "reserve"; count: number }
  /** `beside`: a block allocated after the payload, so that the payload leaves the middle of its list. */
  | { do: "go"; task: number; dedicated: boolean; beside?: number }
  | { do: "join"; task: number }
  | { do: "cancelTask"; task: number }
  /** A call that must be answered so, whatever else happens: misuse, and calls on what is gone. Arguments by name, see probe.ts. */
  | { do: "probe"; call: string; with: (ProbeArgument | number)[]; expect: number[] }
  /**
   * Takes and runs tasks for ever, asleep in the idle list between them. `misuse`: first tries to finish with a block that is not its own. `beside`: a
   * block allocated after the result, so that the result leaves the middle of its list.
   */
  | { do: "work"; dedicated: boolean; result: boolean; misuse?: boolean; beside?: boolean };

export type ProbeArgument =
  | "slot"
  | "epoch"
  | "channel"
  | "generation"
  | "block"
  | "freed block"
  | "task"
  | "task generation"
  | "unused task"
  | "light"
  | "dedicated"
  | "other slot"
  | "other epoch"
  | "op";

/** What an instruction may send. */
export function sendCases(instruction: Instruction): SelectCase[] {
  if (instruction.do === "op") return instruction.cases.filter(({ direction }) => direction === 0);
  if (instruction.do !== "sendMany") return [];
  return instruction.values.map((value) => ({ channel: instruction.channel, direction: 0, value }));
}

/** The channels an instruction sends to or receives from. */
export function channelsOf(instruction: Instruction): number[] {
  if (instruction.do === "op") return instruction.cases.map(({ channel }) => channel);
  return instruction.do === "sendMany" || instruction.do === "recvMany" ? [instruction.channel] : [];
}

export interface ThreadPlan {
  program: Instruction[];
  /** Waits in the event loop (park 2) instead of in Atomics.wait (park 1). */
  async?: boolean;
  /** Begins only when the supervisor has swept a dead thread, in that thread's slot. */
  replacement?: boolean;
}

export interface ModelCase {
  name: string;
  /** Capacities of the channels that exist at the start. */
  channels: number[];
  /** Which channels, of these and of those made later, carry blocks. */
  blocks?: number[];
  /** Sync records that exist at the start. */
  syncs?: SyncPlan[];
  /** Leased queues that exist at the start, and behind them those made later. */
  queues?: QueuePlan[];
  /** And which carry cells of two words. */
  cells?: number[];
  threads: ThreadPlan[];
  /** Most tasks admitted to the dedicated queue; 0: no limit. */
  limit?: number;
  /** So many descriptions stand in the table of schemas at the start. */
  schemas?: number;
  /** Room in bytes beyond what the setup used, for cases about a full heap. */
  room?: number;
  /** Some thread may stay asleep for ever, legitimately (nobody serves it). Default: all must be able to finish. */
  maySleep?: boolean;
  /** Where the channels' indices begin, as words: for wrap-around. */
  startIndex?: number;
  /** The supervisor has private blocks of its own, and tries misuse when it fails a task. */
  isCrowded?: boolean;
  /** The first chunk of channels and of tasks has one record left. */
  aged?: boolean;
  /** What it asks is right only while nobody dies: not run with faults. */
  faultless?: boolean;
}

export interface Faults {
  deaths: number;
  fences: number;
}
export const NO_FAULTS: Faults = { deaths: 0, fences: 0 };
