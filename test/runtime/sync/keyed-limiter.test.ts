// KeyedLimiter: one bucket for each key, the same on all threads, in bounded memory.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { KeyedLimiter, Runtime, syncOf } from "../../../src/index.ts";
import { until } from "../../support/heap.ts";
import { closeAll, NOTHING_LEFT, waitingAt } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const url = new URL("../../fixtures/flight-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/flight-jobs.ts");

describe.each([0, 2])("threads: %i", (threads) => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  let limiter: KeyedLimiter;
  const begin = (perSecond: number, burst: number, keys?: number) => {
    limiter = rt.sync.keyedLimiter({ perSecond, burst, ...(keys === undefined ? {} : { keys }) });
    return limiter;
  };
  beforeAll(async () => {
    rt = await Runtime.start({ threads, maxDedicated: 4 });
    jobs = rt.module<Jobs>(url);
  });
  afterAll(async () => {
    expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
  });
  afterEach(() => {
    limiter[Symbol.dispose]();
    expect([rt.heapUse().syncs, rt.heapUse().blocks]).toEqual([0, 0]);
  });

  it("smoke: each key has its own tokens", async () => {
    begin(0, 2);
    expect(["ann", "ann", "ann", "bob", "", "bob", "bob"].map((key) => limiter.allow(key))).toEqual([
      true,
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(limiter.of("ann")).toBe(limiter.of("ann"));
    expect([limiter.of("ann").tokens, limiter.of("").tokens, limiter.of("new").tokens]).toEqual([0, 1, 2]);
    expect(limiter.reserve("bob").ok).toBe(false);
    expect(limiter.reserve("new", 2)).toMatchObject({ ok: true, delayMs: 0 });
    await limiter.wait("");
    await expect(limiter.wait("")).rejects.toThrow(coded("ERR_LIMIT_EXCEEDED"));
    expect(() => limiter.waitSync("ann")).toThrow(coded("ERR_LIMIT_EXCEEDED"));
  });

  it("beside a limiter for all: from both or from neither", () => {
    begin(0, 1);
    const all = rt.sync.limiter({ perSecond: 0, burst: 3 });
    const allow = (key: string) => rt.sync.limiters(all, limiter.of(key)).allow();
    expect(["ann", "ann", "ann", "bob", "cy", "di"].map(allow)).toEqual([true, false, false, true, true, false]);
    expect([all.tokens, limiter.of("di").tokens]).toEqual([0, 1]);
    all.close();
  });

  it("bounded: a limiter that is full again makes room, one that is in use does not", async () => {
    begin(0, 1, 2); // two rows of four
    for (let i = 0; i < 8; i++) expect(limiter.allow(`key ${i}`)).toBe(true);
    expect(rt.heapUse().syncs).toBe(9);
    expect(() => limiter.allow("one too many")).toThrow(coded("ERR_TOO_MANY_KEYS"));
    await expect(limiter.wait("one too many")).rejects.toThrow(coded("ERR_TOO_MANY_KEYS"));
    expect(limiter.allow("key 3")).toBe(false); // remembered
    limiter.of("key 3").setLimit(1e9);
    await until(() => limiter.of("key 3").tokens === 1, "it is full");
    expect(limiter.allow("one more")).toBe(true);
    expect(() => limiter.allow("key 3")).toThrow(coded("ERR_TOO_MANY_KEYS")); // it was dropped, and nothing else is full
    expect(rt.heapUse().syncs).toBe(9);
  });

  it("bounded: ten thousand keys, one after the other, in the room of sixteen", () => {
    begin(1e12, 1, 4); // full again as soon as one looks
    for (let i = 0; i < 10_000; i++) expect(limiter.allow(`key ${i}`)).toBe(true);
    expect(rt.heapUse().syncs).toBeLessThanOrEqual(17);
  });

  it("who waits keeps its place", async () => {
    begin(0.001, 1, 2);
    for (let i = 0; i < 8; i++) limiter.allow(`key ${i}`);
    const waiting = limiter.wait("key 0");
    for (let i = 0; i < 8; i++) limiter.of(`key ${i}`).setLimit(1e9);
    await until(() => limiter.of("key 0").tokens === 1, "it is full");
    expect(waitingAt(limiter.of("key 0"))).toBe(1);
    const kept = limiter.of("key 0");
    for (let i = 8; i < 12; i++) expect(limiter.allow(`key ${i}`)).toBe(true);
    expect(limiter.of("key 0")).toBe(kept);
    kept.close();
    await waiting; // it has asked anew, of one that is full
  });

  it("close refuses who waits for any key, and who comes", async () => {
    begin(0.001, 1);
    limiter.allow("ann");
    const waiting = limiter.wait("ann");
    waiting.catch(() => {});
    expect(waitingAt(limiter.of("ann"))).toBe(1);
    limiter.close();
    await expect(waiting).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
    expect(() => limiter.allow("ann")).toThrow(coded("ERR_SYNC_CLOSED"));
    await expect(limiter.wait("bob")).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
    expect(() => limiter.close()).toThrow(coded("ERR_SYNC_CLOSED"));
  });

  it("bad input is refused with a code", async () => {
    for (const bad of [undefined, {}, { perSecond: 1 }, { perSecond: 1, burst: 1, keys: 0 }, { perSecond: 1, burst: 1, keys: "2" }])
      expect(() => rt.sync.keyedLimiter(bad as never)).toThrow(coded("ERR_INVALID_ARG"));
    begin(1, 1);
    for (const key of [undefined, 1, null, {}]) {
      expect(() => limiter.allow(key as never)).toThrow(coded("ERR_INVALID_ARG"));
      await expect(limiter.wait(key as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
    }
    expect(() => limiter.allow("ann", -1)).toThrow(coded("ERR_INVALID_ARG"));
    await expect(limiter.wait("ann", 1, { timeoutMs: -1 })).rejects.toThrow(coded("ERR_INVALID_ARG"));
  });

  if (threads > 0) {
    it("many threads, few keys: each key gives exactly what it has", async () => {
      begin(0, 500);
      const stop = rt.sync.atomicFlag();
      const tasks = Array.from({ length: 4 }, () => rt.with({ dedicated: true }).go(jobs.grabKeys, limiter, 5, stop));
      const keys = [0, 1, 2, 3, 4].map((k) => `user ${k}`);
      await until(() => keys.every((key) => limiter.of(key).tokens === 0), "all are taken");
      stop.set();
      const taken = await Promise.all(tasks);
      for (const k of [0, 1, 2, 3, 4]) expect(taken.reduce((sum, mine) => sum + mine[k]!, 0)).toBe(500);
      stop.close();
    });

    it("handle crosses threads", async () => {
      begin(0, 1);
      const stop = rt.sync.atomicFlag();
      stop.set();
      await rt.go(jobs.grabKeys, limiter, 1, stop);
      stop.close();
      const channel = rt.channel(syncOf(KeyedLimiter), 1);
      await channel.send(limiter);
      const same = (await channel.recv()) as KeyedLimiter;
      channel.close();
      expect([same.allow("ann"), limiter.allow("ann")]).toEqual([true, false]);
    });
  }
});
