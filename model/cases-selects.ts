// Cases of select, and of threads that begin in a dead one's slot.

import { close, into, looping, out, plan, recv, select, send, TIMER, tryRecv, trySend } from "./notation.ts";
import type { ModelCase } from "./program.ts";

export function selects(capacity: number): ModelCase[] {
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
    {
      name: name("one who gives up behind its own case"),
      channels: [capacity],
      maySleep: true,
      threads: [plan(select([into(0), out(0, 1)], TIMER)), plan(recv(0, TIMER), recv(0, TIMER))],
    },
    {
      name: name("a sender who gives up behind its own case"),
      channels: [capacity],
      maySleep: true,
      threads: [plan(select([out(0, 1), into(0)], TIMER)), plan(send(0, 2, TIMER), send(0, 3, TIMER))],
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
export function heirs(capacity: number): ModelCase[] {
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
