// Calls that are misuse, or that come too late: they must be refused with the right answer, and change nothing that the other checks would see.

import * as L from "../src/runtime/memory/layout.ts";
import { LAST_FREED } from "./history-words.ts";
import { isRefused } from "./instructions.ts";
import { indexOf } from "./interpreter.ts";
import type { Instruction, ProbeArgument } from "./program.ts";
import { begins, finish } from "./run.ts";
import { step, type Thread } from "./thread.ts";

type Probe = Extract<Instruction, { do: "probe" }>;

function resolve(t: Thread, name: ProbeArgument | number): number {
  if (typeof name === "number") return name;
  const other = t.history.threads[(t.index + 1) % t.history.threads.length]!;
  switch (name) {
    case "slot":
      return t.slot;
    case "epoch":
      return t.epoch;
    case "channel":
      return t.history.channel(0);
    case "generation":
      return t.history.generation(0);
    case "block":
      return t.history.block(0);
    case "freed block":
      return t.history.block(LAST_FREED);
    case "task":
      return t.history.task(0);
    case "task generation":
      return t.history.taskGeneration(0);
    case "unused task":
      return t.history.task(0) + 8 * L.TASK_SIZE;
    case "light":
      return L.QUEUE_LIGHT_AT;
    case "dedicated":
      return L.QUEUE_DEDICATED_AT;
    case "other slot":
      return other.slot;
    case "other epoch":
      return other.epoch;
    case "op":
      return t.ops;
  }
}

const probing = step("probe", (t) => {
  const { call, with: names } = t.instruction as Probe;
  const [a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0] = names.map((name) => resolve(t, name));
  t.call(indexOf(call), probed, a0, a1, a2, a3, a4);
});
const probed = step("probed", (t, status) => {
  if (isRefused(t, status, probing)) return;
  const { call, expect } = t.instruction as Probe;
  if (!expect.includes(status)) t.fail(`${call} answered ${status} and should have answered ${expect.join(" or ")}`);
  finish(t);
});
begins("probe", probing);
