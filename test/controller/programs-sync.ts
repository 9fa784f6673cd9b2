// The programs of sync primitives: each held, waited for, given up, handed over, closed, by all doors; what a death does to each is the schedule's part.

import { cancel, type Program, recv, send, within } from "./program.ts";
import {
  acquire,
  add,
  broadcast,
  closeSync,
  compare,
  give,
  hold,
  load,
  lock,
  meet,
  once,
  plus,
  recover,
  rLock,
  signal,
  swap,
  tryAcquire,
  tryLock,
  tryRLock,
  waitAt,
  zero,
} from "./program-sync.ts";

type Threads = Program["threads"];
type Syncs = NonNullable<Program["syncs"]>;

const program = (name: string, syncs: Syncs, ...threads: Threads[number][]): Program => ({ name, channels: [], syncs, threads });

const MUTEX: Syncs = [{ kind: "mutex" }];
const RW: Syncs = [{ kind: "rwMutex" }];
const GROUP: Syncs = [{ kind: "waitGroup" }];
const ONCE: Syncs = [{ kind: "once" }];
const permits = (n: number): Syncs => [{ kind: "semaphore", permits: n }];
const parties = (n: number): Syncs => [{ kind: "barrier", parties: n }];
const withCond = (lock: Syncs): Syncs => [...lock, { kind: "cond", lock: 0 }];

const inside = (way: Parameters<typeof lock>[1] = "async") => [lock(0, way), give(0)];
const reading = (way: Parameters<typeof lock>[1] = "async") => [rLock(0, way), give(0)];

/** A reader that stays inside until another is there. */
const meeting = [rLock(0), meet(1), give(0)];
const MEETING: Syncs = [{ kind: "rwMutex" }, { kind: "barrier", parties: 2 }];

const MUTEXES: readonly Program[] = [
  program("mutex: two block", MUTEX, [[...inside("sync"), ...inside("sync")]], [[...inside("sync"), ...inside("sync")]]),
  program("mutex: three, all ways", MUTEX, [inside("sync")], [inside()], [[...inside(), tryLock(0), give(0)]]),
  program("mutex: two tasks a thread", MUTEX, [inside(), inside()], [inside(), inside()]),
  program(
    "mutex: who waits gives up",
    MUTEX,
    [[...inside(), ...inside()]],
    [[...inside("timeout"), ...inside("abort")]],
    [[...inside("sync-timeout"), ...inside("sync")]],
  ),
  program("mutex: recovered", MUTEX, [[...inside(), recover(0), give(0)]], [[...inside("sync"), recover(0, "sync"), give(0)]], [inside()]),
  program("mutex: closed under everybody", MUTEX, [[...inside(), closeSync(0)]], [[...inside("sync"), closeSync(0)]], [inside()]),
  program("mutex: closed by its holder", MUTEX, [[lock(0), closeSync(0), give(0)]], [inside()], [inside("sync")]),
  program("mutex: locked twice on a thread", MUTEX, [inside(), inside("sync")], [inside()]),
  {
    ...program(
      "mutex: waits within a context",
      MUTEX,
      [inside(within(0)), inside(within(0))],
      [inside(within(0, "sync"))],
      [[lock(0), cancel(0), give(0)]],
    ),
    contexts: [{}],
  },
  {
    ...program(
      "mutex: held over a rendezvous",
      MUTEX,
      [[lock(0), send(0, 1, "timeout"), give(0)]],
      [[lock(0, "sync"), give(0), recv(0, "timeout")]],
    ),
    channels: [{ capacity: 0 }],
  },
];

const RW_MUTEXES: readonly Program[] = [
  program("rw mutex: readers and a writer", RW, [[...reading(), ...reading()]], [reading("sync")], [inside("sync")]),
  program("rw mutex: a writer before readers", RW, [reading()], [inside()], [reading(), reading()]),
  program("rw mutex: the writer gives up", RW, [reading()], [[...inside("timeout"), ...inside("abort")]], [reading("sync")]),
  program(
    "rw mutex: tries",
    RW,
    [[tryLock(0), give(0), ...reading()]],
    [[tryRLock(0), give(0), tryLock(0), give(0)]],
    [reading("sync-timeout")],
  ),
  program("rw mutex: recovered", RW, [[...inside(), recover(0), give(0)]], [reading("sync")], [[rLock(0), give(0), recover(0), give(0)]]),
  program("rw mutex: readers who need each other inside", MEETING, [meeting], [inside("sync")], [meeting]),
  program(
    "rw mutex: readers who need each other, behind a writer that gives up",
    [{ kind: "rwMutex" }, { kind: "barrier", parties: 3 }],
    [meeting],
    [inside("timeout")],
    [meeting, meeting],
  ),
  program("rw mutex: closed", RW, [[rLock(0), closeSync(0), give(0)]], [inside("sync")], [reading()]),
];

const SEMAPHORES: readonly Program[] = [
  program(
    "semaphore: weights",
    permits(3),
    [[acquire(0, 2), give(0)]],
    [[acquire(0, 3, "sync"), give(0)]],
    [
      [acquire(0, 1), give(0)],
      [acquire(0, 1), give(0)],
    ],
  ),
  program(
    "semaphore: the large one gives up",
    permits(2),
    [[acquire(0, 1), give(0), acquire(0, 2, "abort"), give(0)]],
    [[acquire(0, 2, "sync-timeout"), give(0)]],
    [[acquire(0, 1, "timeout"), give(0), tryAcquire(0, 1), give(0)]],
  ),
  program(
    "semaphore: tries and none",
    permits(2),
    [[tryAcquire(0, 2), give(0), acquire(0, 0), give(0)]],
    [[acquire(0, 1, "sync"), tryAcquire(0, 1), give(0), give(0)]],
  ),
  program(
    "semaphore: closed",
    permits(1),
    [[acquire(0, 1), closeSync(0), give(0)]],
    [[acquire(0, 1, "sync"), give(0)]],
    [[acquire(0, 1), give(0)]],
  ),
];

const GROUPS: readonly Program[] = [
  program("wait group: two done, two wait", GROUP, [[add(0, 2), zero(0)]], [[add(0, -1), zero(0, "sync")]], [[add(0, -1)]]),
  program(
    "wait group: places",
    GROUP,
    [[hold(0), give(0), zero(0)]],
    [[hold(0), add(0, 1), give(0), add(0, -1)]],
    [[zero(0, "sync"), zero(0, "timeout")]],
  ),
  program(
    "wait group: used again while they go",
    GROUP,
    [[add(0, 1), add(0, -1), add(0, 1), add(0, -1)]],
    [[zero(0)], [zero(0)]],
    [[zero(0, "sync")]],
  ),
  program("wait group: closed", GROUP, [[add(0, 1), closeSync(0)]], [[zero(0)], [zero(0, "abort")]], [[zero(0, "sync"), add(0, 1)]]),
  {
    ...program(
      "wait group: waits within a context",
      GROUP,
      [[add(0, 1), cancel(0), add(0, -1)]],
      [[zero(0, within(0))]],
      [[zero(0, within(0, "sync"))]],
    ),
    contexts: [{}],
  },
];

const CONDITIONS: readonly Program[] = [
  program(
    "condition: a signal each",
    withCond(MUTEX),
    [[lock(0), waitAt(1, 0, "timeout"), give(0)]],
    [[lock(0, "sync"), waitAt(1, 0, "sync-timeout"), give(0)]],
    [[lock(0), signal(1), give(0), signal(1)]],
  ),
  program(
    "condition: a broadcast",
    withCond(MUTEX),
    [[lock(0), waitAt(1, 0), give(0)]],
    [[lock(0, "sync"), waitAt(1, 0, "sync"), give(0)]],
    [[lock(0), broadcast(1), give(0)], [broadcast(1)]],
  ),
  program(
    "condition: given up",
    withCond(MUTEX),
    [[lock(0), waitAt(1, 0, "abort"), waitAt(1, 0, "timeout"), give(0)]],
    [[lock(0, "sync"), waitAt(1, 0, "sync-timeout"), give(0)]],
    [[signal(1), lock(0), signal(1), give(0)]],
  ),
  program(
    "condition: of a lock that is abandoned and recovered",
    withCond(MUTEX),
    [[lock(0), waitAt(1, 0), give(0), recover(0), broadcast(1), give(0)]],
    [[lock(0, "sync"), signal(1), give(0)]],
    [[lock(0), waitAt(1, 0), give(0)]],
  ),
  program(
    "condition: of readers",
    withCond(RW),
    [[rLock(0), waitAt(1, 0, "async", "read"), give(0)]],
    [[rLock(0, "sync"), waitAt(1, 0, "sync", "read"), give(0)]],
    [[lock(0), broadcast(1), give(0)]],
  ),
  program(
    "condition: closed",
    withCond(MUTEX),
    [[lock(0), waitAt(1, 0), give(0)]],
    [[lock(0, "sync"), waitAt(1, 0, "sync"), give(0)]],
    [[closeSync(1), signal(1)]],
  ),
  program(
    "condition: its lock is closed",
    withCond(MUTEX),
    [[lock(0), waitAt(1, 0), give(0)]],
    [[lock(0), waitAt(1, 0, "sync"), give(0)]],
    [[lock(0), closeSync(0), signal(1), give(0)]],
  ),
];

const ONCES: readonly Program[] = [
  program("once: three come", ONCE, [[once(0)], [once(0)]], [[once(0, "sync")]], [[once(0), once(0, "sync")]]),
  program("once: who waits gives up", ONCE, [[once(0)]], [[once(0, "timeout")]], [[once(0, "sync-timeout")]]),
  program("once: done twice on a thread", ONCE, [[once(0)], [once(0, "sync")]], [[once(0)]]),
  program("once: closed while it is done", ONCE, [[once(0)]], [[once(0, "sync")]], [[closeSync(0), once(0)]]),
];

const BARRIERS: readonly Program[] = [
  program("barrier: two, twice", parties(2), [[meet(0), meet(0, "sync")]], [[meet(0, "sync"), meet(0)]]),
  program("barrier: three", parties(3), [[meet(0)]], [[meet(0, "sync")]], [[meet(0)], [meet(0)]]),
  program(
    "barrier: behind a lock",
    [...parties(3), { kind: "mutex" }],
    [[lock(1), give(1), meet(0)]],
    [[lock(1, "sync"), give(1), lock(1, "sync"), give(1), meet(0, "sync")]],
    [[lock(1, "sync"), give(1), meet(0, "sync")]],
  ),
  program("barrier: given up", parties(2), [[meet(0, "timeout"), meet(0, "abort")]], [[meet(0, "sync-timeout")]], [[meet(0)]]),
  program("barrier: closed", parties(3), [[meet(0)]], [[meet(0, "sync")]], [[closeSync(0), meet(0)]]),
];

const NUMBERS: readonly Program[] = (["int", "float"] as const).map((kind) =>
  program(
    `${kind}: changed by all`,
    [{ kind }],
    [[plus(0, 1), plus(0, 2), load(0)]],
    [[compare(0, 1, 10), swap(0, 5)]],
    [[plus(0, 3), compare(0, 3, 4)]],
  ),
);
const FLAGS: readonly Program[] = [
  program("flag: set and cleared", [{ kind: "flag" }], [[swap(0, 1), swap(0, 0)]], [[swap(0, 1), load(0)]], [[swap(0, 0), swap(0, 1)]]),
];
const CLOSED: readonly Program[] = [
  program("float: closed", [{ kind: "float" }], [[plus(0, 1), closeSync(0), load(0)]], [[swap(0, 5), plus(0, 1)]]),
];

export const SYNC_PROGRAMS: readonly Program[] = [
  ...MUTEXES,
  ...RW_MUTEXES,
  ...SEMAPHORES,
  ...GROUPS,
  ...CONDITIONS,
  ...ONCES,
  ...BARRIERS,
  ...NUMBERS,
  ...FLAGS,
  ...CLOSED,
];
