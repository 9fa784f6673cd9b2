// What Go's and Rust's own tests ask of their locks, asked of ours, on one thread and on several. Re-expressed after
//   Go         src/sync: mutex_test, rwmutex_test, cond_test, waitgroup_test, once_test; x/sync/semaphore: semaphore_test
//   Rust       library/std: sync/barrier tests; crossbeam-utils: tests/wait_group.rs, sharded_lock.rs, parker.rs
// Where we differ on purpose docs/sync.md says so.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bool, Runtime } from "../../src/index.ts";
import { until } from "../support/heap.ts";
import { closeAll, NOTHING_LEFT, waitingAt } from "../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const url = new URL("../fixtures/conformance-sync.js", import.meta.url);
type Jobs = typeof import("../fixtures/conformance-sync.ts");
interface Closable {
  close(): void;
}

describe.each([0, 2])("threads: %i", (threads) => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  const made: Closable[] = [];
  const make = <T extends Closable>(one: T): T => {
    made.push(one);
    return one;
  };
  const int = () => make(rt.sync.atomicInt());
  beforeAll(async () => {
    rt = await Runtime.start({ threads });
    jobs = rt.module<Jobs>(url);
  });
  afterAll(async () => {
    expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
  });
  afterEach(() => {
    for (const one of made.splice(0)) one.close();
    expect(rt.heapUse().syncs).toBe(0);
  });

  describe("Mutex", () => {
    it("hammered by ten, tries among them: never two inside", async () => {
      const [mutex, inside] = [make(rt.sync.mutex()), int()];
      const got = await Promise.all(Array.from({ length: 10 }, () => rt.go(jobs.hammerMutex, mutex, inside, 60)));
      expect(got.every((n) => n === 60)).toBe(true);
      expect(mutex.isLocked).toBe(false);
    });

    it("tryLock fails while it is locked and succeeds when it is not", () => {
      const mutex = make(rt.sync.mutex());
      const guard = mutex.tryLock()!;
      expect(mutex.tryLock()).toBeUndefined();
      guard.unlock();
      mutex.tryLock()!.unlock();
    });

    it("fair: one that hogs it does not starve another", async () => {
      const [mutex, stop] = [make(rt.sync.mutex()), int()];
      const hog = rt.go(jobs.hogMutex, mutex, stop);
      expect(await rt.go(jobs.lockTenTimes, mutex, stop)).toBe(10);
      expect(await hog).toBeGreaterThan(0);
    });
  });

  describe("RWMutex", () => {
    it.each([1, 3, 4])("%i readers are inside together", async (n) => {
      const [rw, all] = [make(rt.sync.rwMutex()), make(rt.sync.barrier(n))];
      const readers = await Promise.all(Array.from({ length: n }, () => rt.go(jobs.readTogether, rw, all)));
      expect(readers).toEqual(Array.from({ length: n }, () => n));
    });

    it("hammered by readers and writers: a writer is alone", async () => {
      const [rw, activity] = [make(rt.sync.rwMutex()), int()];
      await Promise.all([
        rt.go(jobs.hammerWrite, rw, activity, 40),
        ...[1, 2, 3].map(() => rt.go(jobs.hammerRead, rw, activity, 40)),
        rt.go(jobs.hammerWrite, rw, activity, 40),
        ...[1, 2, 3].map(() => rt.go(jobs.hammerRead, rw, activity, 40)),
      ]);
      expect(activity.load()).toBe(0);
      expect([rw.readers, rw.isLocked]).toEqual([0, false]);
    });

    it("tries: a writer keeps all out, readers keep writers out", () => {
      const rw = make(rt.sync.rwMutex());
      const writing = rw.tryLock()!;
      expect([rw.tryLock(), rw.tryRLock()]).toEqual([undefined, undefined]);
      writing.unlock();
      const [one, two] = [rw.tryRLock()!, rw.tryRLock()!];
      expect(rw.tryLock()).toBeUndefined();
      one.unlock();
      two.unlock();
      expect(() => two.unlock()).toThrow(coded("ERR_NOT_HELD"));
    });
  });

  describe("Cond", () => {
    it("a signal wakes exactly one, one after the other", async () => {
      const mutex = make(rt.sync.mutex());
      const cond = make(rt.sync.cond(mutex));
      const [running, awake] = [int(), int()];
      const tasks = Array.from({ length: 3 }, () => rt.go(jobs.waitForSignal, mutex, cond, running, awake));
      await until(() => waitingAt(cond) === 3, "three wait");
      for (let n = 1; n <= 3; n++) {
        const guard = await mutex.lock();
        expect(awake.load()).toBe(n - 1);
        cond.signal();
        guard.unlock();
        await until(() => awake.load() === n, "one more is awake");
        expect(waitingAt(cond)).toBe(3 - n);
      }
      cond.signal(); // for nobody
      await Promise.all(tasks);
    });

    it("a broadcast wakes all who wait, round after round", async () => {
      const mutex = make(rt.sync.mutex());
      const cond = make(rt.sync.cond(mutex));
      const [waiting, exit] = [int(), int()];
      const tasks = Array.from({ length: 4 }, () => rt.go(jobs.waitForRounds, mutex, cond, waiting, exit));
      const rounds = 10;
      for (let round = 1; round <= rounds; round++) {
        await until(() => waitingAt(cond) === 4, "four wait");
        const guard = await mutex.lock();
        expect(waiting.load()).toBe(4 * round);
        if (round === rounds) exit.store(1);
        cond.broadcast();
        guard.unlock();
      }
      expect(await Promise.all(tasks)).toEqual([rounds, rounds, rounds, rounds]);
    });

    it("signals are served in the order of the waits: none is stolen by one that comes later", async () => {
      const mutex = make(rt.sync.mutex());
      const cond = make(rt.sync.cond(mutex));
      const order: number[] = [];
      const waits: Promise<void>[] = [];
      for (let n = 0; n < 5; n++) {
        const guard = await mutex.lock();
        waits.push(
          cond.wait(guard).then(() => {
            order.push(n);
            guard.unlock();
          }),
        );
        if (n === 2) cond.signal(); // for the first, whoever comes after
      }
      for (let n = 1; n < 5; n++) cond.signal();
      await Promise.all(waits);
      expect(order).toEqual([0, 1, 2, 3, 4]);
    });
  });

  describe("WaitGroup", () => {
    it("two groups, used eight times over: nobody goes before the other side has come", async () => {
      const [one, other] = [make(rt.sync.waitGroup()), make(rt.sync.waitGroup())];
      for (let round = 0; round < 8; round++) {
        const exited = int();
        one.add(6);
        other.add(6);
        const tasks = Array.from({ length: 6 }, () => rt.go(jobs.bothGroups, one, other, exited));
        await one.wait();
        for (let i = 0; i < 6; i++) {
          expect(exited.load()).toBe(0);
          other.done();
        }
        await Promise.all(tasks);
        expect(exited.load()).toBe(6);
      }
    });

    it("done once too often is an error, and wait on zero does not wait", async () => {
      const wg = make(rt.sync.waitGroup());
      wg.add(1);
      wg.done();
      expect(() => wg.done()).toThrow(coded("ERR_NEGATIVE_COUNT"));
      await wg.wait();
    });

    it("places held by tasks: who waits goes on when the last is given back", async () => {
      const wg = make(rt.sync.waitGroup());
      const [held, go] = [int(), int()];
      const tasks = Array.from({ length: 4 }, () => rt.go(jobs.holdPlace, wg, held, go));
      await until(() => held.load() === 4, "four hold");
      let isOver = false;
      const waiting = wg.wait().then(() => {
        isOver = true;
      });
      expect([wg.count, isOver]).toEqual([4, false]);
      go.store(1);
      await waiting;
      await Promise.all(tasks);
    });
  });

  describe("crossbeam's WaitGroup", () => {
    it("ten hold a place, give it back and wait: nobody goes on before all have", async () => {
      const wg = make(rt.sync.waitGroup());
      const [held, go, come] = [int(), int(), int()];
      const tasks = Array.from({ length: 10 }, () => rt.go(jobs.comeAndWait, wg, held, go, come));
      await until(() => held.load() === 10, "all hold");
      go.store(1);
      expect(await Promise.all(tasks)).toEqual(Array.from({ length: 10 }, () => 10));
      expect(wg.count).toBe(0);
    });

    it("a place that is dropped counts as given back, once", async () => {
      const wg = make(rt.sync.waitGroup());
      {
        using place = wg.hold();
        expect([wg.count, place.isHeld]).toEqual([1, true]);
      }
      await wg.wait({ timeoutMs: 0 });
      const place = wg.hold();
      place.done();
      place[Symbol.dispose]();
      expect(wg.count).toBe(0);
    });
  });

  describe("crossbeam's ShardedLock", () => {
    it("readers and writers as a coin falls: a writer is alone", async () => {
      const [rw, inside] = [make(rt.sync.rwMutex()), int()];
      const wrote = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => rt.go(jobs.readOrWrite, rw, inside, 80, seed)));
      expect(wrote.reduce((a, b) => a + b)).toBeGreaterThan(0);
      expect([inside.load(), rw.readers, rw.isLocked]).toEqual([0, 0, false]);
    });

    it("what a writer does in steps no reader sees half done", async () => {
      const [rw, value] = [make(rt.sync.rwMutex()), int()];
      const readers = [1, 2, 3].map(() => rt.go(jobs.readWhole, rw, value, 40));
      await Promise.all([rt.go(jobs.writeInSteps, rw, value, 20), rt.go(jobs.writeInSteps, rw, value, 20)]);
      expect(await Promise.all(readers)).toEqual([40, 40, 40]);
    });

    it("an error poisons nothing: only a death does, and only a writer's", async () => {
      const [rw, mutex] = [make(rt.sync.rwMutex()), make(rt.sync.mutex())];
      const boom = () => {
        throw new Error("inside");
      };
      await expect(mutex.run(boom)).rejects.toThrow("inside");
      expect([mutex.isLocked, mutex.isAbandoned]).toEqual([false, false]);
      for (const take of [() => rw.tryLock()!, () => rw.tryRLock()!]) {
        expect(() => {
          using guard = take();
          boom();
          return guard;
        }).toThrow("inside");
        expect([rw.isLocked, rw.readers, rw.isAbandoned]).toEqual([false, 0, false]);
      }
    });
  });

  describe("crossbeam's Parker: a token in a channel of one", () => {
    const token = () => make(rt.channel(bool, 1));

    it("unparked before: does not wait, and twice is once", async () => {
      const parker = token();
      expect([parker.trySend(true), parker.trySend(true)]).toEqual([true, false]);
      expect(await parker.recv({ timeoutMs: 0 })).toBe(true);
      await expect(parker.recv({ timeoutMs: 0 })).rejects.toThrow(coded("ERR_TIMEOUT"));
    });

    it("not unparked: the timeout ends it, and the next one still works", async () => {
      const parker = token();
      await expect(parker.recv({ timeoutMs: 1 })).rejects.toThrow(coded("ERR_TIMEOUT"));
      parker.trySend(true);
      expect(await parker.recv({ timeoutMs: 0 })).toBe(true);
    });

    it("unparked by another, time after time", async () => {
      const [parker, parked] = [token(), int()];
      const parking = rt.go(jobs.parkTimes, parker, 20, parked);
      for (let i = 1; i <= 20; i++) {
        expect(parker.trySend(true)).toBe(true);
        await until(() => parked.load() === i, "it has gone on");
      }
      expect(await parking).toBe(20);
    });
  });

  it("Once: ten call, one does it, and all see it done", async () => {
    const [once, count] = [rt.sync.once(), int()];
    const seen = await Promise.all(Array.from({ length: 10 }, () => rt.go(jobs.countOnce, once, count)));
    expect(seen).toEqual(Array.from({ length: 10 }, () => 1));
  });

  describe("semaphore.Weighted", () => {
    it("hammered with every weight: never more than there are", async () => {
      const [semaphore, taken] = [make(rt.sync.semaphore(10)), int()];
      await Promise.all([1, 2, 3, 5, 7, 10].map((n) => rt.go(jobs.hammerSemaphore, semaphore, taken, n, 40)));
      expect([taken.load(), semaphore.available]).toEqual([0, 10]);
    });

    it("tryAcquire: as many as are free, and no more", () => {
      const semaphore = make(rt.sync.semaphore(2));
      const one = semaphore.tryAcquire(1)!;
      const two = semaphore.tryAcquire(1)!;
      expect(semaphore.tryAcquire(1)).toBeUndefined();
      one.release();
      two.release();
      const both = semaphore.tryAcquire(2)!;
      expect(semaphore.tryAcquire(1)).toBeUndefined();
      both.release();
    });

    it("a large one is not starved by small ones that come and go", async () => {
      const [semaphore, stop] = [make(rt.sync.semaphore(4)), int()];
      const small = Array.from({ length: 4 }, () => rt.go(jobs.keepTaking, semaphore, stop));
      await until(() => semaphore.available === 0, "all are taken");
      (await semaphore.acquire(4)).release();
      stop.store(1);
      await Promise.all(small);
    });

    it("a large one that gives up lets those behind it go at once", async () => {
      const semaphore = make(rt.sync.semaphore(10));
      const held = await semaphore.acquire(1);
      const controller = new AbortController();
      const large = semaphore.acquire(10, { signal: controller.signal });
      const behind = semaphore.acquire(1);
      await until(() => waitingAt(semaphore) === 2, "both wait");
      controller.abort();
      await expect(large).rejects.toThrow(coded("ABORT_ERR"));
      (await behind).release();
      held.release();
      expect(semaphore.available).toBe(10);
    });

    it("more than there are is refused, released twice is an error", async () => {
      const semaphore = make(rt.sync.semaphore(2));
      await expect(semaphore.acquire(3)).rejects.toThrow(coded("ERR_INVALID_ARG"));
      const permits = await semaphore.acquire(2);
      permits.release();
      expect(() => permits.release()).toThrow(coded("ERR_NOT_HELD"));
      expect(semaphore.available).toBe(2);
    });
  });

  it("Barrier: rounds in step, one last each time", async () => {
    const [barrier, sum] = [make(rt.sync.barrier(5)), int()];
    const last = await Promise.all(Array.from({ length: 5 }, () => rt.go(jobs.meetOften, barrier, 10, sum, 5)));
    expect(last.reduce((a, b) => a + b)).toBe(10);
  });
});
