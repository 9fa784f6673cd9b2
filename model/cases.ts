// The cases of the model.

import { RECEIVING, SENDING } from "../src/runtime/memory/layout.ts";
import type { Instruction, ModelCase, SelectCase, ThreadPlan } from "./program.ts";

type Op = Extract<Instruction, { do: "op" }>;
const op = (cases: SelectCase[], more: Partial<Op> = {}): Op => ({
  do: "op",
  cases,
  fast: cases.length === 1,
  try: false,
  timer: false,
  started: false,
  ...more,
});
export const out = (channel: number, value: number): SelectCase => ({ channel, direction: SENDING, value });
export const into = (channel: number): SelectCase => ({ channel, direction: RECEIVING });
export const send = (channel: number, value: number, more: Partial<Op> = {}) => op([out(channel, value)], more);
export const recv = (channel: number, more: Partial<Op> = {}) => op([into(channel)], more);
export const trySend = (channel: number, value: number) => send(channel, value, { try: true });
export const tryRecv = (channel: number) => recv(channel, { try: true });
export const select = (cases: SelectCase[], more: Partial<Op> = {}) => op(cases, more);
export const close = (channel: number): Instruction => ({ do: "close", channel });
export const free = (channel: number, force = false): Instruction => ({ do: "free", channel, force });
export const make = (channel: number, capacity: number): Instruction => ({ do: "make", channel, capacity });
export const plan = (...program: Instruction[]): ThreadPlan => ({ program });
export const looping = (...program: Instruction[]): ThreadPlan => ({ program, async: true });
const TIMER = { timer: true };

function queues(): ModelCase[] {
  const cases: ModelCase[] = [];
  for (const capacity of [0, 1, 2, 3]) {
    const name = (text: string) => `${text}, capacity ${capacity}`;
    cases.push(
      { name: name("1 × 1 × 2"), channels: [capacity], threads: [plan(send(0, 1), send(0, 2)), plan(recv(0), recv(0))] },
      {
        name: name("2 × 2 × 2"),
        channels: [capacity],
        threads: [plan(send(0, 1), send(0, 2)), plan(send(0, 3), send(0, 4)), plan(recv(0), recv(0)), plan(recv(0), recv(0))],
      },
    );
  }
  return cases;
}

export const CASES: ModelCase[] = [...queues()];
export { op, TIMER };
