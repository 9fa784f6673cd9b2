// Cases of channels of cells: wide values, copied whole; bulk calls of them; and private memory that goes to another when its thread has died.

import { carrying } from "./cases-blocks.ts";
import {
  alloc,
  close,
  free,
  into,
  make,
  out,
  plan,
  recv,
  recvMany,
  release,
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

export function cellChannels(capacity: number): ModelCase[] {
  const name = (text: string) => `cells: ${text}, capacity ${capacity}`;
  const channels = [capacity];
  const cells = [0];
  return [
    ...carrying("cells", capacity),
    { name: name("many to many"), channels, cells, startIndex: -4, threads: [plan(sendMany(0, 1, 2, 3)), plan(recvMany(0, 3))] },
    { name: name("many to single"), channels, cells, threads: [plan(sendMany(0, 1, 2, 3)), plan(recv(0), recv(0)), plan(recv(0))] },
    {
      name: name("single to many, and tries"),
      channels,
      cells,
      maySleep: true,
      threads: [plan(send(0, 1), send(0, 2)), plan(trySend(0, 3)), plan(timed(recvMany(0, 3)))],
    },
    {
      name: name("many against a close"),
      channels,
      cells,
      threads: [plan(trying(sendMany(0, 1, 2, 3)), send(0, 4)), plan(timed(recvMany(0, 2)), close(0), recvMany(0, 3))],
    },
    {
      name: name("the memory of the dead serves another"),
      channels,
      cells,
      maySleep: true,
      threads: [plan(recv(0)), plan(send(0, 1), send(0, 2, TIMER)), plan(alloc(0, 16), release(0), alloc(1, 16), release(1))],
    },
    {
      name: name("the memory of a dead sender serves another"),
      channels,
      cells,
      maySleep: true,
      threads: [plan(send(0, 1), send(0, 2)), plan(recv(0), recv(0, TIMER)), plan(alloc(0, 16), release(0), alloc(1, 16), release(1))],
    },
    {
      name: name("made, freed and made again, of words and of cells"),
      channels: [],
      cells: [0, 2],
      threads: [
        plan(
          make(0, capacity),
          trySend(0, 1),
          tryRecv(0),
          close(0),
          free(0),
          make(1, capacity),
          trySend(1, 2),
          tryRecv(1),
          close(1),
          free(1),
        ),
        plan(make(2, capacity), trySend(2, 3), close(2), free(2), free(2, true)),
      ],
    },
    {
      name: name("late calls through the handle of what carried words"),
      channels,
      cells: [1],
      threads: [
        plan(close(0), free(0, true), make(1, capacity), trySend(1, 1), tryRecv(1)),
        plan(select([out(0, 2), into(0)], TIMER), trying(sendMany(0, 4, 5))),
        plan(send(0, 3, TIMER), trying(recvMany(0, 2))),
      ],
    },
    {
      name: name("late calls through the handle of what carried cells"),
      channels,
      cells: [0],
      threads: [
        plan(close(0), free(0, true), make(1, capacity), trySend(1, 1), tryRecv(1)),
        plan(select([out(0, 2), into(0)], TIMER), trying(sendMany(0, 4, 5))),
        plan(send(0, 3, TIMER), trying(recvMany(0, 2))),
      ],
    },
  ];
}
