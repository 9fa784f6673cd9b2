// Cases made for one moment each, small enough to be gone through to their ends: mutants that show there alone are tried on these last.

import * as L from "../src/runtime/memory/layout.ts";
import {
  alloc,
  BLOCK,
  cancelTask,
  close,
  free,
  go,
  looping,
  make,
  out,
  plan,
  probe,
  recv,
  release,
  select,
  send,
  work,
} from "./notation.ts";
import type { Instruction, ModelCase, ThreadPlan } from "./program.ts";

const idle = probe("taskTake", ["slot", "epoch", "light", L.TAKE_OR_IDLE], L.NONE);
const leave = probe("taskTake", ["slot", "epoch", "light", L.LEAVE_IDLE], L.NONE);

/** Sleeps in Atomics.wait, then in its event loop, once for each of two values from channel 0. */
const bothSleeps: Instruction[] = [recv(0, BLOCK), recv(0)];
const bothValues: Instruction[] = [send(0, 1), send(0, 2)];

/** Whoever wakes a thread has looked at how it sleeps; in between the thread is woken by another, and sleeps the other way. */
const changes = (name: string, ...threads: ThreadPlan[]): ModelCase => ({
  name: `the other sleep: ${name}`,
  channels: [0, 2],
  maySleep: true,
  threads,
});

export const NARROW_CASES: ModelCase[] = [
  changes("a joiner", looping(go(0), ...bothSleeps), plan(...bothValues), plan(work())),
  changes("a joiner, and nobody works", looping(go(0), ...bothSleeps), plan(...bothValues), plan(cancelTask(0))),
  changes(
    "a receiver, for a close",
    looping(recv(1, { started: true }), recv(0, BLOCK), { do: "await" }, recv(1)),
    plan(send(1, 1), send(1, 2)),
    plan(close(0)),
  ),
  changes(
    "a receiver, for a value",
    looping(recv(1, { started: true }), recv(0, BLOCK), { do: "await" }, recv(1)),
    plan(send(1, 1), send(1, 2)),
    plan(send(0, 3)),
  ),
  changes("an idle thread, for a task", looping(idle, send(1, 3), ...bothSleeps, leave), plan(...bothValues), plan(recv(1), go(0))),
  changes(
    "an idle thread, for a task that another leaves",
    looping(idle, send(1, 3), ...bothSleeps, leave),
    plan(recv(1), recv(1), go(0), ...bothValues),
    plan(idle, send(1, 4), leave),
  ),
  {
    name: "a waiting send of a block from the middle of its list",
    channels: [1, 0],
    blocks: [0, 1],
    threads: [plan(alloc(0, 8), send(0, 1), select([out(0, 2), out(1, 3)]), release(0)), plan(recv(0), recv(0))],
  },
  {
    name: "a block from the middle of its list, from hand to hand",
    channels: [0, 0],
    blocks: [0, 1],
    threads: [plan(alloc(0, 8), select([out(0, 1), out(1, 2)]), release(0)), plan(alloc(1, 8), recv(0), release(1))],
  },
  { name: "alone: a chunk of operations", channels: [], threads: [plan(probe("opChunk", ["slot", "epoch"], L.OK))] },
  {
    name: "a closer of a channel of a later generation, and two waiters",
    channels: [0, 2],
    threads: [plan(close(0), free(0), make(2, 0), send(1, 1), send(1, 2), close(2)), plan(recv(1), recv(2)), plan(recv(1), recv(2))],
  },
];
