// Sync primitives as handles: arguments, results, in structures, through channels; of this runtime only.

import { afterAll, beforeAll, expect, it } from "vitest";
import { type AtomicInt, f64, Guard, Mutex, Runtime, type Semaphore, structured, syncOf, type WaitGroup } from "../../../src/index.ts";
import { closeAll, NOTHING_LEFT } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const jobsUrl = new URL("../../fixtures/sync-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/sync-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 1 });
  jobs = rt.module<Jobs>(jobsUrl);
});
afterAll(async () => {
  expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
});

it("every class goes to a thread and back, inside other values too, and is the same thing", async () => {
  const mutex = rt.sync.mutex();
  const made = {
    mutex,
    more: [rt.sync.rwMutex(), rt.sync.cond(mutex), new Map([["wg", rt.sync.waitGroup()]])],
    once: rt.sync.once(),
    rest: new Set([rt.sync.semaphore(3), rt.sync.barrier(2), rt.sync.atomicInt(7), rt.sync.atomicFlag(), rt.sync.atomicFloat(0.5)]),
  };
  const back = await rt.go(jobs.giveBack<typeof made>, made);
  expect(back.mutex).toBeInstanceOf(Mutex);
  const guard = back.mutex.tryLock()!;
  expect(mutex.isLocked).toBe(true);
  guard.unlock();
  (back.more[2] as Map<string, WaitGroup>).get("wg")!.add(3);
  expect((made.more[2] as Map<string, WaitGroup>).get("wg")!.count).toBe(3);
  const rest = [...back.rest];
  expect((rest[0] as Semaphore).permits).toBe(3);
  expect((rest[2] as AtomicInt).load()).toBe(7);
  await made.once.do(() => {});
  expect(back.once.isDone).toBe(true);
  const wg = (made.more[2] as Map<string, WaitGroup>).get("wg")!;
  for (const one of [mutex, made.more[0], made.more[1], wg, ...made.rest]) (one as Mutex).close();
  expect(rt.heapUse().syncs).toBe(0);
});

it("through channels: a codec for a class, and structured", async () => {
  const channel = rt.channel(syncOf(Mutex), 1);
  const started = rt.channel(f64, 0);
  const mutex = rt.sync.mutex();
  const task = rt.go(jobs.lockFrom, channel.receiver, started.sender);
  const guard = await mutex.lock();
  await channel.send(mutex);
  guard.unlock();
  expect(await started.recv()).toBe(1);
  expect(await task).toBe(true);
  const any = rt.channel(structured<{ lock: Mutex }>(), 1);
  await any.send({ lock: mutex });
  const received = await any.recv();
  expect((received as { lock: Mutex }).lock).toBeInstanceOf(Mutex);
  for (const bad of [rt, 1, undefined, {}]) expect(() => channel.trySend(bad as never)).toThrow(coded("ERR_INVALID_ARG"));
  expect(() => syncOf(Guard as never)).toThrow(coded("ERR_INVALID_ARG"));
  for (const one of [channel, any, started, mutex]) one.close();
});

it("a handle of another runtime is refused; one of a record that was freed behaves as closed", async () => {
  const other = await Runtime.start({ threads: 0 });
  const foreign = other.sync.mutex();
  expect(() => rt.go(jobs.giveBack<Mutex>, foreign)).toThrow(coded("ERR_FOREIGN_HANDLE"));
  const channel = rt.channel(syncOf(Mutex), 1);
  expect(() => channel.trySend(foreign)).toThrow(coded("ERR_FOREIGN_HANDLE"));
  expect(() => rt.sync.cond(foreign)).toThrow(coded("ERR_FOREIGN_HANDLE"));
  channel.close();
  foreign.close();
  await other.close();
  expect(() => other.sync.mutex()).toThrow(coded("ERR_CLOSED"));

  const mutex = rt.sync.mutex();
  const guard = await mutex.lock();
  mutex.close();
  expect(rt.heapUse().syncs).toBe(1);
  guard.unlock(); // the last one frees it
  expect(rt.heapUse().syncs).toBe(0);
  const heir = rt.sync.semaphore(5);
  await expect(mutex.lock()).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
  expect(() => mutex.tryLock()).toThrow(coded("ERR_SYNC_CLOSED"));
  expect([mutex.isLocked, heir.available]).toEqual([false, 5]);
  heir.close();
});

it("a heap that is full says so", async () => {
  const small = await Runtime.start({ threads: 0, heapBytes: 2 << 20 });
  const made: Mutex[] = [];
  expect(() => {
    for (;;) made.push(small.sync.mutex());
  }).toThrow(coded("ERR_HEAP_EXHAUSTED"));
  made.pop()!.close();
  made.push(small.sync.mutex());
  expect(await closeAll(small, made)).toEqual(NOTHING_LEFT);
});
