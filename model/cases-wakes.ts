// Cases of the wake: whoever wakes a thread has looked at how it sleeps, and in between the thread is woken by another and sleeps the other way.

import * as L from "../src/runtime/memory/layout.ts";
import { BLOCK, cancelTask, go, looping, plan, probe, recv, send, work } from "./notation.ts";
import type { Instruction, ModelCase, ThreadPlan } from "./program.ts";

const idle = probe("taskTake", ["slot", "epoch", "light", L.TAKE_OR_IDLE], L.NONE);
const leave = probe("taskTake", ["slot", "epoch", "light", L.LEAVE_IDLE], L.NONE);

/** Sleeps in Atomics.wait, then in its event loop, once for each of two values from channel 0. */
const bothSleeps: Instruction[] = [recv(0, BLOCK), recv(0)];
const bothValues: Instruction[] = [send(0, 1), send(0, 2)];

const changes = (name: string, ...threads: ThreadPlan[]): ModelCase => ({
  name: `the other sleep: ${name}`,
  channels: [0, 2],
  maySleep: true,
  threads,
});

export const WAKE_CASES: ModelCase[] = [
  changes("a joiner", looping(go(0), ...bothSleeps), plan(...bothValues), plan(work())),
  changes("a joiner, and nobody works", looping(go(0), ...bothSleeps), plan(...bothValues), plan(cancelTask(0))),
  changes("an idle thread, for a task", looping(idle, send(1, 3), ...bothSleeps, leave), plan(...bothValues), plan(recv(1), go(0))),
  changes(
    "an idle thread, for a task that another leaves",
    looping(idle, send(1, 3), ...bothSleeps, leave),
    plan(recv(1), recv(1), go(0), ...bothValues),
    plan(idle, send(1, 4), leave),
  ),
];
