// Mutex and RwMutex beyond what every primitive does (every.test.ts): alone inside, misuse, abandoned and recovered, cost.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { f64, type Mutex, Runtime, type RwMutex } from "../../../src/index.ts";
import { until } from "../../support/heap.ts";
import { closeAll, kill, NOTHING_LEFT, waitingAt } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const jobsUrl = new URL("../../fixtures/sync-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/sync-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
let mutex: Mutex;
let rw: RwMutex;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 3 });
  jobs = rt.module<Jobs>(jobsUrl);
});
afterAll(async () => {
  expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
});
beforeEach(() => {
  mutex = rt.sync.mutex();
  rw = rt.sync.rwMutex();
});
afterEach(async () => {
  mutex.close();
  rw.close();
  await until(() => rt.heapUse().syncs === 0, "every record is freed"); // what a killed thread held is, once it has exited
});

describe("alone inside", () => {
  it("tasks on several threads that block and that await never overlap", async () => {
    const count = rt.sync.atomicInt();
    const dedicated = rt.with({ dedicated: true });
    await Promise.all([
      dedicated.go(jobs.countAlone, mutex, count, 3_000),
      dedicated.go(jobs.countAlone, mutex, count, 3_000),
      rt.go(jobs.countAloneAsync, mutex, count, 500),
      rt.go(jobs.countAloneAsync, mutex, count, 500),
      rt.go(jobs.countAloneAsync, mutex, count, 500),
    ]);
    expect(count.load()).toBe(7_500);
    expect(mutex.isLocked).toBe(false);
    count.close();
  });

  it("run() unlocks when its body has ended, either way", async () => {
    expect(await mutex.run(() => mutex.isLocked)).toBe(true);
    await expect(mutex.run(() => Promise.reject(new Error("inside")))).rejects.toThrow("inside");
    expect(mutex.isLocked).toBe(false);
  });

  it("readers together, a writer alone, and a writer that waits before the readers behind it", async () => {
    const one = rw.tryRLock()!;
    const two = await rw.rLock();
    expect(rw.readers).toBe(2);
    expect(rw.tryLock()).toBeUndefined();
    const order: string[] = [];
    const writer = rw.lock().then((guard) => {
      order.push("writer");
      expect([rw.isLocked, rw.readers]).toEqual([true, 0]);
      guard.unlock();
    });
    const reader = rw.rLock().then((guard) => {
      order.push("reader");
      guard.unlock();
    });
    expect(rw.tryRLock()).toBeUndefined();
    one.unlock();
    two.unlock();
    await Promise.all([writer, reader]);
    expect(order).toEqual(["writer", "reader"]);
  });

  it("a writer that gives up lets the readers behind it in", async () => {
    const reading = await rw.rLock();
    const controller = new AbortController();
    const writer = rw.lock({ signal: controller.signal });
    const reader = rw.rLock();
    await until(() => waitingAt(rw) === 2, "writer and reader wait");
    controller.abort();
    await expect(writer).rejects.toThrow(coded("ABORT_ERR"));
    (await reader).unlock();
    reading.unlock();
  });
});

describe("misuse", () => {
  it("unlock of unlocked: ERR_NOT_HELD; dispose gives back what is held, once", () => {
    for (const take of [() => mutex.tryLock()!, () => rw.tryLock()!, () => rw.tryRLock()!]) {
      const guard = take();
      expect(guard.isHeld).toBe(true);
      guard.unlock();
      expect(guard.isHeld).toBe(false);
      expect(() => guard.unlock()).toThrow(coded("ERR_NOT_HELD"));
      guard[Symbol.dispose]();
      const again = take();
      again[Symbol.dispose]();
      again[Symbol.dispose]();
      expect(() => again.unlock()).toThrow(coded("ERR_NOT_HELD"));
    }
    expect(mutex.isLocked || rw.isLocked || rw.readers > 0).toBe(false);
  });

  it("lockSync by the thread that holds it: ERR_WOULD_DEADLOCK, on any thread", async () => {
    const guard = await mutex.lock();
    expect(() => mutex.lockSync()).toThrow(coded("ERR_WOULD_DEADLOCK"));
    guard.unlock();
    const reading = await rw.rLock();
    expect(() => rw.lockSync()).toThrow(coded("ERR_WOULD_DEADLOCK"));
    reading.unlock();
    expect(await rt.with({ dedicated: true }).go(jobs.lockTwice, mutex)).toBe("ERR_WOULD_DEADLOCK");
    expect(mutex.isLocked).toBe(false);
  });

  it("lockSync where it would block the supervising thread: that code, nothing waits", async () => {
    const started = rt.channel(f64, 0);
    const died = expect(rt.with({ dedicated: true }).go(jobs.lockForEver, mutex, started.sender)).rejects.toThrow(coded("ERR_THREAD_DIED"));
    const holder = (await started.recv()) as number;
    expect(() => mutex.lockSync()).toThrow(coded("ERR_WOULD_BLOCK_SUPERVISOR"));
    expect(waitingAt(mutex)).toBe(0);
    await kill(rt, holder);
    await died;
    started.close();
  });
});

describe("abandoned", () => {
  async function abandon(lock: Mutex | RwMutex): Promise<void> {
    const started = rt.channel(f64, 0);
    const died = expect(rt.with({ dedicated: true }).go(jobs.lockForEver, lock, started.sender)).rejects.toThrow(coded("ERR_THREAD_DIED"));
    await kill(rt, (await started.recv()) as number);
    await died;
    await until(() => lock.isAbandoned, "the lock is marked");
    started.close();
  }

  it("a mutex stays refused until it is recovered", async () => {
    await abandon(mutex);
    expect(mutex.isLocked).toBe(false);
    for (let i = 0; i < 2; i++) await expect(mutex.lock()).rejects.toThrow(coded("ERR_LOCK_ABANDONED"));
    expect(() => mutex.tryLock()).toThrow(coded("ERR_LOCK_ABANDONED"));
    expect(() => mutex.lockSync()).toThrow(coded("ERR_LOCK_ABANDONED"));
    const guard = await mutex.recover();
    expect(mutex.isAbandoned).toBe(false);
    guard.unlock();
    mutex.tryLock()!.unlock();
  });

  it("who waits with recover() has it, those before it are refused", async () => {
    const started = rt.channel(f64, 0);
    const died = expect(rt.with({ dedicated: true }).go(jobs.lockForEver, mutex, started.sender)).rejects.toThrow(coded("ERR_THREAD_DIED"));
    const holder = (await started.recv()) as number;
    const before = mutex.lock();
    const recovering = mutex.recover();
    const after = mutex.lock();
    const ends = Promise.allSettled([before, after]);
    await kill(rt, holder);
    (await recovering).unlock();
    const [first, last] = await ends;
    expect(first).toMatchObject({ status: "rejected", reason: { code: "ERR_LOCK_ABANDONED" } });
    expect(last.status).toBe("fulfilled");
    if (last.status === "fulfilled") last.value.unlock();
    await died;
    started.close();
  });

  it("a thread dies at the moment the lock is handed to it", async () => {
    const started = rt.channel(f64, 0);
    const guard = await mutex.lock();
    const died = expect(rt.with({ dedicated: true }).go(jobs.waitAndKeep, mutex, started.sender)).rejects.toThrow(coded("ERR_THREAD_DIED"));
    const dying = (await started.recv()) as number;
    await until(() => waitingAt(mutex) === 1, "it waits");
    guard.unlock(); // hands it on in this very call
    expect(waitingAt(mutex)).toBe(0);
    await kill(rt, dying);
    await expect(mutex.lock()).rejects.toThrow(coded("ERR_LOCK_ABANDONED"));
    (await mutex.recover()).unlock();
    await died;
    started.close();
  });

  it("a writer's death marks an rw mutex, a reader's gives its share back", async () => {
    await abandon(rw);
    await expect(rw.rLock()).rejects.toThrow(coded("ERR_LOCK_ABANDONED"));
    (await rw.recover()).unlock();
    const started = rt.channel(f64, 0);
    const died = expect(rt.with({ dedicated: true }).go(jobs.readForEver, rw, started.sender)).rejects.toThrow(coded("ERR_THREAD_DIED"));
    const dying = (await started.recv()) as number;
    const writer = rw.lock();
    await until(() => waitingAt(rw) === 1, "a writer waits");
    await kill(rt, dying);
    (await writer).unlock();
    expect(rw.isAbandoned).toBe(false);
    await died;
    started.close();
  });
});

it("a million uncontended pairs call neither wait nor waitAsync, and need one operation", () => {
  const { parker, ops } = mutex.place.thread;
  const [counts, inUse] = [{ ...parker.counts }, ops.inUse];
  for (let i = 0; i < 500_000; i++) {
    mutex.lockSync().unlock();
    mutex.tryLock()!.unlock();
  }
  expect(parker.counts).toEqual(counts);
  expect(ops.inUse).toBe(inUse);
});
