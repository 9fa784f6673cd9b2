// Cases of sync records: every primitive of src/runtime/sync as the threads of the runtime use it.

import * as L from "../src/runtime/memory/layout.ts";
import { looping, plan } from "./notation.ts";
import type { Instruction, ModelCase, ThreadPlan } from "./program.ts";
import type { SyncInstruction, SyncPlan } from "./program-sync.ts";

type Take = Extract<SyncInstruction, { do: "take" }>;
const TIMER = { timer: true };
const TRY = { try: true };
const RECOVERS = { wish: L.SYNC_TAKES | L.SYNC_RECOVERS };

const take = (sync: number, weight = 1, more: Partial<Take> = {}): Instruction => ({
  do: "take",
  sync,
  place: sync + 1,
  weight,
  wish: L.SYNC_TAKES,
  ...more,
});
const give = (sync: number): Instruction => ({ do: "give", sync, place: sync + 1 });
const lock = (more: Partial<Take> = {}): Instruction[] => [take(0, 1, more), give(0)];
const wait = (sync: number, weight: number, more: Partial<Take> = {}) => take(sync, weight, { wish: L.SYNC_BARGES, ...more });
const gather = (sync: number, more: Partial<Take> = {}) => take(sync, 0x7fff_ffff, { wish: 0, ...more });
const add = (sync: number, amount: number): Instruction => ({ do: "add", sync, amount });
const signal = (sync: number, all = false): Instruction => ({ do: "signal", sync, all });
const close = (sync: number): Instruction => ({ do: "closeSync", sync });
const make = (sync: number): Instruction => ({ do: "makeSync", sync });
const condition = (more: { timer?: boolean } = {}): Instruction => ({
  do: "condition",
  sync: 1,
  place: 2,
  lock: 0,
  lockPlace: 1,
  ...more,
});

/** A context: a channel that closes when it is cancelled. */
const UNTIL = { until: 0 };
const CANCEL: Instruction = { do: "close", channel: 0 };

const mutex: SyncPlan = { policy: L.SYNC_LOCKING, permits: 1 };
const rw: SyncPlan = { policy: L.SYNC_LOCKING, permits: 9 };
const semaphore = (permits: number): SyncPlan => ({ policy: L.SYNC_SEMAPHORE, permits });
const group = (count = 0): SyncPlan => ({ policy: L.SYNC_COUNTING, permits: 9, count });
const cond: SyncPlan = { policy: L.SYNC_SIGNALLING, permits: 9, lock: 0 };
const barrier = (permits: number): SyncPlan => ({ policy: L.SYNC_GATHERING, permits });

const sync = (name: string, syncs: SyncPlan[], ...threads: (ThreadPlan | Instruction[])[]): ModelCase => ({
  name: `sync: ${name}`,
  channels: [],
  syncs,
  threads: threads.map((one) => (Array.isArray(one) ? plan(...one) : one)),
});
/** Somebody may rightly be left asleep. */
const drowsy = (model: ModelCase): ModelCase => ({ ...model, maySleep: true });

const LOCKS: ModelCase[] = [
  sync(
    "alone: a mutex",
    [mutex],
    [...lock(), ...lock(TRY), take(0), take(0, 1, { place: 2, ...TRY }), take(0, 1, { place: 2, ...TIMER }), give(0)],
  ),
  sync("a mutex, two threads", [mutex], [...lock(), ...lock()], [...lock(), ...lock()]),
  sync("a mutex, three threads", [mutex], lock(), lock(), [...lock(), ...lock()]),
  sync("a mutex from the loop", [mutex], looping(...lock(), ...lock()), looping(...lock()), lock()),
  sync("a mutex, who waits gives up", [mutex], [...lock(), ...lock()], lock(TIMER), lock(TIMER)),
  sync("a mutex, tries", [mutex], [...lock(TRY), ...lock(TRY)], lock(), lock(TRY)),
  sync("a mutex is recovered", [mutex], lock(), lock(), lock(RECOVERS)),
  sync("a mutex is recovered after a wait", [mutex], lock(), [...lock({ ...RECOVERS, ...TIMER }), ...lock()], lock(TIMER)),
  sync("a mutex is closed", [mutex], lock(), [...lock(), close(0)], lock()),
  sync("a mutex is closed by its holder", [mutex], [take(0), close(0), give(0)], [...lock(), ...lock()], [close(0)]),
  sync("readers and a writer", [rw], [take(0, 1), give(0)], [take(0, 1), give(0)], [take(0, 9), give(0)]),
  sync("a reader, two writers", [rw], [take(0, 1), give(0), take(0, 9), give(0)], [take(0, 9), give(0)], [take(0, 1), give(0)]),
  sync("a writer gives up before readers", [rw], [take(0, 1), give(0)], [take(0, 9, TIMER), give(0)], [take(0, 1), give(0)]),
  sync("a writer is recovered", [rw], [take(0, 9), give(0)], [take(0, 1, TIMER), give(0)], [take(0, 9, RECOVERS), give(0)]),
  sync("weights", [semaphore(2)], [take(0, 2), give(0)], [take(0, 1), give(0)], [take(0, 2), give(0), take(0, 1), give(0)]),
  sync("weights, the large one gives up", [semaphore(2)], [take(0, 1), give(0)], [take(0, 2, TIMER), give(0)], [take(0, 1), give(0)]),
  sync("two permits each, three threads", [semaphore(3)], [take(0, 2), give(0)], [take(0, 2), give(0)], [take(0, 2), give(0)]),
  sync(
    "permits at two places",
    [semaphore(2)],
    [take(0), take(0, 1, { place: 2, ...TIMER }), give(0), { do: "give", sync: 0, place: 2 }],
    [take(0, 2), give(0)],
  ),
  sync(
    "once",
    [mutex],
    [take(0, 1, RECOVERS), close(0), give(0)],
    [take(0, 1, RECOVERS), close(0), give(0)],
    [take(0, 1, RECOVERS), close(0), give(0)],
  ),
  sync("close, free and make again", [mutex, semaphore(1)], [close(0), make(1), take(1), give(1)], [...lock(), close(0)], lock(TRY)),
];

const GUARDED: ModelCase[] = [
  { ...sync("a mutex, a context ends a wait", [mutex], lock(UNTIL), [...lock(), ...lock()], [CANCEL]), channels: [0] },
  {
    ...sync("a mutex, a context ends two waits", [mutex], lock(UNTIL), [take(0), CANCEL, give(0)], lock({ ...UNTIL, ...TIMER })),
    channels: [0],
  },
  { ...sync("a group, a context ends a wait", [group(1)], [wait(0, 9, UNTIL)], [add(0, -1)], [CANCEL]), channels: [0] },
  { ...drowsy(sync("a barrier, a context ends a wait", [barrier(2)], [gather(0, UNTIL)], [gather(0, TIMER)], [CANCEL])), channels: [0] },
];

const COUNTS: ModelCase[] = [
  sync(
    "alone: a group",
    [group()],
    [wait(0, 9), add(0, 2), add(0, -3), wait(0, 9, TIMER), add(0, -1), wait(0, 9, TRY), add(0, -1), wait(0, 9)],
  ),
  sync("a group, two done, one waits", [group(2)], [wait(0, 9)], [add(0, -1)], [add(0, -1)]),
  sync("a group, two wait", [group(1)], [wait(0, 9)], [wait(0, 9)], [add(0, -1)]),
  sync("a group, used again while they go", [group(1)], [wait(0, 9)], [wait(0, 9)], [add(0, -1), add(0, 1), add(0, -1)]),
  sync("a group, from the loop", [group(1)], looping(wait(0, 9), wait(0, 9)), looping(wait(0, 9, TIMER)), [add(0, -1)]),
  sync(
    "a group with places",
    [group()],
    [take(0, 1, { wish: L.SYNC_TAKES | L.SYNC_BARGES }), give(0)],
    [take(0, 1, { wish: L.SYNC_TAKES | L.SYNC_BARGES }), give(0)],
    [wait(0, 9), wait(0, 9)],
  ),
  sync("a group is closed", [group(1)], [wait(0, 9)], [wait(0, 9)], [add(0, 1), close(0), add(0, -1)]),
];

/** Waits at the condition, and says so under the lock: whoever has seen the count at zero and has the lock then knows that both wait. */
const waiter = (more: { timer?: boolean } = {}): Instruction[] => [take(0), add(2, -1), condition(more), give(0)];
const bothWait: Instruction[] = [wait(2, 9), take(0)];
const counted = [mutex, cond, group(2)];

const CONDITIONS: ModelCase[] = [
  sync("a condition, both wait, a signal each", counted, waiter(), waiter(), [...bothWait, signal(1), signal(1), give(0)]),
  sync("a condition, both wait, one broadcast", counted, waiter(), waiter(), [...bothWait, signal(1, true), give(0)]),
  sync("a condition, both wait, one gives up", counted, waiter(TIMER), waiter(), [...bothWait, signal(1), signal(1), give(0)]),
  sync("a condition, both wait, the lock is closed", counted, waiter(), waiter(), [...bothWait, close(0), signal(1), give(0)]),
  drowsy(sync("a condition, one waits", [mutex, cond], [take(0), condition(), give(0)], [take(0), signal(1), give(0)])),
  sync("a condition, one waits or gives up", [mutex, cond], [take(0), condition(TIMER), give(0)], [take(0), signal(1), give(0)]),
  drowsy(
    sync(
      "a condition, two wait, two signals",
      [mutex, cond],
      [take(0), condition(), give(0)],
      [take(0), condition(), give(0)],
      [signal(1), signal(1)],
    ),
  ),
  drowsy(
    sync(
      "a condition, two wait, one broadcast",
      [mutex, cond],
      [take(0), condition(), give(0)],
      [take(0), condition(), give(0)],
      [signal(1, true)],
    ),
  ),
  drowsy(
    sync(
      "a condition, one of two gives up",
      [mutex, cond],
      [take(0), condition(), give(0)],
      [take(0), condition(TIMER), give(0)],
      [signal(1)],
    ),
  ),
  drowsy(
    sync("a condition, from the loop", [mutex, cond], looping(take(0), condition(), give(0)), looping(take(0), condition(), give(0)), [
      signal(1),
      signal(1, true),
    ]),
  ),
  drowsy(
    sync(
      "a condition, two wait, the lock is closed",
      [mutex, cond],
      [take(0), condition()],
      [take(0), condition()],
      [close(0), signal(1), signal(1)],
    ),
  ),
  drowsy(
    sync("a condition is closed", [mutex, cond], [take(0), condition(), give(0)], [take(0), condition(), give(0)], [close(1), signal(1)]),
  ),
  drowsy(
    sync(
      "a condition, the lock is closed",
      [mutex, cond],
      [take(0), condition(TIMER), give(0)],
      [take(0), condition(), give(0)],
      [signal(1), close(0)],
    ),
  ),
];

const GATHERINGS: ModelCase[] = [
  sync("alone: a barrier", [barrier(1)], [gather(0), gather(0), close(0), gather(0)]),
  sync("alone: a barrier is given up", [barrier(2)], [gather(0, TIMER), gather(0, TIMER), gather(0, TRY)]),
  sync("a barrier of two, three rounds", [barrier(2)], [gather(0), gather(0), gather(0)], [gather(0), gather(0), gather(0)]),
  sync("a barrier of three, two rounds", [barrier(3)], [gather(0), gather(0)], [gather(0), gather(0)], [gather(0), gather(0)]),
  drowsy(sync("a barrier of two, one gives up", [barrier(2)], [gather(0, TIMER)], [gather(0), gather(0, TIMER)], [gather(0)])),
  drowsy(sync("a barrier from the loop", [barrier(2)], looping(gather(0), gather(0)), looping(gather(0), gather(0, TIMER)))),
  sync("a barrier is closed", [barrier(3)], [gather(0)], [gather(0)], [close(0), gather(0)]),
];

const change = (what: number, a = 0, b = 0, sync = 0): Instruction => ({ do: "number", sync, what, a, b });
const one: SyncPlan = semaphore(1);

const NUMBERS: ModelCase[] = [
  sync(
    "alone: a number",
    [one],
    [
      change(L.NUMBER_LOAD),
      change(L.NUMBER_STORE, 5),
      change(L.NUMBER_ADD, 2),
      change(L.NUMBER_COMPARE, 7, 9),
      change(L.NUMBER_COMPARE, 7, 3),
      change(L.NUMBER_LOAD),
    ],
  ),
  sync(
    "a number, three add",
    [one],
    [change(L.NUMBER_ADD, 1), change(L.NUMBER_ADD, 1)],
    [change(L.NUMBER_ADD, 2)],
    [change(L.NUMBER_ADD, 4)],
  ),
  sync("a number is compared", [one], [change(L.NUMBER_COMPARE, 0, 1)], [change(L.NUMBER_COMPARE, 0, 2)], [change(L.NUMBER_STORE, 3)]),
  sync(
    "a number is closed",
    [one, one],
    [change(L.NUMBER_ADD, 1), close(0), make(1), change(L.NUMBER_LOAD, 0, 0, 1)],
    [change(L.NUMBER_ADD, 1), change(L.NUMBER_STORE, 2)],
  ),
];

/** The record is freed and made again as something else; who comes late with the old handle changes nothing there. */
const LATE: ModelCase[] = [
  sync(
    "a group is freed and made again",
    [group(), group()],
    [close(0), make(1), add(1, 1), wait(1, 9, TRY), add(1, -1)],
    [add(0, 1), add(0, -1)],
    [wait(0, 9, TRY)],
  ),
  sync(
    "a condition is freed and made again",
    [mutex, cond, semaphore(1)],
    [close(1), make(2), take(2), give(2)],
    [signal(1), signal(1, true)],
  ),
  sync("a barrier is freed and made again", [barrier(2), barrier(2)], [close(0), make(1), gather(1, TIMER)], [gather(0, TIMER), close(0)]),
  sync(
    "a semaphore is freed and made again",
    [semaphore(2), semaphore(1)],
    [close(0), make(1), take(1), give(1)],
    [take(0, 2, TRY), give(0), close(0)],
  ),
];

/** Who waits meets a change of several kinds in one moment. */
const MORE: ModelCase[] = [
  sync(
    "two readers, two writers, one gives up",
    [rw],
    [take(0, 9), give(0)],
    [take(0, 9, TIMER), give(0)],
    [take(0, 1), give(0), take(0, 1), give(0)],
  ),
  sync("three readers behind a writer", [rw], [take(0, 9), give(0)], [take(0, 1), give(0)], [take(0, 1), give(0)], [take(0, 1), give(0)]),
  sync(
    "a semaphore is closed while two wait",
    [semaphore(2)],
    [take(0, 2), close(0), give(0)],
    [take(0, 1), give(0)],
    [take(0, 2, TIMER), give(0)],
  ),
  sync("an rw mutex is closed while two wait", [rw], [take(0, 1), close(0), give(0)], [take(0, 9, TIMER), give(0)], [take(0, 1), give(0)]),
  sync("a recovered lock is closed", [mutex], lock(), [...lock({ ...RECOVERS, ...TIMER }), close(0)], lock({ ...RECOVERS })),
  sync(
    "a group is closed while two wait and it counts",
    [group(1)],
    [wait(0, 9, TIMER)],
    [wait(0, 9), close(0)],
    [add(0, 1), add(0, -2), close(0)],
  ),
  sync("a group, two give up", [group(2)], [wait(0, 9, TIMER)], [wait(0, 9, TIMER)], [add(0, -1), add(0, -1)]),
  drowsy(sync("a barrier is closed while one gives up", [barrier(3)], [gather(0, TIMER)], [gather(0)], [gather(0, TIMER), close(0)])),
  drowsy(
    sync(
      "a condition is closed while two wait",
      [mutex, cond],
      [take(0), condition(TIMER), give(0)],
      [take(0), condition(), give(0)],
      [signal(1), close(1)],
    ),
  ),
];

export const SYNC_CASES: ModelCase[] = [...LOCKS, ...GUARDED, ...COUNTS, ...CONDITIONS, ...GATHERINGS, ...NUMBERS, ...LATE, ...MORE];
