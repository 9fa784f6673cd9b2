// Rate limiting: each cell of the contract, on the virtual clock where there are no threads; and one budget on many threads.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { f64, type Limiter, Runtime, range, rateLimit, take } from "../../src/index.ts";
import { now, sharedNow } from "../../src/runtime/clock.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";
import { all, failureOf, upTo } from "./support.ts";

describe("rate limiting, on the virtual clock", () => {
  let rt: Runtime;
  const open: { close(): void }[] = [];
  const limiter = (perSecond: number, burst: number) => {
    const made = rt.sync.limiter({ perSecond, burst });
    open.push(made);
    return made;
  };
  beforeAll(async () => {
    rt = await Runtime.start({ threads: 0, clock: "virtual" });
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
    const { syncs, channels, blocks } = rt.heapUse();
    expect({ syncs, channels, blocks }).toEqual({ syncs: 0, channels: 0, blocks: 0 });
  });
  afterAll(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
  /** When each value came, in milliseconds from the start, timers' last millisecond left out. */
  async function instants(values: AsyncIterable<unknown>): Promise<number[]> {
    const start = now();
    const at: number[] = [];
    for await (const _ of values) at.push(Math.floor((now() - start) / 10) * 10);
    return at;
  }

  it("the burst at once, then one value a step; every value, in order", async () => {
    const flow = rateLimit(range(6), limiter(10, 3));
    expect(await instants(flow)).toEqual([0, 0, 0, 100, 200, 300]);
    expect([flow.passed, flow.dropped, Math.floor(flow.waitedMs / 10)]).toEqual([6, 0, 30]);
    expect(await all(rateLimit([1, 2, 3], limiter(Number.POSITIVE_INFINITY, 0)))).toEqual([1, 2, 3]);
    expect(await all(rateLimit([], limiter(0, 0)))).toEqual([]);
  });

  it("several tiers: the slowest counts; taken from all or from none", async () => {
    const [second, minute] = [limiter(10, 4), limiter(0, 3)];
    const flow = rateLimit(range(9), [second, minute]);
    const got: number[] = [];
    const reading = (async () => {
      for await (const n of flow) got.push(n);
    })();
    expect(await failureOf(reading)).toMatchObject({ code: "ERR_LIMIT_EXCEEDED" });
    expect([got, second.tokens, minute.tokens]).toEqual([[0, 1, 2], 1, 0]); // the fourth took nothing of the first tier
  });

  it("keyed: each key has its budget, beside one for all", async () => {
    const users = rt.sync.keyedLimiter({ perSecond: 1, burst: 1 });
    open.push(users);
    const key = (n: number) => `user ${n % 3}`;
    expect(await instants(rateLimit(range(6), users, { key }))).toEqual([0, 0, 0, 1_000, 1_000, 1_000]);
    const everybody = limiter(0.5, 1);
    expect(await instants(rateLimit([0, 1], [users, everybody], { key: (n) => `other ${n}` }))).toEqual([0, 2_000]);
  });

  it("tokens by value; more than the burst fails at once and takes nothing; 0 tokens pass", async () => {
    const lim = limiter(10, 5);
    expect(await instants(rateLimit([5, 0, 1, 2], lim, { tokens: (n) => n }))).toEqual([0, 0, 100, 300]);
    const start = now();
    expect(await failureOf(all(rateLimit([6], lim, { tokens: (n) => n })))).toMatchObject({ code: "ERR_LIMIT_EXCEEDED" });
    expect(now()).toBe(start);
    expect(await failureOf(all(rateLimit([1], lim, { tokens: () => -1 })))).toMatchObject({ code: "ERR_INVALID_ARG" });
  });

  it("drop: what would have to wait is dropped, and counted", async () => {
    const flow = rateLimit(range(10), limiter(1, 4), { policy: "drop" });
    expect(await all(flow)).toEqual([0, 1, 2, 3]);
    expect([flow.passed, flow.dropped]).toEqual([4, 6]);
  });

  it("a deadline that would pass first fails at once; ctx and signal end it while it waits for tokens, and give them back", async () => {
    const lim = limiter(1, 1);
    const work = rt.background.withTimeout(500);
    const start = now();
    expect(await failureOf(all(rateLimit(range(3), lim, { ctx: work.ctx })))).toMatchObject({ code: "ERR_TIMEOUT" });
    expect(now()).toBe(start);
    work[Symbol.dispose]();
    const stop = new AbortController();
    const flow = rateLimit(range(3), lim, { signal: stop.signal });
    const waiting = flow.next();
    await until(() => lim.tokens < 0, "it waits for its token");
    stop.abort("over");
    expect(await failureOf(waiting)).toMatchObject({ code: "ABORT_ERR", cause: "over" });
    expect(lim.tokens).toBeGreaterThanOrEqual(0);
    expect(() => rateLimit([], lim, { signal: stop.signal })).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
  });

  it("leaving while it waits for tokens ends it, and cancels upstream; while the source is idle nothing is taken", async () => {
    const lim = limiter(0.001, 1);
    const source = rt.channel(f64, 4);
    const flow = rateLimit(source, lim);
    await source.sendMany([1, 2, 3]);
    expect((await flow.next()).value).toBe(1);
    const waiting = flow.next();
    await until(() => lim.tokens < 0, "it waits for its token");
    expect(await flow.return()).toEqual({ value: undefined, done: true });
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(source.length).toBe(1);
    source.close();
    source.tryRecv();
    const idle = rt.channel(f64);
    const other = rateLimit(idle, lim);
    const first = other.next();
    await until(() => waitersOf(idle).receivers === 1, "it waits for a value");
    const before = lim.tokens;
    await other.return();
    await first;
    expect([waitersOf(idle).receivers, Math.round(lim.tokens - before)]).toEqual([0, 0]);
    idle.close();
  });

  it("limits changed while it runs; a limiter closed while it waits", async () => {
    const lim = limiter(1, 1);
    const flow = rateLimit(range(4), lim);
    await flow.next();
    lim.setLimit(100);
    expect(await instants(flow)).toEqual([10, 20, 30]);
    const closing = rt.sync.limiter({ perSecond: 0.001, burst: 1 });
    const reading = all(rateLimit(range(2), closing));
    await until(() => closing.tokens < 0, "it waits");
    closing.close();
    expect(await failureOf(reading)).toMatchObject({ code: "ERR_SYNC_CLOSED" });
  });

  it("bad input is named", () => {
    const lim = limiter(1, 1);
    const keyed = rt.sync.keyedLimiter({ perSecond: 1, burst: 1 });
    open.push(keyed);
    const calls = [
      () => rateLimit(5 as never, lim),
      () => rateLimit([], 5 as never),
      () => rateLimit([], []),
      () => rateLimit([], [lim, lim]),
      () => rateLimit([], keyed),
      () => rateLimit([], lim, { key: 5 as never }),
      () => rateLimit([], lim, { tokens: 5 as never }),
      () => rateLimit([], lim, { policy: "x" as never }),
      () => rateLimit([], lim, 5 as never),
    ];
    for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });
});

describe.each([0, 2, 8])("one budget, threads: %i", (threads) => {
  it("is kept within 1 %, by the bucket's own clock", async () => {
    const rt = await Runtime.start({ threads, maxDedicated: 0 });
    const jobs = rt.module<typeof import("../fixtures/limited-jobs.ts")>(new URL("../fixtures/limited-jobs.js", import.meta.url));
    const [rate, quota] = [rt.sync.limiter({ perSecond: 4_000, burst: 1_000 }), rt.sync.limiter({ perSecond: 0, burst: 3_000 })];
    const gate = rt.channel(f64);
    const takers = upTo(8).map(() => rt.go(jobs.takeAll, gate.receiver, rate, quota));
    await until(() => waitersOf(gate).receivers === 8, "all have begun");
    const timed = <T>(look: () => T) => ({ afterMs: sharedNow(), seen: look(), beforeMs: sharedNow() });
    const empty = timed(() => rate.allow(1_000)); // it starts empty: what is lost to a full bucket is no error of the rate
    expect(empty.seen).toBe(true);
    gate.close();
    const counts = await Promise.all(takers);
    const left = timed(() => rate.tokens);
    const taken = counts.reduce((sum, n) => sum + n, 0);
    expect([taken, quota.tokens]).toEqual([3_000, 0]);
    const least = 4 * (left.afterMs - empty.beforeMs) - left.seen; // what the bucket may have given, by the clock around both looks
    const most = 4 * (left.beforeMs - empty.afterMs) - left.seen;
    expect(taken).toBeGreaterThan(least * 0.99);
    expect(taken).toBeLessThan(most * 1.01);
    const all: Limiter[] = [rate, quota];
    for (const limiter of all) limiter.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
});

it("in a pipeline: take() of a limited flow leaves the rest where it is", async () => {
  const rt = await Runtime.start({ threads: 0 });
  const limiter = rt.sync.limiter({ perSecond: Number.POSITIVE_INFINITY, burst: 1 });
  expect(await all(take(rateLimit(range(100), limiter), 3))).toEqual([0, 1, 2]);
  limiter.close();
  expect(await leftovers(rt)).toEqual(NOTHING);
});
