// Cases of sendMany and recvMany: against each other, against single sends and receives, waiters, timers and a close.

import {
  close,
  free,
  into,
  looping,
  make,
  plan,
  recv,
  recvMany,
  select,
  send,
  sendMany,
  TIMER,
  timed,
  trying,
  tryRecv,
  trySend,
} from "./notation.ts";
import type { ModelCase } from "./program.ts";

export function bulks(capacity: number): ModelCase[] {
  const name = (text: string) => `bulk: ${text}, capacity ${capacity}`;
  const channels = [capacity];
  return [
    { name: name("many to many"), channels, threads: [plan(sendMany(0, 1, 2, 3)), plan(recvMany(0, 3))] },
    {
      name: name("many to many, twice"),
      channels,
      threads: [plan(sendMany(0, 1, 2, 3), sendMany(0, 4, 5)), plan(recvMany(0, 2), recvMany(0, 3))],
    },
    {
      name: name("across the wrap of the index"),
      channels,
      startIndex: -4,
      threads: [plan(sendMany(0, 1, 2, 3)), plan(recv(0), recvMany(0, 2))],
    },
    { name: name("across the sign bit"), channels, startIndex: 0x7ffffffe, threads: [plan(sendMany(0, 1, 2)), plan(recvMany(0, 2))] },
    { name: name("many to single"), channels, threads: [plan(sendMany(0, 1, 2, 3)), plan(recv(0), recv(0)), plan(recv(0))] },
    { name: name("single to many"), channels, threads: [plan(send(0, 1), send(0, 2)), plan(send(0, 3)), looping(recvMany(0, 3))] },
    {
      name: name("two of each"),
      channels,
      threads: [plan(sendMany(0, 1, 2)), plan(sendMany(0, 3, 4)), plan(recvMany(0, 2)), plan(recvMany(0, 2))],
    },
    {
      name: name("tries"),
      channels,
      threads: [
        plan(trying(sendMany(0, 1, 2, 3)), trySend(0, 4)),
        plan(trying(recvMany(0, 2)), tryRecv(0), recv(0, TIMER)),
        plan(trying(recvMany(0, 3))),
      ],
    },
    {
      name: name("with timers"),
      channels,
      threads: [looping(timed(sendMany(0, 1, 2, 3))), plan(recv(0, TIMER), timed(recvMany(0, 2)))],
    },
    {
      name: name("close against a sender"),
      channels,
      threads: [plan(sendMany(0, 1, 2, 3)), plan(recvMany(0, 2), close(0), recvMany(0, 3))],
    },
    {
      name: name("close against a receiver"),
      channels,
      threads: [plan(recvMany(0, 3), recv(0)), plan(sendMany(0, 1, 2), close(0), free(0))],
    },
    {
      name: name("late calls through an old handle"),
      channels,
      threads: [
        plan(close(0), free(0, true), make(1, capacity), trySend(1, 1), tryRecv(1)),
        plan(trying(sendMany(0, 2, 3))),
        plan(trying(recvMany(0, 2))),
      ],
    },
    {
      name: name("against a select"),
      channels: [capacity, 1],
      maySleep: true,
      threads: [plan(sendMany(0, 1, 2)), plan(select([into(0), into(1)]), timed(recvMany(0, 2)))],
    },
  ];
}
