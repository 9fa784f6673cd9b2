// The programs that are run under the controller. More of them, and other primitives, are added here (program.ts is the notation).

import {
  cancel,
  close,
  into,
  out,
  type Program,
  recv,
  recvAll,
  recvMany,
  select,
  send,
  sendMany,
  tryRecv,
  trySelect,
  trySend,
  within,
} from "./program.ts";
import { SYNC_PROGRAMS } from "./programs-sync.ts";

/** One channel of each capacity: values through it, by all doors. */
function channels(capacity: number): Program[] {
  const name = (text: string) => `${text}, capacity ${capacity}`;
  const one = [{ capacity }];
  return [
    {
      name: name("1 to 1, both block"),
      channels: one,
      threads: [[[send(0, 1, "sync"), send(0, 2, "sync")]], [[recv(0, "sync"), recv(0, "sync")]]],
    },
    { name: name("1 to 1, both await"), channels: one, threads: [[[send(0, 1), send(0, 2)]], [[recv(0), recv(0)]]] },
    {
      name: name("1 to 1, one awaits, one blocks"),
      channels: one,
      threads: [[[send(0, 1), send(0, 2)]], [[recv(0, "sync"), recv(0, "sync")]]],
    },
    {
      name: name("2 to 2"),
      channels: one,
      threads: [
        [[send(0, 1, "sync"), send(0, 2)]],
        [[send(0, 11), send(0, 12, "sync")]],
        [[recv(0, "sync"), recv(0)]],
        [[recv(0), recv(0, "sync")]],
      ],
    },
    {
      name: name("two tasks a thread"),
      channels: one,
      threads: [
        [[send(0, 1), send(0, 2)], [recv(0)]],
        [[recv(0), recv(0)], [send(0, 11)]],
      ],
    },
    {
      name: name("closed behind the last value"),
      channels: one,
      threads: [[[send(0, 1), send(0, 2, "sync"), close(0)]], [[recvAll(0)]], [[recvAll(0, "sync")]]],
    },
    {
      name: name("closed under everybody"),
      channels: one,
      threads: [[[send(0, 1), send(0, 2)]], [[send(0, 11, "sync"), send(0, 12, "sync")]], [[recv(0)]], [[close(0)]]],
    },
    {
      name: name("closed over three receivers"),
      channels: one,
      threads: [[[recv(0)]], [[recv(0, "sync")]], [[recv(0)]], [[close(0)]]],
    },
    {
      name: name("closed over three senders"),
      channels: one,
      threads: [[[sendMany(0, [1, 2, 3])]], [[sendMany(0, [11, 12, 13], "sync")]], [[sendMany(0, [21, 22, 23])]], [[close(0)]]],
    },
    {
      name: name("a thread blocks while another task of it awaits"),
      channels: [{ capacity }, { capacity }],
      threads: [[[recv(1)], [recv(0, "timeout"), recv(0, "sync")]], [[send(0, 1)]], [[send(1, 2, "sync")]]],
    },
    { name: name("closed twice"), channels: one, threads: [[[recv(0)]], [[close(0)]], [[recv(0, "sync"), close(0)]]] },
    {
      name: name("receivers give up"),
      channels: one,
      threads: [[[send(0, 1), send(0, 2)]], [[recv(0, "timeout"), recv(0, "abort")]], [[recv(0, "sync-timeout"), recv(0, "sync-timeout")]]],
    },
    {
      name: name("senders give up"),
      channels: one,
      threads: [
        [[send(0, 1, "timeout"), send(0, 2, "abort")]],
        [[send(0, 11, "sync-timeout"), send(0, 12, "sync-timeout")]],
        [[recv(0), recv(0, "sync")]],
      ],
    },
    {
      name: name("tries"),
      channels: one,
      threads: [
        [[trySend(0, 1), send(0, 2), trySend(0, 3)]],
        [[tryRecv(0), recv(0, "timeout"), tryRecv(0)]],
        [[tryRecv(0), recv(0, "sync-timeout")]],
      ],
    },
    {
      name: name("bulk"),
      channels: one,
      threads: [[[sendMany(0, [1, 2, 3])]], [[sendMany(0, [11, 12], "sync")]], [[recvMany(0, 3), recvMany(0, 2, "sync")]]],
    },
    {
      name: name("bulk, given up and closed"),
      channels: one,
      threads: [
        [[sendMany(0, [1, 2, 3], "abort")]],
        [[sendMany(0, [11, 12], "sync-timeout"), close(0)]],
        [[recvMany(0, 2, "timeout"), recvMany(0, 3)]],
      ],
    },
    {
      name: name("blocks"),
      channels: [{ capacity, isBlocks: true }],
      threads: [
        [[send(0, 1), send(0, 2, "sync")]],
        [[send(0, 11, "timeout"), close(0), trySend(0, 12)]],
        [[trySend(0, 21), recv(0, "sync"), recv(0, "abort")]],
      ],
    },
    {
      name: name("across the wrap"),
      channels: [{ capacity, startIndex: 0x7fffffff }],
      threads: [[[send(0, 1, "sync"), send(0, 2)]], [[recv(0), recvMany(0, 2, "sync")]]],
    },
    {
      name: name("declared one to one"),
      channels: [{ capacity, isOneToOne: true }],
      threads: [[[send(0, 1), send(0, 2, "sync"), close(0)]], [[recvAll(0)]]],
    },
  ];
}

/** Waits within contexts that are cancelled from any thread. */
function contexts(capacity: number): Program[] {
  const name = (text: string) => `${text}, capacity ${capacity}`;
  const one = [{ capacity }];
  return [
    {
      name: name("waits within a context"),
      channels: one,
      contexts: [{}],
      threads: [
        [[send(0, 1, within(0)), send(0, 2, within(0, "sync"))]],
        [[recv(0, within(0, "sync")), recv(0, within(0))]],
        [[cancel(0)]],
      ],
    },
    {
      name: name("a context below another"),
      channels: one,
      contexts: [{}, { parent: 0 }],
      threads: [
        [[recv(0, within(1))], [recv(0, within(0))]],
        [[recv(0, within(1, "sync")), cancel(0)]],
        [[send(0, 1), cancel(1), send(0, 2, within(1))]],
      ],
    },
    {
      name: name("selects and bulk within a context"),
      channels: [{ capacity }, { capacity }],
      contexts: [{}],
      threads: [
        [[select([into(0), out(1, 11)], within(0)), select([into(0), out(1, 12)], within(0, "sync"))]],
        [[sendMany(0, [1, 2, 3], within(0))]],
        [[recvMany(1, 2, within(0, "sync")), cancel(0)]],
        [[cancel(0), close(1)]],
      ],
    },
    {
      name: name("cancelled while it closes"),
      channels: one,
      contexts: [{}],
      threads: [[[recv(0, within(0))]], [[recv(0, within(0, "sync"))]], [[close(0)]], [[cancel(0), send(0, 1, within(0))]]],
    },
  ];
}

/** Selects over two channels of each capacity. */
function selects(capacity: number): Program[] {
  const name = (text: string) => `${text}, capacity ${capacity}`;
  const two = [{ capacity }, { capacity }];
  const both = [into(0), into(1)];
  return [
    { name: name("select over two"), channels: two, threads: [[[send(0, 1)]], [[send(1, 2, "sync")]], [[select(both), select(both)]]] },
    {
      name: name("selectSync over two"),
      channels: two,
      threads: [[[send(0, 1)]], [[send(1, 2, "sync")]], [[select(both, "sync"), select(both, "sync")]]],
    },
    {
      name: name("selects face each other"),
      channels: two,
      threads: [
        [[select([out(0, 1), into(1)]), select([out(0, 2), into(1)])]],
        [[select([into(0), out(1, 11)], "sync"), select([into(0), out(1, 12)])]],
      ],
    },
    {
      name: name("three selects in a ring"),
      channels: [{ capacity }, { capacity }, { capacity }],
      threads: [[[select([out(0, 1), into(2)])]], [[select([out(1, 2), into(0)], "sync")]], [[select([out(2, 3), into(1)])]]],
    },
    {
      name: name("select sends and receives on one"),
      channels: [{ capacity }],
      threads: [[[select([out(0, 1), into(0)])]], [[select([into(0), out(0, 11)], "sync")]], [[select([into(0), out(0, 21)], "timeout")]]],
    },
    {
      name: name("selects give up"),
      channels: two,
      threads: [
        [[send(0, 1)]],
        [[send(1, 2, "timeout")]],
        [[select(both, "timeout"), select(both, "abort")]],
        [[select(both, "sync-timeout")]],
      ],
    },
    {
      name: name("selects and close"),
      channels: two,
      threads: [[[select([out(0, 1), into(1)])]], [[select([out(0, 2), out(1, 12)], "sync")]], [[recv(0), close(1), close(0)]]],
    },
    {
      name: name("select with a default"),
      channels: two,
      threads: [
        [[send(0, 1), trySelect(into(1), out(0, 3))]],
        [[trySelect(into(0), out(1, 2)), select(both, "timeout")]],
        [[trySelect(into(0), into(1)), recv(1, "timeout")]],
      ],
    },
    {
      name: name("selects over blocks"),
      channels: [{ capacity, isBlocks: true }, { capacity }],
      threads: [
        [[select([out(0, 1), out(1, 1)]), select([out(0, 2), into(1)], "abort")]],
        [[select([into(0), out(1, 11)], "sync-timeout")]],
        [[recv(0, "timeout"), close(0)]],
      ],
    },
  ];
}

export const CAPACITIES = [0, 1, 2];

export const CHANNEL_PROGRAMS: readonly Program[] = CAPACITIES.flatMap((capacity) => [
  ...channels(capacity),
  ...selects(capacity),
  ...contexts(capacity),
]);

export const PROGRAMS: readonly Program[] = [...CHANNEL_PROGRAMS, ...SYNC_PROGRAMS];
