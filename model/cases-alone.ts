// One thread by itself: few states, every fault everywhere. They show what a call leaves behind when it is refused, and what misuse is answered.

import * as L from "../src/runtime/memory/layout.ts";
import {
  alloc,
  cancelTask,
  claim,
  close,
  free,
  go,
  goBeside,
  into,
  join,
  make,
  out,
  plan,
  probe,
  recv,
  release,
  reserve,
  schema,
  select,
  send,
  TIMER,
  tryRecv,
  trySend,
  work,
  workBadly,
} from "./notation.ts";
import type { Instruction, ModelCase } from "./program.ts";

const alone = (name: string, channels: number[], program: Instruction[], limit = 0): ModelCase => ({
  name: `alone: ${name}`,
  channels,
  threads: [plan(...program)],
  limit,
});

const calls: ModelCase[] = [
  alone("send and receive", [2], [trySend(0, 1), trySend(0, 2), trySend(0, 3), tryRecv(0), recv(0), tryRecv(0)]),
  alone("wait and give up", [0], [send(0, 1, TIMER), recv(0, TIMER), trySend(0, 2), tryRecv(0)]),
  alone(
    "select",
    [0, 1],
    [
      select([into(0), out(1, 1)]),
      select([into(0), into(1)]),
      select([into(0), into(1)], TIMER),
      select([into(0), into(1)], { try: true }),
    ],
  ),
  alone(
    "close and drain",
    [2],
    [send(0, 1), send(0, 2), close(0), close(0), recv(0), send(0, 3), recv(0), recv(0), free(0), free(0), recv(0), send(0, 4), close(0)],
  ),
  alone("close a rendezvous", [0], [close(0), recv(0), send(0, 1), free(0)]),
  alone("free what is not closed", [1], [free(0), send(0, 1), free(0, true), close(0), free(0), free(0, true)]),
  alone("claim", [1], [claim(0, 0, 1), claim(0, 1, 1), claim(0, 0, 1), close(0), free(0), claim(0, 0, 1)]),
  alone("make", [], [make(0, 1), make(1, 0), make(2, 3), send(0, 1), close(1), free(1), make(3, 2), send(3, 2), recv(0)]),
  alone(
    "blocks",
    [],
    [
      alloc(0, 8),
      alloc(1, 8),
      alloc(2, 24),
      alloc(3, 8),
      release(1),
      release(3),
      release(0),
      release(2),
      alloc(4, 100),
      release(4),
      alloc(5, 8),
    ],
  ),
  alone(
    "every size class",
    [],
    [1, 9, 17, 33, 49, 81].flatMap((bytes, place) => [alloc(place, bytes)]),
  ),
  alone(
    "tasks",
    [],
    [go(0), go(1), cancelTask(0), go(2), cancelTask(2), cancelTask(1), join(1), join(0), join(2), go(3), cancelTask(3), join(3)],
  ),
  alone("reserve", [], [reserve(2), reserve(1), go(0, true), go(1, true), cancelTask(1), cancelTask(0), join(0), join(1), reserve(2)], 2),
  alone("work for nobody", [], [go(0), go(1), work()]),
  alone("work, dedicated", [], [reserve(2), go(0, true), go(1, true), work(true, true)], 2),
];

const besides: ModelCase[] = [
  alone(
    "free by force and make again",
    [2],
    [trySend(0, 1), trySend(0, 2), close(0), free(0, true), make(1, 2), tryRecv(1), trySend(1, 3), tryRecv(1), tryRecv(1)],
  ),
  alone(
    "claims do not outlive a channel",
    [1],
    [claim(0, 0, 1), claim(0, 1, 1), close(0), free(0), make(1, 1), claim(1, 0, 2), claim(1, 1, 2)],
  ),
  alone("cancel beside blocks", [], [alloc(0, 8), goBeside(0, 1), cancelTask(0), release(1), join(0), release(0)]),
  alone("work beside blocks", [], [alloc(0, 8), goBeside(0, 1), go(1), work(true)]),
];

const chunk = probe("opChunk", ["slot", "epoch"], L.OK);
const idle = probe("taskTake", ["slot", "epoch", "light", L.TAKE_OR_IDLE], L.NONE);
const leave = probe("taskTake", ["slot", "epoch", "light", L.LEAVE_IDLE], L.NONE);

const misuse: ModelCase[] = [
  { name: "chunks while others are swept", channels: [], threads: [plan(chunk), plan(chunk, chunk), plan(alloc(0, 8))] },
  {
    name: "woken for a task, and busy otherwise",
    channels: [1],
    threads: [plan(idle, send(0, 1), leave), plan(recv(0), go(0)), plan(work())],
  },
  {
    name: "idle and leave, three threads",
    channels: [],
    threads: [plan(idle, idle, leave, idle, leave), plan(idle, leave, idle, leave), plan(idle, leave, leave)],
  },
  alone(
    "a payload that is not its own",
    [],
    [
      alloc(0, 8),
      release(0),
      probe("taskGo", ["slot", "epoch", "light", "freed block"], L.REFUSED),
      probe("blockFree", ["slot", "epoch", "freed block"], L.NONE),
    ],
  ),
  alone(
    "go without a reservation",
    [],
    [
      alloc(0, 8),
      probe("taskGo", ["slot", "epoch", "dedicated", "block"], L.REFUSED),
      reserve(1),
      go(0, true),
      release(0),
      cancelTask(0),
      join(0),
    ],
    1,
  ),
  alone(
    "reserve too much",
    [],
    [
      probe("taskReserve", ["slot", "epoch", "dedicated", 3], L.REFUSED),
      reserve(1),
      probe("taskReserve", ["slot", "epoch", "dedicated", 2], L.REFUSED),
    ],
    2,
  ),
  alone(
    "tasks that are not running",
    [],
    [
      go(0),
      probe("taskFinish", ["slot", "epoch", "task", 0, 0], L.NONE),
      probe("taskFail", ["slot", "epoch", "task", 0], L.NONE),
      probe("taskCollect", ["slot", "epoch", "task"], L.NONE),
      cancelTask(0),
      probe("taskFinish", ["slot", "epoch", "task", 0, 0], L.NONE),
      probe("taskFail", ["slot", "epoch", "task", 0], L.NONE),
      join(0),
      probe("taskCancel", ["slot", "epoch", "task", "task generation"], L.STALE),
    ],
  ),
  alone(
    "a record that was never a task",
    [],
    [go(0), probe("taskCancel", ["slot", "epoch", "unused task", 0], L.STALE), cancelTask(0), join(0)],
  ),
  {
    name: "alone: no room for a chunk of operations",
    channels: [],
    room: 512,
    threads: [plan(probe("opChunk", ["slot", "epoch"], L.NO_MEMORY), probe("opChunk", ["slot", "epoch"], L.NO_MEMORY), alloc(0, 8))],
  },
  alone(
    "a description that is not its own",
    [],
    [
      alloc(0, 8),
      release(0),
      probe("schemaAdd", ["slot", "epoch", "freed block", 0], L.REFUSED),
      alloc(1, 8),
      probe("schemaAdd", ["slot", "epoch", "freed block", 1], L.AGAIN),
      schema(1),
    ],
  ),
  alone("operations that do not wait", [0], [recv(0, TIMER), probe("cancel", ["op"], L.NONE)]),
  alone(
    "a payload that was handed on",
    [],
    [
      go(0),
      probe("blockFree", ["slot", "epoch", "freed block"], L.NONE),
      probe("taskGo", ["slot", "epoch", "light", "freed block"], L.REFUSED),
      cancelTask(0),
      join(0),
    ],
  ),
  alone("a result that is not its own", [], [go(0), go(1), workBadly]),
  alone(
    "idle in two lists",
    [],
    [
      probe("taskTake", ["slot", "epoch", "light", L.TAKE_OR_IDLE], L.NONE),
      probe("taskTake", ["slot", "epoch", "dedicated", L.TAKE_OR_IDLE], L.REFUSED),
      probe("taskTake", ["slot", "epoch", "dedicated", L.LEAVE_IDLE], L.REFUSED),
      probe("taskTake", ["slot", "epoch", "light", L.LEAVE_IDLE], L.NONE),
    ],
  ),
  alone("a slot in use", [], [probe("slotOpen", ["slot"], L.REFUSED), probe("slotClose", ["slot"], L.REFUSED)]),
  {
    name: "misuse: a task that is somebody else's",
    faultless: true,
    channels: [],
    threads: [
      plan(go(0), probe("taskFinish", ["slot", "epoch", "task", 0, 0], L.NONE), probe("taskFail", ["slot", "epoch", "task", 0], L.NONE)),
      plan(work()),
    ],
  },
];

export const ALONE_CASES: ModelCase[] = [...calls, ...besides, ...misuse];
