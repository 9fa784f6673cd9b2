// Cases of one channel: values through it, waits that are given up, closing and freeing.

import { BLOCK, close, free, into, looping, make, plan, recv, select, send, TIMER, tryRecv, trySend } from "./notation.ts";
import type { ModelCase } from "./program.ts";

/** One channel, values through it. */
export function queues(capacity: number): ModelCase[] {
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
/** Threads that wait now in Atomics.wait, now in their event loop. */
export function bothWays(capacity: number): ModelCase[] {
  const channels = [capacity];
  return [
    {
      name: `block, then loop, capacity ${capacity}`,
      channels,
      threads: [looping(recv(0, BLOCK), recv(0), recv(0, BLOCK)), plan(send(0, 1), send(0, 2), send(0, 3))],
    },
    {
      name: `loop, then block, capacity ${capacity}`,
      channels,
      threads: [looping(send(0, 1), send(0, 2, BLOCK), send(0, 3)), plan(recv(0)), looping(recv(0), recv(0, BLOCK))],
    },
    {
      name: `block while a started one waits, capacity ${capacity}`,
      channels: [capacity, 0],
      threads: [looping(recv(0, { started: true }), recv(1, BLOCK), { do: "await" }), plan(send(0, 1)), plan(send(1, 2))],
    },
  ];
}

export function timers(capacity: number): ModelCase[] {
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

export function closes(capacity: number): ModelCase[] {
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
    {
      name: name("a send between the calls of a close"),
      channels,
      threads: [plan(recv(0)), plan(recv(0)), plan(close(0)), plan(send(0, 1))],
    },
    {
      name: name("a late send, and a waiter of the record's next channel"),
      channels,
      threads: [plan(close(0), free(0, true), make(1, capacity), recv(1, TIMER)), plan(send(0, 1))],
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
