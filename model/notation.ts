// Short words for writing cases.

import { RECEIVING, SENDING } from "../src/runtime/memory/layout.ts";
import type { Instruction, ProbeArgument, SelectCase, ThreadPlan } from "./program.ts";

type Op = Extract<Instruction, { do: "op" }>;
function op(cases: SelectCase[], more: Partial<Op>): Op {
  return { do: "op", cases, fast: cases.length === 1, try: false, timer: false, started: false, ...more };
}

export const out = (channel: number, value: number): SelectCase => ({ channel, direction: SENDING, value });
export const into = (channel: number): SelectCase => ({ channel, direction: RECEIVING });
export const send = (channel: number, value: number, more: Partial<Op> = {}) => op([out(channel, value)], more);
export const recv = (channel: number, more: Partial<Op> = {}) => op([into(channel)], more);
export const trySend = (channel: number, value: number) => send(channel, value, { try: true });
export const tryRecv = (channel: number) => recv(channel, { try: true });
export const select = (cases: SelectCase[], more: Partial<Op> = {}) => op(cases, more);
/** Waits in Atomics.wait although its thread has an event loop. */
export const BLOCK = { block: true };
/** The operation may give up while it waits. */
export const TIMER = { timer: true };

export const sendMany = (channel: number, ...values: number[]): Instruction => ({
  do: "sendMany",
  channel,
  values,
  try: false,
  timer: false,
});
export const recvMany = (channel: number, count: number): Instruction => ({ do: "recvMany", channel, count, try: false, timer: false });
/** Instructions of a bulk operation that give up: at once, or when a timer fires. */
export const trying = (instruction: Instruction): Instruction => ({ ...instruction, try: true }) as Instruction;
export const timed = (instruction: Instruction): Instruction => ({ ...instruction, timer: true }) as Instruction;

export const sendForeign = (channel: number, place: number): Instruction => ({ do: "sendForeign", channel, place });
export const close = (channel: number): Instruction => ({ do: "close", channel });
export const free = (channel: number, force = false): Instruction => ({ do: "free", channel, force });
export const make = (channel: number, capacity: number): Instruction => ({ do: "make", channel, capacity });
export const schema = (text: number, beside = false): Instruction => ({ do: "schema", text, beside });
export const claim = (channel: number, direction: number, end: number): Instruction => ({ do: "claim", channel, direction, end });
export const alloc = (place: number, bytes: number): Instruction => ({ do: "alloc", place, bytes });
export const release = (place: number): Instruction => ({ do: "release", place });
export const reserve = (count: number): Instruction => ({ do: "reserve", count });
export const go = (task: number, dedicated = false): Instruction => ({ do: "go", task, dedicated });
export const goBeside = (task: number, beside: number): Instruction => ({ do: "go", task, dedicated: false, beside });
export const join = (task: number): Instruction => ({ do: "join", task });
export const cancelTask = (task: number): Instruction => ({ do: "cancelTask", task });
export const workBadly: Instruction = { do: "work", dedicated: false, result: true, misuse: true };
export const workBeside: Instruction = { do: "work", dedicated: false, result: true, beside: true };
export const work = (result = false, dedicated = false): Instruction => ({ do: "work", dedicated, result });

export const probe = (call: string, args: (ProbeArgument | number)[], ...expect: number[]): Instruction => ({
  do: "probe",
  call,
  with: args,
  expect,
});

export const plan = (...program: Instruction[]): ThreadPlan => ({ program });
export const looping = (...program: Instruction[]): ThreadPlan => ({ program, async: true });
