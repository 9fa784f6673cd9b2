// The cases of the model, in families. Values name themselves: each send case has its own number between 1 and 15.

import { SENDING } from "../src/runtime/memory/layout.ts";
import { ALONE_CASES } from "./cases-alone.ts";
import { HEAP_CASES } from "./cases-heap.ts";
import { TASK_CASES } from "./cases-tasks.ts";
import { claim, close, free, into, looping, make, out, plan, recv, select, send, TIMER, tryRecv, trySend } from "./notation.ts";
import type { ModelCase } from "./program.ts";

/** One channel, values through it. */
function queues(capacity: number): ModelCase[] {
  const name = (text: string) => `${text}, capacity ${capacity}`;
  const channels = [capacity];
  return [
    { name: name("1×1×2"), channels, threads: [plan(send(0, 1), send(0, 2)), plan(recv(0), recv(0))] },
    {
      name: name("1×1×3 from the loop"),
      channels,
      threads: [looping(send(0, 1), send(0, 2), send(0, 3)), looping(recv(0), recv(0), recv(0))],
    },
    { name: name("2×1×2"), channels, threads: [plan(send(0, 1), send(0, 2)), plan(send(0, 3)), plan(recv(0), recv(0), recv(0))] },
    { name: name("1×2×2"), channels, threads: [plan(send(0, 1), send(0, 2), send(0, 3)), plan(recv(0)), plan(recv(0), recv(0))] },
    {
      name: name("two started, one thread blocks"),
      channels: [capacity, 0],
      threads: [plan(recv(0, { started: true }), recv(1), { do: "await" }), plan(send(0, 1), send(1, 2))],
    },
    {
      name: name("across the wrap of the index"),
      channels,
      startIndex: -4,
      threads: [plan(send(0, 1), send(0, 2), send(0, 3)), plan(recv(0), recv(0), recv(0))],
    },
    {
      name: name("across the sign bit"),
      channels,
      startIndex: 0x7ffffffe,
      threads: [plan(send(0, 1), send(0, 2)), plan(recv(0), recv(0))],
    },
    {
      name: name("tries"),
      channels,
      threads: [plan(trySend(0, 1), trySend(0, 2), trySend(0, 3)), plan(tryRecv(0), recv(0, TIMER)), plan(tryRecv(0), tryRecv(0))],
    },
  ];
}

/** Timers on either side, so that a cancel meets every stage of a hand-off. */
function timers(capacity: number): ModelCase[] {
  const name = (text: string) => `${text}, capacity ${capacity}`;
  const channels = [capacity];
  return [
    {
      name: name("receivers give up"),
      channels,
      threads: [plan(recv(0, TIMER), recv(0, TIMER)), plan(send(0, 1, TIMER), send(0, 2, TIMER))],
    },
    {
      name: name("one of two receivers gives up"),
      channels,
      maySleep: true,
      threads: [plan(recv(0, TIMER)), plan(recv(0)), plan(send(0, 1), send(0, 2, TIMER))],
    },
    {
      name: name("one of two senders gives up"),
      channels,
      maySleep: true,
      threads: [plan(send(0, 1, TIMER)), plan(send(0, 2)), plan(recv(0), recv(0, TIMER))],
    },
    {
      name: name("give up in the loop"),
      channels,
      threads: [looping(recv(0, TIMER), recv(0, TIMER)), looping(send(0, 1, TIMER), send(0, 2, TIMER)), plan(recv(0, TIMER))],
    },
    {
      name: name("the middle one gives up"),
      channels,
      maySleep: true,
      threads: [plan(recv(0)), plan(recv(0, TIMER)), plan(recv(0)), plan(send(0, 1), send(0, 2))],
    },
    {
      name: name("the middle sender gives up"),
      channels,
      maySleep: true,
      threads: [plan(send(0, 1)), plan(send(0, 2, TIMER)), plan(send(0, 3)), plan(recv(0), recv(0))],
    },
  ];
}

function closes(capacity: number): ModelCase[] {
  const name = (text: string) => `${text}, capacity ${capacity}`;
  const channels = [capacity];
  return [
    { name: name("close against a receiver"), channels, threads: [plan(recv(0), recv(0)), plan(send(0, 1), close(0))] },
    {
      name: name("close against two receivers"),
      channels,
      threads: [plan(recv(0), recv(0)), plan(recv(0), recv(0)), plan(send(0, 1), close(0))],
    },
    {
      name: name("close against two senders"),
      channels,
      threads: [plan(send(0, 1), send(0, 2)), plan(send(0, 3)), plan(close(0), recv(0), recv(0))],
    },
    { name: name("two closers and a waiter"), channels, threads: [plan(close(0)), plan(close(0)), plan(recv(0))] },
    {
      name: name("close against one who gives up"),
      channels,
      threads: [plan(recv(0, TIMER)), plan(close(0), tryRecv(0)), plan(send(0, 1, TIMER))],
    },
    {
      name: name("close against a select"),
      channels: [capacity, 1],
      threads: [plan(select([into(0), into(1)])), plan(close(0)), plan(send(1, 1), tryRecv(1))],
    },
    { name: name("close, drain and free"), channels, threads: [plan(send(0, 1), close(0), free(0)), plan(recv(0), recv(0), free(0))] },
    {
      name: name("free by force"),
      channels,
      threads: [plan(trySend(0, 1), trySend(0, 2), close(0), free(0, true)), plan(tryRecv(0), recv(0), send(0, 3))],
    },
    {
      name: name("late calls through an old handle"),
      channels,
      threads: [
        plan(close(0), free(0, true), make(1, 1), send(1, 1), recv(1)),
        plan(send(0, 2), recv(0), close(0)),
        plan(tryRecv(0), free(0, true)),
      ],
    },
  ];
}

function selects(capacity: number): ModelCase[] {
  const name = (text: string) => `${text}, capacity ${capacity}`;
  const two = [capacity, capacity];
  return [
    {
      name: name("send and recv of one channel"),
      channels: [capacity],
      maySleep: true,
      threads: [plan(select([out(0, 1), into(0)], TIMER)), plan(select([into(0), out(0, 2)], TIMER))],
    },
    {
      name: name("send and recv of one channel, three threads"),
      channels: [capacity],
      maySleep: true,
      threads: [plan(select([out(0, 1), into(0)], TIMER)), plan(select([into(0), out(0, 2)], TIMER)), plan(send(0, 3, TIMER))],
    },
    { name: name("two facing selects"), channels: two, threads: [plan(select([out(0, 1), out(1, 2)])), plan(select([into(1), into(0)]))] },
    {
      name: name("two facing selects, twice"),
      channels: two,
      maySleep: true,
      threads: [
        plan(select([out(0, 1), into(1)]), select([out(0, 3), into(1)], TIMER)),
        plan(select([out(1, 2), into(0)]), select([into(0), out(1, 4)], TIMER)),
      ],
    },
    {
      name: name("ring of three"),
      channels: [capacity, capacity, capacity],
      maySleep: true,
      threads: [
        plan(select([out(0, 1), into(2)], TIMER)),
        plan(select([out(1, 2), into(0)], TIMER)),
        plan(select([out(2, 3), into(1)], TIMER)),
      ],
    },
    {
      name: name("three facing selects"),
      channels: two,
      maySleep: true,
      threads: [
        plan(select([out(0, 1), out(1, 2)], TIMER)),
        plan(select([into(0), into(1)], TIMER)),
        plan(select([into(1), out(0, 3)], TIMER)),
      ],
    },
    {
      name: name("default against a waiter"),
      channels: two,
      threads: [plan(select([into(0), into(1)], { try: true }), select([into(1), into(0)], TIMER)), plan(send(0, 1, TIMER), trySend(1, 2))],
    },
    {
      name: name("select of two against two senders"),
      channels: two,
      maySleep: true,
      threads: [plan(select([into(0), into(1)]), select([into(0), into(1)])), plan(send(0, 1)), plan(send(1, 2))],
    },
    {
      name: name("select from the loop, leftovers"),
      channels: two,
      maySleep: true,
      threads: [
        looping(select([into(0), into(1)]), recv(0, TIMER)),
        plan(send(1, 1), send(0, 2, TIMER)),
        looping(select([out(0, 3), out(1, 4)], TIMER)),
      ],
    },
    {
      name: name("one channel twice in a select"),
      channels: [capacity],
      threads: [plan(select([into(0), out(0, 1)], { try: true }), select([out(0, 2), into(0)], TIMER)), plan(trySend(0, 3), tryRecv(0))],
    },
  ];
}

/** A thread dies, and its slot serves another: late wakes and leftovers must not harm the heir. */
function heirs(capacity: number): ModelCase[] {
  const channels = [capacity];
  const heir = { program: [recv(0, TIMER)], replacement: true };
  return [
    {
      name: `an heir in the slot, capacity ${capacity}`,
      channels,
      maySleep: true,
      threads: [plan(recv(0), recv(0)), plan(send(0, 1), send(0, 2, TIMER)), heir],
    },
    {
      name: `an heir after a select, capacity ${capacity}`,
      channels: [capacity, capacity],
      maySleep: true,
      threads: [
        plan(select([into(0), into(1)])),
        plan(send(1, 1, TIMER), close(1), send(0, 2, TIMER)),
        { program: [send(0, 3, TIMER)], replacement: true },
      ],
    },
  ];
}

const CLAIM_CASES: ModelCase[] = [
  {
    name: "one-to-one claims",
    channels: [1],
    threads: [
      plan(claim(0, SENDING, 1), claim(0, SENDING, 1)),
      plan(claim(0, SENDING, 1), claim(0, 1, 2)),
      plan(claim(0, 1, 1), claim(0, 1, 2), claim(0, SENDING, 3)),
    ],
  },
  {
    name: "a claim outlives its channel",
    channels: [1],
    threads: [plan(claim(0, SENDING, 1), close(0), free(0)), plan(claim(0, SENDING, 1), make(1, 1), claim(1, SENDING, 1))],
  },
];

/** Two producers, two consumers: too many for the fine grain, run with calls atomic. */
function crowds(capacity: number, values: 2 | 3): ModelCase {
  const [a, b] =
    values === 2
      ? [
          [1, 2],
          [3, 4],
        ]
      : [
          [1, 2, 3],
          [4, 5, 6],
        ];
  const take = Array.from({ length: values }, () => recv(0));
  return {
    name: `2×2×${values}, capacity ${capacity}`,
    channels: [capacity],
    threads: [plan(...a!.map((v) => send(0, v))), plan(...b!.map((v) => send(0, v))), plan(...take), plan(...take)],
  };
}

const small = [0, 1, 2];
export const CASES: ModelCase[] = [
  ...ALONE_CASES,
  ...small.flatMap((capacity) => [...queues(capacity), ...timers(capacity), ...closes(capacity), ...selects(capacity), ...heirs(capacity)]),
  ...queues(3),
  ...CLAIM_CASES,
  ...HEAP_CASES,
  ...TASK_CASES,
];
export const CROWDS: ModelCase[] = [0, 1, 2, 3].flatMap((capacity) => [crowds(capacity, 2), crowds(capacity, 3)]);
