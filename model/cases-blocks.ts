// Cases of channels of blocks: each value is a block that changes hands with the message, and every block is in one place at the end. Most of them are
// run with cells as well.

import {
  alloc,
  close,
  free,
  into,
  looping,
  make,
  out,
  plan,
  recv,
  recvMany,
  release,
  select,
  send,
  sendForeign,
  sendMany,
  TIMER,
  timed,
  tryRecv,
  trySend,
} from "./notation.ts";
import type { ModelCase } from "./program.ts";

/** Channels of something else than words; `of` names those channels. */
export function carrying(kind: "blocks" | "cells", capacity: number): ModelCase[] {
  const name = (text: string) => `${kind}: ${text}, capacity ${capacity}`;
  const of = (...carriers: number[]) => ({ [kind]: carriers });
  const channels = [capacity];
  const first = of(0);
  return [
    { name: name("1×1×1"), channels, ...first, threads: [plan(send(0, 1)), plan(recv(0))] },
    { name: name("1×1×3"), channels, ...first, threads: [plan(send(0, 1), send(0, 2), send(0, 3)), plan(recv(0), recv(0), recv(0))] },
    {
      name: name("from the loop"),
      channels,
      ...first,
      startIndex: -2,
      threads: [looping(send(0, 1), send(0, 2)), looping(recv(0), recv(0))],
    },
    {
      name: name("waiting senders"),
      channels,
      ...first,
      threads: [plan(send(0, 1), send(0, 2)), plan(send(0, 3)), plan(recv(0), recv(0), recv(0))],
    },
    {
      name: name("waiting receivers"),
      channels,
      ...first,
      threads: [plan(recv(0)), plan(recv(0), recv(0)), plan(send(0, 1), send(0, 2), send(0, 3))],
    },
    {
      name: name("tries"),
      channels,
      ...first,
      threads: [plan(trySend(0, 1), trySend(0, 2)), plan(tryRecv(0), recv(0, TIMER)), plan(tryRecv(0))],
    },
    {
      name: name("timers on both sides"),
      channels,
      ...first,
      threads: [plan(send(0, 1, TIMER), send(0, 2, TIMER)), plan(recv(0, TIMER), recv(0, TIMER))],
    },
    {
      name: name("one of two receivers gives up"),
      channels,
      ...first,
      maySleep: true,
      threads: [plan(recv(0, TIMER)), plan(recv(0)), plan(send(0, 1), send(0, 2, TIMER))],
    },
    {
      name: name("one of two senders gives up"),
      channels,
      ...first,
      maySleep: true,
      threads: [plan(send(0, 1, TIMER)), plan(send(0, 2)), plan(recv(0), recv(0, TIMER))],
    },
    { name: name("close against a receiver"), channels, ...first, threads: [plan(recv(0), recv(0)), plan(send(0, 1), close(0), free(0))] },
    {
      name: name("close against two senders"),
      channels,
      ...first,
      threads: [plan(send(0, 1), send(0, 2)), plan(send(0, 3)), plan(close(0), recv(0), recv(0))],
    },
    {
      name: name("a select of such a channel and one of numbers"),
      channels: [capacity, capacity],
      ...first,
      maySleep: true,
      threads: [plan(select([into(0), into(1)]), select([into(1), into(0)], TIMER)), plan(send(0, 1)), plan(send(1, 2, TIMER))],
    },
    {
      name: name("a select of two against two senders"),
      channels: [capacity, capacity],
      ...of(0, 1),
      threads: [plan(select([into(0), into(1)]), select([into(1), into(0)])), plan(send(0, 1)), plan(send(1, 2))],
    },
    {
      name: name("a select of two against one who gives up"),
      channels: [capacity, capacity],
      ...of(0, 1),
      maySleep: true,
      threads: [plan(select([into(1), into(0)], TIMER)), plan(send(0, 1, TIMER))],
    },
    {
      name: name("a select that sends"),
      channels: [capacity, capacity],
      ...of(0, 1),
      maySleep: true,
      threads: [plan(select([out(0, 1), out(1, 2)], TIMER)), plan(recv(0, TIMER)), plan(recv(1, TIMER), send(0, 3, TIMER))],
    },
    {
      name: name("send and recv of one channel in a select"),
      channels,
      ...first,
      maySleep: true,
      threads: [plan(select([out(0, 1), into(0)], TIMER)), plan(select([into(0), out(0, 2)], TIMER)), plan(send(0, 3, TIMER))],
    },
    {
      name: name("an heir in the slot"),
      channels,
      ...first,
      maySleep: true,
      threads: [plan(recv(0), recv(0)), plan(send(0, 1), send(0, 2, TIMER)), { program: [recv(0, TIMER)], replacement: true }],
    },
  ];
}

export function blockChannels(capacity: number): ModelCase[] {
  const name = (text: string) => `blocks: ${text}, capacity ${capacity}`;
  const channels = [capacity];
  return [
    ...carrying("blocks", capacity),
    {
      name: name("a receiver with a block of its own"),
      channels,
      blocks: [0],
      threads: [plan(alloc(0, 8), recv(0), recv(0), release(0)), plan(alloc(1, 8), send(0, 1), send(0, 2), release(1))],
    },
    {
      name: name("somebody else's block"),
      channels,
      blocks: [0],
      threads: [plan(alloc(0, 8), send(0, 1)), plan(sendForeign(0, 0), sendForeign(0, 0)), plan(recv(0))],
    },
    {
      name: name("bulk calls are refused the ring of another channel"),
      channels,
      blocks: [1],
      threads: [
        plan(close(0), free(0, true), make(1, capacity), trySend(1, 1), tryRecv(1)),
        plan(timed(sendMany(0, 2, 3))),
        plan(timed(recvMany(0, 2))),
      ],
    },
    {
      name: name("a number sent through the handle of what is a channel of blocks now"),
      channels,
      blocks: [1],
      threads: [plan(close(0), free(0, true), make(1, capacity)), plan(select([out(0, 2), into(0)], TIMER)), plan(send(0, 3, TIMER))],
    },
  ];
}
