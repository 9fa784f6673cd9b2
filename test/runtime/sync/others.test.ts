// Semaphore, WaitGroup, Cond, Once, Barrier and the atomics beyond what every primitive does (every.test.ts).

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { f64, Runtime } from "../../../src/index.ts";
import { until } from "../../support/heap.ts";
import { closeAll, kill, NOTHING_LEFT, waitingAt } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const jobsUrl = new URL("../../fixtures/sync-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/sync-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 3 });
  jobs = rt.module<Jobs>(jobsUrl);
});
afterAll(async () => {
  expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
});
afterEach(() => until(() => rt.heapUse().syncs === 0, "every record is freed")); // what a killed thread held is, once it has exited

describe("semaphore", () => {
  it("weights: who asks for many is not passed by who asks for few", async () => {
    const s = rt.sync.semaphore(3);
    const two = await s.acquire(2);
    const order: number[] = [];
    const large = s.acquire(3).then((permits) => {
      order.push(3);
      permits.release();
    });
    const small = s.acquire(1).then((permits) => {
      order.push(1);
      permits.release();
    });
    expect(s.tryAcquire(1)).toBeUndefined();
    expect(s.available).toBe(1);
    two.release();
    await Promise.all([large, small]);
    expect(order).toEqual([3, 1]);
    expect(s.available).toBe(3);
    s.close();
  });

  it("misuse: a double release, more than there are, no number", async () => {
    const s = rt.sync.semaphore(2);
    const permits = s.tryAcquire(2)!;
    permits.release();
    expect(() => permits.release()).toThrow(coded("ERR_NOT_HELD"));
    for (const n of [3, -1, 0.5, "1", Number.NaN]) {
      await expect(s.acquire(n as number)).rejects.toThrow(coded("ERR_INVALID_ARG"));
      expect(() => s.tryAcquire(n as number)).toThrow(coded("ERR_INVALID_ARG"));
    }
    for (const n of [0, -1, 2 ** 30, "1"]) expect(() => rt.sync.semaphore(n as number)).toThrow(coded("ERR_INVALID_ARG"));
    expect(await rt.with({ dedicated: true }).go(jobs.acquireTooMany, s)).toBe("ERR_WOULD_DEADLOCK");
    expect(s.available).toBe(2);
    s.close();
  });
});

describe("wait group", () => {
  it("counts across threads; at zero everybody who waits goes on", async () => {
    const wg = rt.sync.waitGroup();
    wg.add(8);
    const waiting = [wg.wait(), wg.wait(), wg.wait()];
    await Promise.all([rt.go(jobs.done, wg, 4), rt.go(jobs.done, wg, 4)]);
    await Promise.all(waiting);
    expect(wg.count).toBe(0);
    await wg.wait();
    wg.close();
  });

  it("a negative count is refused and changes nothing", () => {
    const wg = rt.sync.waitGroup();
    wg.add(2);
    expect(() => wg.add(-3)).toThrow(coded("ERR_NEGATIVE_COUNT"));
    expect(wg.count).toBe(2);
    wg.add(-2);
    expect(() => wg.done()).toThrow(coded("ERR_NEGATIVE_COUNT"));
    for (const n of [0.5, Number.POSITIVE_INFINITY, "1"]) expect(() => wg.add(n as number)).toThrow(coded("ERR_INVALID_ARG"));
    wg.close();
    expect(() => wg.add(1)).toThrow(coded("ERR_SYNC_CLOSED"));
  });

  it("track() counts until the promise is settled, also by a death", async () => {
    const wg = rt.sync.waitGroup();
    const started = rt.channel(f64, 0);
    const lock = rt.sync.mutex();
    const task = wg.track(rt.with({ dedicated: true }).go(jobs.lockForEver, lock, started.sender));
    const ended = expect(task).rejects.toThrow(coded("ERR_THREAD_DIED"));
    const dying = (await started.recv()) as number;
    expect(wg.count).toBe(1);
    await kill(rt, dying);
    await wg.wait();
    await ended;
    const place = wg.hold();
    place.done();
    expect(() => place.done()).toThrow(coded("ERR_NOT_HELD"));
    started.close();
    lock.close();
    wg.close();
  });

  it("used again at once: who waited for the first zero goes on", async () => {
    const wg = rt.sync.waitGroup();
    wg.add(1);
    const waiting = [wg.wait(), wg.wait()];
    wg.done();
    wg.add(1);
    await Promise.all(waiting);
    expect(wg.count).toBe(1);
    wg.done();
    wg.close();
  });
});

describe("condition", () => {
  it.each(["waitCond", "waitCondSync"] as const)("a broadcast wakes those who wait now, a signal one: %s", async (door) => {
    const mutex = rt.sync.mutex();
    const cond = rt.sync.cond(mutex);
    const [ready, woken] = [rt.sync.atomicInt(), rt.sync.atomicInt()];
    const go = () => rt.with({ dedicated: true }).go(jobs[door], cond, mutex, ready, woken);
    const first = [go(), go(), go()];
    await until(() => waitingAt(cond) === 3, "three wait");
    cond.signal();
    await Promise.race(first);
    expect(woken.load()).toBe(1);
    expect(waitingAt(cond)).toBe(2);
    cond.broadcast();
    await Promise.all(first);
    expect(woken.load()).toBe(3);
    cond.signal(); // for nobody: not kept
    const late = go();
    await until(() => waitingAt(cond) === 1, "one waits");
    cond.broadcast();
    await late;
    for (const one of [cond, mutex, ready, woken]) one.close();
  });

  it("a timeout comes back with the lock held", async () => {
    const mutex = rt.sync.mutex();
    const cond = rt.sync.cond(mutex);
    const guard = await mutex.lock();
    await expect(cond.wait(guard, { timeoutMs: 1 })).rejects.toThrow(coded("ERR_TIMEOUT"));
    expect(guard.isHeld && mutex.isLocked).toBe(true);
    guard.unlock();
    cond.close();
    mutex.close();
  });

  it("misuse: a guard that is not held, of another lock, or none; a lock that is none", async () => {
    const mutex = rt.sync.mutex();
    const other = rt.sync.mutex();
    const cond = rt.sync.cond(mutex);
    const guard = await mutex.lock();
    guard.unlock();
    await expect(cond.wait(guard)).rejects.toThrow(coded("ERR_NOT_HELD"));
    const foreign = await other.lock();
    await expect(cond.wait(foreign)).rejects.toThrow(coded("ERR_INVALID_ARG"));
    await expect(cond.wait(undefined as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
    expect(() => rt.sync.cond({} as never)).toThrow(coded("ERR_INVALID_ARG"));
    expect(() => rt.sync.cond(cond as never)).toThrow(coded("ERR_INVALID_ARG"));
    foreign.unlock();
    for (const one of [cond, mutex, other]) one.close();
  });

  it("if the lock is abandoned, whoever waits at its condition is told", async () => {
    const mutex = rt.sync.mutex();
    const cond = rt.sync.cond(mutex);
    const started = rt.channel(f64, 0);
    const guard = await mutex.lock();
    const waiting = cond.wait(guard);
    const told = expect(waiting).rejects.toThrow(coded("ERR_LOCK_ABANDONED"));
    const died = expect(rt.with({ dedicated: true }).go(jobs.lockForEver, mutex, started.sender)).rejects.toThrow(coded("ERR_THREAD_DIED"));
    await kill(rt, (await started.recv()) as number);
    await died;
    await told;
    expect(guard.isHeld).toBe(false);
    started.close();
    cond.close();
    mutex.close();
  });

  it("a signal given to a thread that dies before it has the lock again goes to the next", async () => {
    const mutex = rt.sync.mutex();
    const cond = rt.sync.cond(mutex);
    const [ready, woken] = [rt.sync.atomicInt(), rt.sync.atomicInt()];
    const where = rt.sync.atomicInt();
    const task = rt.with({ dedicated: true }).go(jobs.waitCondSync, cond, mutex, ready, woken, where);
    const died = expect(task).rejects.toThrow(coded("ERR_THREAD_DIED"));
    await until(() => waitingAt(cond) === 1, "it waits");
    const next = rt.go(jobs.waitCond, cond, mutex, ready, woken);
    await until(() => waitingAt(cond) === 2, "both wait");
    const guard = await mutex.lock();
    cond.signal();
    await until(() => waitingAt(mutex) === 1, "the signalled one waits for the lock");
    await kill(rt, where.load());
    await died;
    guard.unlock();
    await next;
    expect(woken.load()).toBe(1);
    for (const one of [cond, mutex, ready, woken, where]) one.close();
  });

  it("a signal given to one who cannot have the lock goes to the next", async () => {
    const mutex = rt.sync.mutex();
    const cond = rt.sync.cond(mutex);
    const waiting: Promise<unknown>[] = [];
    for (let i = 0; i < 2; i++) {
      const guard = await mutex.lock();
      waiting.push(cond.wait(guard).catch((error: { code: string }) => error.code));
    }
    mutex.close();
    cond.signal();
    expect(await Promise.all(waiting)).toEqual(["ERR_SYNC_CLOSED", "ERR_SYNC_CLOSED"]);
    cond.close();
  });
});

describe("once", () => {
  it("one call of all threads is made; an error is its caller's alone, and done is done", async () => {
    const once = rt.sync.once();
    let calls = 0;
    const ends = await Promise.allSettled([
      once.do(async () => {
        calls++;
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error("inside");
      }),
      once.do(() => calls++),
      once.do(() => calls++),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(calls).toBe(1);
    expect(once.isDone).toBe(true);
    once.doSync(() => calls++);
    await once.do(() => calls++);
    expect(calls).toBe(1);
  });

  it("doSync inside itself: ERR_WOULD_DEADLOCK", () => {
    const once = rt.sync.once();
    expect(() => once.doSync(() => once.doSync(() => {}))).toThrow(coded("ERR_WOULD_DEADLOCK"));
    expect(once.isDone).toBe(true);
  });
});

describe("barrier", () => {
  it("rounds across threads: nobody goes before all have come, one is the last each time", async () => {
    const barrier = rt.sync.barrier(4);
    const log = rt.sync.atomicInt();
    const rounds = 25;
    const parties = Array.from({ length: 4 }, () => rt.go(jobs.meet, barrier, rounds, log));
    const last = await Promise.all(parties);
    expect(last.reduce((sum, n) => sum + n)).toBe(rounds);
    expect(barrier.waiting).toBe(0);
    barrier.close();
    log.close();
  });

  it("who gives up has not come", async () => {
    const barrier = rt.sync.barrier(2);
    await expect(barrier.wait({ timeoutMs: 1 })).rejects.toThrow(coded("ERR_TIMEOUT"));
    expect(barrier.waiting).toBe(0);
    const both = await Promise.all([barrier.wait(), barrier.wait()]);
    expect(both).toEqual([false, true]);
    barrier.close();
  });

  it("a death among those who wait is told to the others, and the next round is whole again", async () => {
    const barrier = rt.sync.barrier(3);
    const [log, where] = [rt.sync.atomicInt(), rt.sync.atomicInt()];
    const task = rt.with({ dedicated: true }).go(jobs.meet, barrier, 1, log, where);
    const died = expect(task).rejects.toThrow(coded("ERR_THREAD_DIED"));
    await until(() => barrier.waiting === 1, "it waits");
    const told = expect(barrier.wait()).rejects.toThrow(coded("ERR_LOCK_ABANDONED"));
    await kill(rt, where.load());
    await died;
    await told;
    expect(await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()])).toEqual([false, false, true]);
    for (const n of [0, -1, 1.5, "2"]) expect(() => rt.sync.barrier(n as number)).toThrow(coded("ERR_INVALID_ARG"));
    for (const one of [barrier, log, where]) one.close();
  });
});

describe("atomics", () => {
  it("no count is lost between threads", async () => {
    const [int, float] = [rt.sync.atomicInt(), rt.sync.atomicFloat()];
    await Promise.all([1, 2, 3].map(() => rt.go(jobs.addInts, int, float, 20_000)));
    expect([int.load(), float.load()]).toEqual([60_000, 30_000]);
    int.close();
    float.close();
  });

  it("load, store, add, swap, compareAndSwap", () => {
    const int = rt.sync.atomicInt(5);
    expect([int.load(), int.add(-7), int.swap(9), int.compareAndSwap(8, 1), int.compareAndSwap(9, 1), int.load()]).toEqual([
      5,
      -2,
      -2,
      false,
      true,
      1,
    ]);
    int.store(2 ** 31 - 1);
    expect(int.add(1)).toBe(-(2 ** 31)); // wraps
    const float = rt.sync.atomicFloat(0.25);
    expect([float.add(0.5), float.swap(Number.NaN), float.compareAndSwap(Number.NaN, -0), float.load()]).toEqual([0.75, 0.75, true, -0]);
    expect(float.compareAndSwap(1, 2)).toBe(false);
    const flag = rt.sync.atomicFlag();
    expect([flag.isSet, flag.set(), flag.set(), flag.isSet, flag.clear(), flag.clear(), flag.isSet]).toEqual([
      false,
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
    for (const value of [0.5, 2 ** 31, "1", Number.NaN]) expect(() => int.store(value as number)).toThrow(coded("ERR_INVALID_ARG"));
    for (const value of ["1", 1n, undefined]) expect(() => float.store(value as never)).toThrow(coded("ERR_INVALID_ARG"));
    for (const one of [int, float, flag]) {
      one.close();
      expect(() => one.close()).toThrow(coded("ERR_SYNC_CLOSED"));
    }
    expect(() => int.load()).toThrow(coded("ERR_SYNC_CLOSED"));
    expect(() => float.load()).toThrow(coded("ERR_SYNC_CLOSED"));
    expect(() => flag.isSet).toThrow(coded("ERR_SYNC_CLOSED"));
  });
});
