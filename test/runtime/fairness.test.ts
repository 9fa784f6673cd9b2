// Fairness: select's choice is uniform; nobody who waits is passed over; a cancelled context is seen at once; and what no wait needs costs no wake.

import { setEnvironmentData } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Channel, f64, Runtime, select, selectSync, trySelect } from "../../src/index.ts";
import * as L from "../../src/runtime/memory/layout.ts";
import { slotAt } from "../../src/runtime/memory/thread.ts";
import { until } from "../support/heap.ts";
import { random } from "../support/kill-probe-load.js";

vi.setConfig({ testTimeout: 120_000 });
type Jobs = typeof import("../fixtures/fairness-jobs.ts");

describe("select", () => {
  const PICKS = 100_000;
  /** Of Pearson's chi-square, exceeded by chance once in a thousand; by degrees of freedom. */
  const LIMITS = [0, 10.83, 13.82, 16.27, 18.47];
  let rt: Runtime;
  beforeAll(async () => {
    rt = await Runtime.start({ threads: 0 });
    vi.spyOn(Math, "random").mockImplementation(random(20_250_101) as () => number);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await rt.close();
  });

  const chiSquare = (counts: readonly number[]) => {
    const expected = PICKS / counts.length;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  };
  const expectUniform = (counts: readonly number[]) => {
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(PICKS);
    expect(chiSquare(counts)).toBeLessThan(LIMITS[counts.length - 1]!);
  };

  /** Channels that have a value, or are at their end, between others that never bring anything. */
  function channels(ready: number, areClosed: boolean): Channel<number>[] {
    const list = Array.from({ length: ready * 2 - 1 }, () => rt.channel(f64, 1));
    for (const [i, channel] of list.entries()) {
      if (i % 2 === 1) continue;
      if (areClosed) channel.close();
      else channel.trySend(1);
    }
    return list;
  }

  const DOORS: readonly [name: string, pick: (cases: readonly Channel<number>[]) => { case: number } | Promise<{ case: number }>][] = [
    ["trySelect", (cases) => trySelect(cases) as { case: number }],
    ["selectSync", (cases) => selectSync(cases) as { case: number }],
    ["await select", (cases) => select(cases) as Promise<{ case: number }>],
  ];

  describe.each(DOORS)("%s", (_, pick) => {
    it.each([
      [2, "that have a value"],
      [5, "that have a value"],
      [3, "at their end"],
    ])("%i channels %s among others are picked equally often in 100,000 picks", async (ready, kind) => {
      const areClosed = kind === "at their end";
      const list = channels(ready, areClosed);
      const counts = new Array<number>(list.length).fill(0);
      for (let i = 0; i < PICKS; i++) {
        const picked = pick(list);
        const { case: at } = picked instanceof Promise ? await picked : picked;
        counts[at]!++;
        if (!areClosed) list[at]!.trySend(1);
      }
      expectUniform(counts.filter((_, i) => i % 2 === 0));
      expect(counts.filter((count, i) => i % 2 === 1 && count > 0)).toEqual([]);
      for (const [i, channel] of list.entries()) if (!areClosed || i % 2 === 1) channel.close();
    });
  });

  it("a ready send and two ready receives are picked equally often in 100,000 picks", () => {
    const [a, b] = [rt.channel(f64, 1), rt.channel(f64, 1)];
    a.close();
    b.close();
    const counts = [0, 0, 0];
    for (let i = 0; i < PICKS; i++) {
      const open = rt.channel(f64, 1);
      counts[(trySelect([a, open.sending(1), b]) as { case: number }).case]!++;
      open.close();
      open.tryRecv();
    }
    expectUniform(counts);
  });
});

describe("nobody who waits is passed over", () => {
  let rt: Runtime;
  beforeAll(async () => {
    rt = await Runtime.start({ threads: 1, maxDedicated: 2 });
  });
  afterAll(async () => {
    expect((await rt.close()).heap.syncs).toBe(0);
  });

  it("a mutex: a thread that asks again at once never has it before the one that waits", async () => {
    const jobs = rt.module<Jobs>(new URL("../fixtures/fairness-jobs.js", import.meta.url));
    const own = rt.with({ dedicated: true });
    const [mutex, grants, stop] = [rt.sync.mutex(), rt.sync.atomicInt(), rt.sync.atomicFlag()];
    const greedy = own.go(jobs.greedy, mutex, grants, stop);
    await until(() => mutex.isLocked, "the greedy one has it");
    await own.go(jobs.patient, mutex, grants, 300);
    stop.set();
    const { waitedFor, passedOver } = await greedy;
    expect(passedOver).toBe(0);
    expect(waitedFor).toBeGreaterThan(290);
    for (const one of [mutex, grants, stop]) one.close();
  });

  it("a mutex: unlock has given it to the longest waiting before the call returns", async () => {
    const mutex = rt.sync.mutex();
    let guard = mutex.tryLock()!;
    for (let i = 0; i < 100; i++) {
      const waiting = mutex.lock();
      guard.unlock();
      expect(mutex.tryLock()).toBeUndefined();
      guard = await waiting;
    }
    guard.unlock();
    mutex.close();
  });

  it("a channel: a value and a place go to who waits, not to who asks again at once", async () => {
    for (const capacity of [0, 1]) {
      const channel = rt.channel(f64, capacity);
      for (let i = 0; i < 100; i++) {
        const received = channel.recv();
        expect(channel.trySend(i)).toBe(true);
        expect(typeof channel.tryRecv()).toBe("symbol");
        expect(await received).toBe(i);
        if (capacity === 1) expect(channel.trySend(1)).toBe(true);
        const sent = channel.send(2);
        expect(channel.tryRecv()).toBe(capacity === 1 ? 1 : 2);
        expect(channel.trySend(3)).toBe(false);
        await sent;
        if (capacity === 1) expect(channel.tryRecv()).toBe(2);
      }
      channel.close();
    }
  });
});

describe("between threads", () => {
  const ROUNDS = 41;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  let rt: Runtime;
  beforeAll(async () => {
    setEnvironmentData("fairness-flag", flag.buffer as unknown as ArrayBuffer);
    rt = await Runtime.start({ threads: 1, maxDedicated: 1 });
  });
  afterAll(async () => {
    expect((await rt.close()).heap.syncs).toBe(0);
  });

  const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!;

  it("a loop that never yields sees within 1 ms that its context is cancelled, as soon as it sees a bare shared word", async () => {
    const jobs = rt.module<Jobs>(new URL("../fixtures/fairness-jobs.js", import.meta.url));
    const own = rt.with({ dedicated: true });
    const [stamp, ready] = [rt.sync.atomicFloat(), rt.sync.atomicInt()];
    const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
    const [contexts, words]: [number[], number[]] = [[], []];
    for (let round = 1; round <= ROUNDS; round++) {
      const canceller = rt.background.withCancel();
      const seeing = own.go(jobs.seesCancelled, canceller.ctx, stamp, ready);
      await until(() => ready.load() === 2 * round - 1, "it computes");
      stamp.store(nowMs());
      canceller.cancel();
      contexts.push(await seeing);
      canceller[Symbol.dispose]();

      const looking = own.go(jobs.seesFlag, round, stamp, ready);
      await until(() => ready.load() === 2 * round, "it computes");
      stamp.store(nowMs());
      Atomics.store(flag, 0, round);
      words.push(await looking);
    }
    // Where the bare word takes longer, the machine has no core to spare and nothing could be seen sooner.
    expect(median(contexts)).toBeLessThan(1 + median(words));
    expect(Math.min(...contexts)).toBeLessThan(1);
    stamp.close();
    ready.close();
  });

  it("a million uncontended lock and unlock neither wait nor wake anybody, on any thread", async () => {
    const mutex = rt.sync.mutex();
    const { parker, heap } = mutex.place.thread;
    const others = [1, 2, 3, 4].map(slotAt).filter((slot) => Atomics.load(heap.i32, (slot + L.SLOT_STATE) >> 2) === L.SLOT_LIVE);
    const parked = () => others.map((slot) => Atomics.load(heap.i32, (slot + L.SLOT_PARK) >> 2));
    await until(() => parked().every((park) => park === L.PARK_IDLE), "all others sleep");
    const counts = { ...parker.counts };
    for (let i = 0; i < 500_000; i++) {
      mutex.lockSync().unlock();
      mutex.tryLock()!.unlock();
    }
    expect(parker.counts).toEqual(counts);
    expect(parked()).toEqual(others.map(() => L.PARK_IDLE)); // a waker marks whom it notifies as RUNNING first
    expect(others.length).toBeGreaterThan(0);
    mutex.close();
  });
});
