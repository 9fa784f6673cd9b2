// Limiters: Go's x/time/rate (rate_test.go) re-expressed, on the virtual clock, where a step is 100 ms; several tiers at once; and many threads.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { f64, Limiter, Runtime, syncOf } from "../../../src/index.ts";
import { sharedNow, virtualClock } from "../../../src/runtime/clock.ts";
import * as L from "../../../src/runtime/memory/layout.ts";
import { until } from "../../support/heap.ts";
import { closeAll, kill, NOTHING_LEFT, waitingAt } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const url = new URL("../../fixtures/limiter-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/limiter-jobs.ts");
const STEP_MS = 100;

describe("on the virtual clock", () => {
  let rt: Runtime;
  let start: number;
  let lim: Limiter;
  const made: Limiter[] = [];
  const make = (perSecond: number, burst: number) => {
    start = sharedNow();
    lim = rt.sync.limiter({ perSecond, burst });
    made.push(lim);
    return lim;
  };
  /** Sets the clock to so many steps after the limiter was made. */
  const at = (steps: number) => {
    virtualClock()!.nowMs = start + steps * STEP_MS;
  };
  /** Reserves at a step, and answers at which it is due. */
  const reserve = (steps: number, n: number, of: Pick<Limiter, "reserve"> = lim) => {
    at(steps);
    const taken = of.reserve(n);
    return { taken, due: taken.ok ? Math.round((steps + taken.delayMs / STEP_MS) * 1_000) / 1_000 : undefined };
  };
  const due = (steps: number, n: number, of?: Pick<Limiter, "reserve">) => reserve(steps, n, of).due;
  const allow = (steps: number, n = 1) => {
    at(steps);
    return lim.allow(n);
  };

  beforeAll(async () => {
    rt = await Runtime.start({ threads: 0, clock: "virtual" });
  });
  afterAll(async () => {
    expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
  });
  afterEach(() => {
    for (const one of made.splice(0)) one[Symbol.dispose]();
    expect(rt.heapUse().syncs).toBe(0);
  });

  it("smoke: the burst at once, then one token a step", () => {
    make(10, 3);
    expect([0, 0, 0, 0, 0.5, 1, 1, 2, 9, 9, 9, 9].map((steps) => allow(steps))).toEqual([
      ...[true, true, true, false],
      ...[false, true, false, true],
      ...[true, true, true, false],
    ]);
  });

  it("several tokens at once, fractions of a token kept", () => {
    make(10, 5);
    expect(
      [
        [0, 6],
        [0, 5],
        [1.5, 2],
        [2.5, 2],
        [2.9, 1],
        [3, 1],
        [3, 0],
      ].map(([steps, n]) => allow(steps!, n)),
    ).toEqual([false, true, false, true, false, true, true]);
  });

  it("reservations fall due in their order", () => {
    make(10, 2);
    expect([due(0, 2), due(0, 2), due(3, 2), due(3, 1), due(9, 0)]).toEqual([0, 2, 4, 5, 9]);
  });

  it("more than the burst is refused, and changes nothing", async () => {
    make(10, 2);
    expect(due(0, 3)).toBeUndefined();
    expect(lim.reserve(3)).toMatchObject({ ok: false, n: 3, delayMs: Number.POSITIVE_INFINITY });
    lim.reserve(3).cancel();
    expect(lim.allow(3)).toBe(false);
    await expect(lim.wait(3)).rejects.toThrow(coded("ERR_LIMIT_EXCEEDED"));
    expect(() => lim.waitSync(3)).toThrow(coded("ERR_LIMIT_EXCEEDED"));
    expect([due(0, 2), due(0, 2)]).toEqual([0, 2]);
  });

  describe("a cancelled reservation", () => {
    it("gives all back if nobody took after it", () => {
      make(10, 2);
      reserve(0, 2);
      const { taken } = reserve(0, 2);
      at(1);
      taken.cancel();
      taken.cancel(); // once
      expect(due(1, 2)).toBe(2);
    });

    it("gives nothing back once it is due", () => {
      make(10, 2);
      reserve(0, 2);
      const { taken } = reserve(0, 2);
      at(3);
      taken.cancel();
      expect(due(3, 2)).toBe(4);
    });

    it("gives back what was not taken after it", () => {
      make(10, 2);
      reserve(0, 2);
      const { taken: none } = reserve(0, 1);
      expect(due(0, 1)).toBe(2);
      none.cancel(); // the one after it waits for that token
      expect(due(0, 1)).toBe(3);

      make(10, 2);
      reserve(0, 2);
      const { taken: some } = reserve(0, 2);
      expect(due(0, 1)).toBe(3);
      at(2);
      some.cancel(); // one of its two
      expect(due(2, 2)).toBe(4);
    });

    it("several, the later one first", () => {
      make(10, 4);
      reserve(0, 4);
      const first = reserve(0, 3).taken;
      expect(due(0, 1)).toBe(4);
      const last = reserve(0, 1).taken;
      at(1);
      last.cancel();
      first.cancel();
      expect(due(1, 3)).toBe(5);
    });

    it("never makes more of a token than was taken, whatever the limit has become", () => {
      make(1, 2);
      reserve(0, 2);
      const { taken, due: late } = reserve(0, 1);
      expect(late).toBe(10);
      lim.setLimit(10);
      reserve(0, 1); // due before it
      taken.cancel();
      expect(lim.tokens).toBeCloseTo(-1);
    });
  });

  describe("limits that change", () => {
    it("set with reservations out: they stay as they are, what comes after counts anew", () => {
      make(5, 2);
      expect([due(0, 2), due(0, 2)]).toEqual([0, 4]);
      at(2);
      lim.setLimit(10);
      expect(lim.perSecond).toBe(10);
      expect(due(2, 1)).toBe(4);
    });

    it("a burst set with reservations out", () => {
      make(5, 2);
      expect([due(0, 2), due(0, 2)]).toEqual([0, 4]);
      at(3);
      lim.setBurst(4);
      expect(lim.burst).toBe(4);
      expect(due(3, 4)).toBe(12);
      lim.setBurst(1);
      expect(due(3, 2)).toBeUndefined();
    });

    it("a reservation cancelled after the limit was set", () => {
      make(5, 2);
      reserve(0, 2);
      const { taken } = reserve(0, 2);
      at(2);
      lim.setLimit(10);
      taken.cancel();
      expect(due(2, 2)).toBe(3);
    });

    it("a smaller burst takes away what is above it, a larger one gives nothing", () => {
      make(10, 5);
      lim.setBurst(2);
      expect(lim.tokens).toBe(2);
      lim.setBurst(5);
      expect(lim.tokens).toBe(2);
      at(1);
      expect(lim.tokens).toBeCloseTo(3);
    });

    it("from nothing to something, and to everything and back", async () => {
      make(0, 1);
      expect([allow(0), allow(50), due(50, 1)]).toEqual([true, false, undefined]);
      lim.setLimit(10);
      expect([allow(50), allow(51)]).toEqual([false, true]);
      lim.setLimit(Number.POSITIVE_INFINITY);
      expect(lim.allow(1_000)).toBe(true);
      lim.setLimit(10);
      expect([lim.allow(), lim.allow()]).toEqual([true, false]);
    });
  });

  it("no limit: everything, at once, whatever the burst", async () => {
    for (const burst of [0, 3]) {
      make(Number.POSITIVE_INFINITY, burst);
      expect([allow(0, 5), due(0, 500), lim.tokens]).toEqual([true, 0, burst]);
      await lim.wait(1e9, { timeoutMs: 0 });
      lim.reserve(7).cancel();
      expect(lim.tokens).toBe(burst);
    }
  });

  it("a limit of 0: what is there at the start, and then nothing", async () => {
    make(0, 2);
    expect([allow(0), due(0, 1), due(1_000, 1)]).toEqual([true, 0, undefined]);
    await expect(lim.wait()).rejects.toThrow(coded("ERR_LIMIT_EXCEEDED"));
    expect(lim.tokens).toBe(0);
  });

  it("a burst of 0: nothing", async () => {
    make(10, 0);
    expect([allow(0), allow(9), allow(9, 0), due(9, 1)]).toEqual([false, false, true, undefined]);
    await expect(lim.wait()).rejects.toThrow(coded("ERR_LIMIT_EXCEEDED"));
  });

  describe("wait", () => {
    /** When it ended, in steps. */
    const waited = async (n: number, of: Pick<Limiter, "wait"> = lim) => {
      await of.wait(n);
      return Math.round((sharedNow() - start) / STEP_MS);
    };

    it("waits for its turn, in order", async () => {
      make(10, 3);
      const order: number[] = [];
      const ends = await Promise.all([3, 1, 2, 3].map((n, i) => waited(n).finally(() => order.push(i))));
      expect(ends).toEqual([0, 1, 3, 6]);
      expect(order).toEqual([0, 1, 2, 3]);
      expect(rt.leftovers().timers).toBe(0);
    });

    it("a timeout or a deadline that would pass first: at once, and nothing taken", async () => {
      make(10, 2);
      await lim.wait(2);
      await expect(lim.wait(1, { timeoutMs: 50 })).rejects.toThrow(coded("ERR_TIMEOUT"));
      await expect(lim.wait(1, { timeoutMs: 0 })).rejects.toThrow(coded("ERR_TIMEOUT"));
      using ctx = rt.background.withTimeout(99);
      await expect(lim.wait(1, { ctx: ctx.ctx })).rejects.toThrow(coded("ERR_TIMEOUT"));
      expect(sharedNow()).toBe(start);
      expect([lim.tokens, waitingAt(lim)]).toEqual([0, 0]);
      using longer = rt.background.withTimeout(101);
      await lim.wait(1, { ctx: longer.ctx, timeoutMs: 101 });
    });

    it("a signal, a context, close: the tokens go back", async () => {
      make(10, 1);
      await lim.wait();
      const stop = new AbortController();
      using cancel = rt.background.withCancel();
      const ends = [lim.wait(1, { signal: stop.signal }), lim.wait(1, { ctx: cancel.ctx }), lim.wait()];
      for (const end of ends) end.catch(() => {});
      expect([lim.tokens, waitingAt(lim)]).toEqual([-3, 3]);
      cancel.cancel();
      await expect(ends[1]).rejects.toThrow(coded("ABORT_ERR"));
      expect(lim.tokens).toBe(-3); // the one behind it waits for that token
      stop.abort();
      await expect(ends[0]).rejects.toThrow(coded("ABORT_ERR"));
      await expect(lim.wait(1, { signal: stop.signal })).rejects.toThrow(coded("ABORT_ERR"));
      lim.close();
      await expect(ends[2]).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
      expect(() => lim.allow()).toThrow(coded("ERR_SYNC_CLOSED"));
      expect(() => lim.close()).toThrow(coded("ERR_SYNC_CLOSED"));
      expect([lim.tokens, lim.burst, lim.perSecond]).toEqual([0, 0, 0]);
    });

    it("given up last of all, all of it goes back", async () => {
      make(10, 2);
      await lim.wait(2);
      const stop = new AbortController();
      const waiting = lim.wait(2, { signal: stop.signal });
      expect(lim.tokens).toBe(-2);
      stop.abort();
      await expect(waiting).rejects.toThrow(coded("ABORT_ERR"));
      expect(lim.tokens).toBe(0);
    });

    it("waitSync: at once, or not where it must not block", () => {
      make(10, 1);
      lim.waitSync();
      expect(() => lim.waitSync()).toThrow(coded("ERR_WOULD_DEADLOCK"));
      expect(lim.tokens).toBe(0);
    });
  });

  describe("several at once", () => {
    const pair = () => {
      const fast = make(10, 1);
      const slow = make(1, 3);
      return { fast, slow, both: rt.sync.limiters(slow, fast) };
    };

    it("from all or from none", () => {
      const { fast, slow, both } = pair();
      expect([both.allow(), both.allow()]).toEqual([true, false]);
      expect([slow.tokens, fast.tokens]).toEqual([2, 0]); // the second took from neither
      at(1);
      expect(both.allow(2)).toBe(false); // more than the burst of one of them
      expect([both.reserve(2).ok, slow.tokens]).toEqual([false, 2.1]);
    });

    it("a timeout that one of them would outlast takes from neither", async () => {
      const { fast, slow, both } = pair();
      slow.allow(3);
      await expect(both.wait(1, { timeoutMs: 500 })).rejects.toThrow(coded("ERR_TIMEOUT"));
      await expect(both.wait(2)).rejects.toThrow(coded("ERR_LIMIT_EXCEEDED"));
      expect([slow.tokens, fast.tokens]).toEqual([0, 1]);
    });

    it("the longest delay counts; given up, all get their tokens back", () => {
      const { fast, slow, both } = pair();
      expect([due(0, 1, both), due(0, 1, both), due(0, 1, both), due(0, 1, both)]).toEqual([0, 1, 2, 10]);
      at(5);
      const { taken } = reserve(5, 1, both);
      expect([slow.tokens, fast.tokens]).toEqual([-1.5, 0]);
      taken.cancel();
      expect([slow.tokens, fast.tokens]).toEqual([-0.5, 1]);
    });

    it("four of them; who waits does so at the slowest", async () => {
      const four = [1_000, 500, 10, 250].map((perSecond) => make(perSecond, 1));
      const all = rt.sync.limiters(...four);
      await all.wait();
      const waiting = all.wait();
      expect(four.map((one) => waitingAt(one))).toEqual([0, 0, 1, 0]);
      await waiting;
      expect(sharedNow() - start).toBeGreaterThanOrEqual(STEP_MS - 0.001);
      four[1]!.close();
      await expect(all.wait()).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
    });

    it("bad input is refused with a code", async () => {
      const { fast, slow } = pair();
      for (const bad of [[], [fast, fast], [fast, 1], [fast, slow, make(1, 1), make(1, 1), make(1, 1)]])
        expect(() => rt.sync.limiters(...(bad as Limiter[]))).toThrow(coded("ERR_INVALID_ARG"));
      slow.close();
      expect(() => rt.sync.limiters(fast, slow)).toThrow(coded("ERR_SYNC_CLOSED"));
    });
  });

  it("a clock that was read earlier: no time has passed, and nothing accrues twice", () => {
    make(10, 2);
    const { thread, address, gen } = lim.place;
    const { u32, f64, fn } = thread.heap;
    const tier = thread.slot + L.SLOT_TIERS;
    u32[(tier + L.TIER_RECORD) >> 2] = address;
    u32[(tier + L.TIER_GEN) >> 2] = gen;
    const take = (steps: number) => {
      const status = fn.bucketTake(thread.slot, thread.epoch, 1, 1, start + steps * STEP_MS, Number.POSITIVE_INFINITY);
      return [status, Math.round((f64[(thread.slot + L.SLOT_VALUE) >> 3]! - start) / STEP_MS)];
    };
    expect([take(5), take(3), take(3), take(5), take(4)]).toEqual([0, 0, 0, 0, 0].map((ok, i) => [ok, [5, 3, 6, 7, 8][i]]));
  });

  it("bad input is refused with a code", async () => {
    for (const bad of [
      undefined,
      null,
      1,
      {},
      { perSecond: -1, burst: 1 },
      { perSecond: Number.NaN, burst: 1 },
      { perSecond: "1", burst: 1 },
    ])
      expect(() => rt.sync.limiter(bad as never)).toThrow(coded("ERR_INVALID_ARG"));
    for (const burst of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", undefined])
      expect(() => rt.sync.limiter({ perSecond: 1, burst: burst as number })).toThrow(coded("ERR_INVALID_ARG"));
    make(10, 2);
    for (const n of [-1, 0.5, Number.NaN, "1", null, 1n]) {
      expect(() => lim.allow(n as number)).toThrow(coded("ERR_INVALID_ARG"));
      expect(() => lim.reserve(n as number)).toThrow(coded("ERR_INVALID_ARG"));
      expect(() => lim.waitSync(n as number)).toThrow(coded("ERR_INVALID_ARG"));
      await expect(lim.wait(n as number)).rejects.toThrow(coded("ERR_INVALID_ARG"));
    }
    for (const options of [1, null, { timeoutMs: -1 }, { signal: {} }, { ctx: {} }])
      await expect(lim.wait(1, options as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
    for (const rate of [-1, Number.NaN, "1"]) expect(() => lim.setLimit(rate as number)).toThrow(coded("ERR_INVALID_ARG"));
    for (const burst of [-1, 0.5, "1"]) expect(() => lim.setBurst(burst as number)).toThrow(coded("ERR_INVALID_ARG"));
    expect(lim.tokens).toBe(2);
  });
});

describe("on threads", () => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  const made: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(one: T): T => {
    made.push(one);
    return one;
  };
  beforeAll(async () => {
    rt = await Runtime.start({ threads: 2, maxDedicated: 8 });
    jobs = rt.module<Jobs>(url);
  });
  afterAll(async () => {
    expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
  });
  afterEach(() => {
    for (const one of made.splice(0)) one.close();
  });

  /** What was taken and what is left is what must have come by the bucket's own clock: read before and after it was begun, and before and after it was looked at. */
  async function expectExact(perSecond: number, take: (limiter: Limiter) => Promise<number>): Promise<void> {
    const burst = 1e9; // drained at once: what comes is never above it, however long a thread is kept from the core
    const limiter = keep(rt.sync.limiter({ perSecond, burst }));
    const beforeBegin = sharedNow();
    expect(limiter.allow(burst)).toBe(true);
    const afterBegin = sharedNow();
    const taken = await take(limiter);
    const beforeEnd = sharedNow();
    const came = taken + limiter.tokens;
    const afterEnd = sharedNow();
    const rounding = 0.01; // a token's: thousands of times a fraction was added to numbers up to 1e9
    expect(came).toBeGreaterThan(((beforeEnd - afterBegin) * perSecond) / 1_000 - rounding);
    expect(came).toBeLessThan(((afterEnd - beforeBegin) * perSecond) / 1_000 + rounding);
  }

  it("eight threads that take what they can: the rate is kept", async () => {
    const [stop, count] = [keep(rt.sync.atomicFlag()), keep(rt.sync.atomicInt())];
    await expectExact(20_000, async (limiter) => {
      const tasks = Array.from({ length: 8 }, (_, i) => rt.with({ dedicated: true }).go(jobs.grab, limiter, 1 + (i % 3), stop, count));
      await until(() => count.load() >= 4_000, "4,000 tokens are taken", 60_000).finally(() => stop.set());
      const taken = await Promise.all(tasks);
      return taken.reduce((a, b) => a + b);
    });
  }, 90_000); // eight threads take long to start where others work too

  it("eight that wait, awaiting and blocking: as many as came, and not one more", async () => {
    await expectExact(2_000, async (limiter) => {
      const tasks = Array.from({ length: 8 }, (_, i) =>
        rt.with({ dedicated: true }).go(i % 2 ? jobs.waitTimes : jobs.waitSyncTimes, limiter, 50),
      );
      const taken = await Promise.all(tasks);
      expect(limiter.tokens).toBeGreaterThanOrEqual(0); // all of them are due
      return taken.reduce((a, b) => a + b);
    });
  });

  it("eight that take from two at once: both have given the same", async () => {
    const [stop, count] = [keep(rt.sync.atomicFlag()), keep(rt.sync.atomicInt())];
    const burst = 1e9;
    const [one, other] = [keep(rt.sync.limiter({ perSecond: 0, burst })), keep(rt.sync.limiter({ perSecond: 0, burst: 3_000 }))];
    const tasks = Array.from({ length: 8 }, (_, i) =>
      rt.with({ dedicated: true }).go(jobs.grabBoth, ...((i % 2 ? [one, other] : [other, one]) as [Limiter, Limiter]), stop, count),
    );
    await until(() => count.load() >= 3_000, "the smaller one is empty", 60_000).finally(() => stop.set());
    const taken = await Promise.all(tasks);
    expect(taken.reduce((a, b) => a + b)).toBe(3_000);
    expect([burst - one.tokens, other.tokens]).toEqual([3_000, 0]);
  }, 90_000);

  it("handle crosses threads: argument, and through a channel", async () => {
    const limiter = keep(rt.sync.limiter({ perSecond: 0, burst: 2 }));
    const channel = rt.channel(syncOf(Limiter), 3);
    const task = rt.go(jobs.allowFrom, channel.receiver);
    for (let i = 0; i < 3; i++) await channel.send(limiter);
    channel.close();
    expect(await task).toEqual([true, true, false]);
    expect(await rt.go(jobs.codeOfWait, limiter, 1)).toBe("ERR_LIMIT_EXCEEDED");
  });

  it("close wakes who waits on another thread", async () => {
    const limiter = rt.sync.limiter({ perSecond: 0.001, burst: 1 });
    limiter.allow();
    const task = rt.go(jobs.codeOfWait, limiter, 1);
    await until(() => waitingAt(limiter) === 1, "it waits");
    limiter.close();
    expect(await task).toBe("ERR_SYNC_CLOSED");
  });

  it("peer dies: its wait is gone, what it had taken is spent, the others go on", async () => {
    const limiter = keep(rt.sync.limiter({ perSecond: 0.001, burst: 1 }));
    limiter.allow();
    const started = keep(rt.channel(f64, 1));
    const died = expect(rt.with({ dedicated: true }).go(jobs.waitForEver, limiter, started.sender)).rejects.toThrow(
      coded("ERR_THREAD_DIED"),
    );
    const dying = (await started.recv()) as number;
    await until(() => waitingAt(limiter) === 1, "it waits");
    await kill(rt, dying);
    await died;
    await until(() => waitingAt(limiter) === 0, "its wait is gone");
    expect(Math.round(limiter.tokens)).toBe(-1);
    limiter.setLimit(1e6);
    await limiter.wait();
  });
});

it("the runtime closes: the wait is rejected, and a cancel after it does nothing", async () => {
  const rt = await Runtime.start({ threads: 0 });
  const limiter = rt.sync.limiter({ perSecond: 0.001, burst: 1 });
  await limiter.wait();
  const ended = expect(limiter.wait()).rejects.toThrow(coded("ERR_CLOSED"));
  const taken = limiter.reserve();
  await rt.close({ graceMs: 0 });
  await ended;
  taken.cancel();
  expect(() => limiter.allow()).toThrow(coded("ERR_CLOSED"));
});
