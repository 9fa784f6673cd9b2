// OnceValue: Go's oncefunc_test.go re-expressed, across threads; and what a death does.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { f64, OnceValue, Runtime, syncOf } from "../../../src/index.ts";
import { until } from "../../support/heap.ts";
import { closeAll, kill, NOTHING_LEFT, waitingAt } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const url = new URL("../../fixtures/flight-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/flight-jobs.ts");

describe.each([0, 2])("threads: %i", (threads) => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  const made: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(one: T): T => {
    made.push(one);
    return one;
  };
  beforeAll(async () => {
    rt = await Runtime.start({ threads, maxDedicated: 3 });
    jobs = rt.module<Jobs>(url);
  });
  afterAll(async () => {
    expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
  });
  afterEach(() => {
    for (const one of made.splice(0)) one.close();
    expect([rt.heapUse().syncs, rt.heapUse().blocks]).toEqual([0, 0]);
  });

  it("smoke: computed once, whoever asks", async () => {
    const value = keep(rt.sync.onceValue<number>());
    let calls = 0;
    expect(value.isDone).toBe(false);
    expect(await value.get(() => ++calls)).toBe(1);
    expect(value.isDone).toBe(true);
    expect([await value.get(() => ++calls), value.getSync(() => ++calls), calls]).toEqual([1, 1, 1]);
  });

  it("many ask at once, on any threads: one computes, the others wait and have a copy", async () => {
    const value = keep(
      rt.sync.onceValue<Jobs extends { computeConfig: (v: OnceValue<infer C>, ...rest: never[]) => unknown } ? C : never>(),
    );
    const [calls, gate] = [keep(rt.sync.atomicInt()), keep(rt.sync.semaphore(1))];
    const shut = await gate.acquire();
    const tasks = Array.from({ length: 8 }, () => rt.go(jobs.computeConfig, value, calls, gate));
    await until(() => waitingAt(value) === 7, "seven wait");
    shut.release();
    const configs = await Promise.all(tasks);
    expect(calls.load()).toBe(1);
    for (const config of configs) expect(config).toEqual({ when: new Date(7), by: configs[0]!.by, tags: new Set(["a"]) });
    expect(await value.get(() => Promise.reject(new Error("never called")))).toEqual(configs[0]);
    expect(await rt.go(jobs.computeConfig, value, calls, gate)).toEqual(configs[0]);
  });

  it("an error is everybody's, and stays", async () => {
    const value = keep(rt.sync.onceValue<number>());
    const calls = keep(rt.sync.atomicInt());
    const failures = await Promise.all([1, 2, 3].map(() => rt.go(jobs.failOnce, value, calls)));
    expect(failures).toEqual(Array.from({ length: 3 }, () => "RangeError: no such thing"));
    await expect(value.get(() => 1)).rejects.toThrow(RangeError);
    expect(() => value.getSync(() => 1)).toThrow("no such thing");
    expect([calls.load(), value.isDone]).toEqual([1, true]);
  });

  it("what cannot cross threads is an error for all, who computed it too", async () => {
    const value = keep(rt.sync.onceValue<unknown>());
    await expect(value.get(() => ({ inner: () => {} }))).rejects.toThrow(coded("ERR_UNSENDABLE"));
    await expect(value.get(() => 1)).rejects.toThrow(/inner/);
    const thrown = keep(rt.sync.onceValue<unknown>());
    await expect(thrown.get(() => Promise.reject(Symbol("odd")))).rejects.toBeTypeOf("symbol");
    await expect(rt.go(jobs.failOnce, thrown as OnceValue<number>, keep(rt.sync.atomicInt()))).resolves.toContain("Symbol(odd)");
  });

  it("undefined, null and a handle are values", async () => {
    for (const one of [undefined, null, Number.NaN]) expect(await keep(rt.sync.onceValue<unknown>()).get(() => one)).toBe(one);
    const held = keep(rt.sync.onceValue<OnceValue<number>>());
    const inner = keep(rt.sync.onceValue<number>());
    await held.get(() => inner);
    const channel = rt.channel(syncOf(OnceValue), 1);
    await channel.send(held);
    const received = (await channel.recv()) as OnceValue<OnceValue<number>>;
    channel.close();
    await (await received.get(() => Promise.reject(new Error("never called")))).get(() => 5);
    expect(await inner.get(() => 6)).toBe(5);
  });

  it("a signal, a timeout, a context end the wait, not the call; close refuses who waits and who does not know", async () => {
    const value = rt.sync.onceValue<number>();
    let finish: (n: number) => void = () => {};
    const promise = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const leading = value.get(() => promise);
    const stop = new AbortController();
    using cancel = rt.background.withCancel();
    const ends = [{ signal: stop.signal }, { timeoutMs: 1 }, { ctx: cancel.ctx }, {}].map((options) => value.get(() => 0, options));
    for (const end of ends) end.catch(() => {});
    stop.abort();
    cancel.cancel();
    await expect(ends[0]).rejects.toThrow(coded("ABORT_ERR"));
    await expect(ends[1]).rejects.toThrow(coded("ERR_TIMEOUT"));
    await expect(ends[2]).rejects.toThrow(coded("ABORT_ERR"));
    expect(waitingAt(value)).toBe(1);
    value.close();
    await expect(ends[3]).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
    finish(3);
    expect(await leading).toBe(3);
    expect(await value.get(() => 4)).toBe(3); // this view knows it
    expect(() => value.close()).toThrow(coded("ERR_SYNC_CLOSED"));
    const other = rt.sync.onceValue<number>();
    other.close();
    await expect(other.get(() => 1)).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
    expect(other.isDone).toBe(false);
  });

  it("bad input is refused with a code", async () => {
    const value = keep(rt.sync.onceValue<number>());
    for (const bad of [undefined, 1, {}]) {
      await expect(value.get(bad as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
      expect(() => value.getSync(bad as never)).toThrow(coded("ERR_INVALID_ARG"));
    }
    await expect(value.get(() => 1, { timeoutMs: -1 })).rejects.toThrow(coded("ERR_INVALID_ARG"));
    await expect(value.get(() => 1, { signal: AbortSignal.abort() })).rejects.toThrow(coded("ABORT_ERR"));
    expect(value.isDone).toBe(false);
  });

  it("getSync inside itself: ERR_WOULD_DEADLOCK, which is its outcome", () => {
    const value = keep(rt.sync.onceValue<number>());
    expect(() => value.getSync(() => value.getSync(() => 1))).toThrow(coded("ERR_WOULD_DEADLOCK"));
  });

  if (threads > 0) {
    it("blocking: each thread that asks has it", async () => {
      const value = keep(rt.sync.onceValue<number>());
      const calls = keep(rt.sync.atomicInt());
      const dedicated = rt.with({ dedicated: true });
      expect(await Promise.all([1, 2, 3].map(() => dedicated.go(jobs.computeSync, value, calls)))).toEqual([42, 42, 42]);
      expect(calls.load()).toBe(1);
    });

    it("peer dies: the next one that waits computes it", async () => {
      const value = keep(rt.sync.onceValue<number>());
      const [calls, started] = [keep(rt.sync.atomicInt()), keep(rt.channel(f64, 1))];
      const died = expect(rt.with({ dedicated: true }).go(jobs.computeForEver, value, started.sender)).rejects.toThrow(
        coded("ERR_THREAD_DIED"),
      );
      const dying = (await started.recv()) as number;
      const here = [value.get(() => calls.add(1) + 41), value.get(() => calls.add(1) + 41)];
      const there = rt.with({ dedicated: true }).go(jobs.computeSync, value, calls);
      await until(() => waitingAt(value) === 3, "three wait");
      await kill(rt, dying);
      expect(await Promise.all([...here, there])).toEqual([42, 42, 42]);
      expect(calls.load()).toBe(1);
      await died;
    });
  }
});
