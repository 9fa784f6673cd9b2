// SingleFlight: Go's x/sync singleflight_test.go re-expressed, across threads; bounded memory, and what a death does.

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { f64, Runtime, SingleFlight, syncOf } from "../../../src/index.ts";
import * as L from "../../../src/runtime/memory/layout.ts";
import type { Place } from "../../../src/runtime/operation/shared.ts";
import { KeyTable } from "../../../src/runtime/sync/key-table.ts";
import { OutcomeRecord } from "../../../src/runtime/sync/outcome.ts";
import { SyncRecord } from "../../../src/runtime/sync/sync-record.ts";
import { until } from "../../support/heap.ts";
import { closeAll, kill, NOTHING_LEFT } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const url = new URL("../../fixtures/flight-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/flight-jobs.ts");

/** How many wait for the call of a key. */
function waitingFor(flight: SingleFlight, key: string): number {
  const table = new KeyTable(flight.place, "single flight");
  const place = table.find("test", table.hashOf("test", key));
  return place ? waitersAt(place) : 0;
}
function waitersAt(place: Place): number {
  const record = new OutcomeRecord(place, "flight");
  const { u32 } = place.thread.heap;
  let waiting = 0;
  for (let node = record.word(L.SYNC_HEAD); node !== 0; node = u32[(node + L.NODE_NEXT) >> 2]!) waiting++;
  return waiting;
}

/** One who flies for a key and is stopped between giving back and serving those who wait; what ends its call so. */
function haltedLeader(flight: SingleFlight, key: string): (value: string) => void {
  const { thread } = flight.place;
  class Halted extends OutcomeRecord {
    override goOn(): void {}
  }
  const record = new Halted(OutcomeRecord.make(thread, "a flight"), "flight");
  const led = record.tryLead("test")!;
  const table = new KeyTable(flight.place, "single flight");
  expect(table.offer("test", table.hashOf("test", key), record)).toBeUndefined();
  return (value) => {
    record.publish(led, [true, value]);
  };
}

describe.each([0, 2])("threads: %i", (threads) => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  let flight: SingleFlight;
  const made: Disposable[] = [];
  const keep = <T extends Disposable>(one: T): T => {
    made.push(one);
    return one;
  };
  const waits = (n: number, key = "key") => until(() => waitingFor(flight, key) === n, `${n} wait for ${key}`);
  beforeAll(async () => {
    rt = await Runtime.start({ threads, maxDedicated: 4 });
    jobs = rt.module<Jobs>(url);
  });
  afterAll(async () => {
    expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
  });
  const begin = (options?: { keys: number }) => {
    flight = keep(rt.sync.singleFlight(options));
    return flight;
  };
  afterEach(async () => {
    for (const one of made.splice(0)) one[Symbol.dispose]();
    await until(() => rt.heapUse().syncs === 0 && rt.heapUse().blocks === 0, "all memory is given back");
  });
  /** A call that ends when it is told to. */
  const open = <T>() => {
    let resolve: (value: T) => void = () => {};
    let reject: (error: unknown) => void = () => {};
    const promise = new Promise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { fn: () => promise, resolve, reject };
  };

  it("smoke: alone, it is a call", async () => {
    begin();
    expect(await flight.do("key", () => "bar")).toEqual({ value: "bar", shared: false });
    expect(await flight.do("key", async () => "baz")).toEqual({ value: "baz", shared: false }); // nothing is remembered
    expect(flight.doSync("key", () => 1)).toEqual({ value: 1, shared: false });
    await expect(flight.do("key", () => Promise.reject(new RangeError("some")))).rejects.toThrow(RangeError);
    expect(() => flight.doSync("key", () => JSON.parse("{"))).toThrow(SyntaxError);
  });

  it("many at once, on any threads, are one call; each has a copy", async () => {
    begin();
    const [calls, gate] = [keep(rt.sync.atomicInt()), keep(rt.sync.semaphore(1))];
    const shut = await gate.acquire();
    const first = rt.go(jobs.fly, flight, "key", calls, gate);
    await until(() => calls.load() === 1, "one flies");
    const others = Array.from({ length: 6 }, () => rt.go(jobs.fly, flight, "key", calls, gate));
    const here = [flight.do("key", () => ({ by: -1 })), flight.do("key", () => ({ by: -1 }))];
    await waits(8);
    shut.release();
    const flown = await Promise.all([first, ...others, ...here]);
    for (const one of flown) expect(one).toEqual({ value: { by: flown[0]!.value.by }, shared: true });
    expect(flown.at(-1)!.value).not.toBe(flown.at(-2)!.value);
    expect(calls.load()).toBe(1);
    expect(await rt.go(jobs.fly, flight, "key", calls, gate)).toMatchObject({ shared: false });
    expect(calls.load()).toBe(2);
  });

  it("other keys are other calls", async () => {
    begin();
    const a = open<string>();
    const flying = flight.do("a", a.fn);
    expect(await flight.do("b", () => "b")).toEqual({ value: "b", shared: false });
    expect(await flight.do("", () => "empty")).toEqual({ value: "empty", shared: false });
    a.resolve("a");
    expect(await flying).toEqual({ value: "a", shared: false });
  });

  it("an error is shared, whole", async () => {
    begin();
    const a = open<number>();
    const ends = [flight.do("key", a.fn), flight.do("key", () => 1), flight.do("key", () => 2)].map((one) => one.catch((error) => error));
    await waits(2);
    a.reject(Object.assign(new RangeError("too far"), { code: "E_FAR" }));
    for (const end of await Promise.all(ends)) {
      expect(end).toBeInstanceOf(RangeError);
      expect(end).toMatchObject({ message: "too far", code: "E_FAR" });
    }
  });

  it("what cannot cross threads is an error for all of them", async () => {
    begin();
    const a = open<unknown>();
    const ends = [flight.do("key", a.fn), flight.do("key", () => 1)].map((one) => one.catch((error) => error.code));
    await waits(1);
    a.resolve(() => 1);
    expect(await Promise.all(ends)).toEqual(["ERR_UNSENDABLE", "ERR_UNSENDABLE"]);
  });

  it("forget: who comes next calls anew, who waits still has the old one", async () => {
    begin();
    const [first, second] = [open<number>(), open<number>()];
    const one = flight.do("key", first.fn);
    const with1 = flight.do("key", () => -1);
    await waits(1);
    flight.forget("key");
    flight.forget("key");
    flight.forget("another");
    const two = flight.do("key", second.fn);
    const with2 = flight.do("key", () => -1);
    await waits(1);
    second.resolve(2);
    expect(await Promise.all([two, with2])).toEqual([
      { value: 2, shared: true },
      { value: 2, shared: true },
    ]);
    first.resolve(1);
    expect(await Promise.all([one, with1])).toEqual([
      { value: 1, shared: true },
      { value: 1, shared: true },
    ]);
  });

  it("a signal, a timeout, a context end the wait and nothing else", async () => {
    begin();
    const a = open<number>();
    const flying = flight.do("key", a.fn);
    const stop = new AbortController();
    using cancel = rt.background.withCancel();
    const ends = [{ signal: stop.signal }, { timeoutMs: 1 }, { ctx: cancel.ctx }].map((options) => flight.do("key", () => 0, options));
    for (const end of ends) end.catch(() => {});
    stop.abort();
    cancel.cancel();
    await expect(ends[0]).rejects.toThrow(coded("ABORT_ERR"));
    await expect(ends[1]).rejects.toThrow(coded("ERR_TIMEOUT"));
    await expect(ends[2]).rejects.toThrow(coded("ABORT_ERR"));
    let called = false;
    const call = () => {
      called = true;
    };
    await expect(flight.do("new", call, { signal: stop.signal })).rejects.toThrow(coded("ABORT_ERR"));
    expect(called).toBe(false);
    a.resolve(1);
    expect(await flying).toEqual({ value: 1, shared: false }); // nobody had it in the end
  });

  it("close refuses who waits and who comes; who flies ends as if alone", async () => {
    begin();
    const a = open<number>();
    const flying = flight.do("key", a.fn);
    const waiting = flight.do("key", () => 0);
    waiting.catch(() => {});
    await waits(1);
    flight.close();
    await expect(waiting).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
    await expect(flight.do("key", () => 0)).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
    expect(() => flight.doSync("key", () => 0)).toThrow(coded("ERR_SYNC_CLOSED"));
    expect(() => flight.forget("key")).toThrow(coded("ERR_SYNC_CLOSED"));
    expect(() => flight.close()).toThrow(coded("ERR_SYNC_CLOSED"));
    a.resolve(7);
    expect(await flying).toEqual({ value: 7, shared: false });
  });

  it("bounded: no more keys than there is room for, and places are used again", async () => {
    begin({ keys: 2 }); // two rows of four
    const calls = Array.from({ length: 8 }, () => open<number>());
    const flying = calls.map(({ fn }, i) => flight.do(`key ${i}`, fn));
    await expect(flight.do("one too many", () => 0)).rejects.toThrow(coded("ERR_TOO_MANY_KEYS"));
    expect(() => flight.doSync("one too many", () => 0)).toThrow(coded("ERR_TOO_MANY_KEYS"));
    const joined = flight.do("key 3", () => 0);
    flight.forget("key 4"); // it keeps its place until it is over
    await expect(flight.do("key 4", () => 0)).rejects.toThrow(coded("ERR_TOO_MANY_KEYS"));
    for (const [i, call] of calls.entries()) call.resolve(i);
    expect((await Promise.all(flying)).map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await joined).toEqual({ value: 3, shared: true });
    for (let i = 0; i < 100; i++) expect(await flight.do(`later ${i}`, () => i)).toEqual({ value: i, shared: false });
  });

  it.each([
    ["the same key", 1],
    ["another, in need of a place,", 8],
  ])("a leader between giving back and serving all who wait: who comes for %s lets them through", async (_, keys) => {
    begin({ keys: 2 }); // two rows of four
    const led = Array.from({ length: keys }, (_, i) => haltedLeader(flight, `key ${i}`));
    const joined = led.flatMap((_, i) => [1, 2, 3].map(() => flight.do(`key ${i}`, () => "called again")));
    for (const [i, publish] of led.entries()) {
      await waits(3, `key ${i}`);
      publish(`by ${i}`);
    }
    if (keys === 1) expect(flight.doSync("key 0", () => "new")).toEqual({ value: "new", shared: false });
    else expect(() => flight.doSync("another", () => "new")).toThrow(coded("ERR_TOO_MANY_KEYS")); // until they have read it
    expect(await Promise.all(joined)).toEqual(led.flatMap((_, i) => Array.from({ length: 3 }, () => ({ value: `by ${i}`, shared: true }))));
    expect(await flight.do("another", () => "new")).toEqual({ value: "new", shared: false });
  });

  it("a value there is no room for: its call is refused, the next in line calls its own, and nothing is left", async () => {
    const small = await Runtime.start({ threads: 0, heapBytes: 2 ** 21 });
    const one = small.sync.singleFlight();
    const a = open<string>();
    const flying = one.do("key", a.fn);
    const joined = one.do("key", () => "small");
    await until(() => waitingFor(one, "key") === 1, "one waits");
    a.resolve("x".repeat(2 ** 22));
    await expect(flying).rejects.toThrow(coded("ERR_HEAP_EXHAUSTED"));
    expect(await joined).toEqual({ value: "small", shared: false });
    expect(() => one.doSync("key", () => "x".repeat(2 ** 22))).toThrow(coded("ERR_HEAP_EXHAUSTED"));
    expect([small.heapUse().syncs, small.heapUse().blocks]).toEqual([1, 1]); // the table
    one.close();
    expect(await closeAll(small, [])).toEqual(NOTHING_LEFT);
  });

  it("a table of keys whose record cannot be made gives its block back", () => {
    const made = vi.spyOn(SyncRecord, "make").mockImplementationOnce(() => {
      throw new RangeError("no record");
    });
    expect(() => rt.sync.singleFlight()).toThrow("no record");
    made.mockRestore();
    expect([rt.heapUse().syncs, rt.heapUse().blocks]).toEqual([0, 0]);
  });

  it("handle crosses threads; bad input is refused with a code", async () => {
    begin();
    const channel = rt.channel(syncOf(SingleFlight), 1);
    await channel.send(flight);
    const same = (await channel.recv()) as SingleFlight;
    channel.close();
    const a = open<number>();
    const flying = flight.do("key", a.fn);
    const joined = same.do("key", () => 0);
    await waits(1);
    a.resolve(1);
    expect([await flying, await joined]).toEqual([
      { value: 1, shared: true },
      { value: 1, shared: true },
    ]);
    for (const bad of [undefined, 1, null, {}, Symbol("s")]) {
      await expect(flight.do(bad as never, () => 0)).rejects.toThrow(coded("ERR_INVALID_ARG"));
      await expect(flight.do("key", bad as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
      expect(() => flight.forget(bad as never)).toThrow(coded("ERR_INVALID_ARG"));
    }
    await expect(flight.do("key", () => 0, 1 as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
    for (const bad of [1, null, { keys: 0 }, { keys: 1.5 }, { keys: "2" }, { keys: 2 ** 21 }])
      expect(() => rt.sync.singleFlight(bad as never)).toThrow(coded("ERR_INVALID_ARG"));
  });

  if (threads > 0) {
    it("blocking doors join awaiting ones", async () => {
      begin();
      const [calls, gate] = [keep(rt.sync.atomicInt()), keep(rt.sync.semaphore(1))];
      const shut = await gate.acquire();
      const dedicated = rt.with({ dedicated: true });
      const tasks = [dedicated.go(jobs.flySync, flight, "key", calls, gate), rt.go(jobs.fly, flight, "key", calls, gate)];
      await waits(1);
      tasks.push(dedicated.go(jobs.flySync, flight, "key", calls, gate));
      await waits(2);
      expect(() => flight.doSync("key", () => 0)).toThrow(coded("ERR_WOULD_BLOCK_SUPERVISOR"));
      shut.release();
      const flown = await Promise.all(tasks);
      for (const one of flown) expect(one).toEqual({ value: flown[0]!.value, shared: true });
      expect(calls.load()).toBe(1);
    });

    it("peer dies: who leads; the first that waits calls its own, the others join it", async () => {
      begin();
      const started = keep(rt.channel(f64, 1));
      const died = expect(rt.with({ dedicated: true }).go(jobs.flyForEver, flight, "key", started.sender)).rejects.toThrow(
        coded("ERR_THREAD_DIED"),
      );
      const dying = (await started.recv()) as number;
      const [calls, gate] = [keep(rt.sync.atomicInt()), keep(rt.sync.semaphore(1))];
      const shut = await gate.acquire();
      const waiting = Array.from({ length: 4 }, () => rt.go(jobs.fly, flight, "key", calls, gate));
      await waits(4);
      await kill(rt, dying);
      await died;
      await waits(3); // at the record of the one that leads now
      shut.release();
      for (const one of await Promise.all(waiting)) expect(one.shared).toBe(true);
      expect(calls.load()).toBe(1);
    });

    it("peer dies: who leads, and nobody waits: the next one calls its own", async () => {
      begin();
      const started = keep(rt.channel(f64, 1));
      const died = expect(rt.with({ dedicated: true }).go(jobs.flyForEver, flight, "key", started.sender)).rejects.toThrow(
        coded("ERR_THREAD_DIED"),
      );
      await kill(rt, (await started.recv()) as number);
      await died;
      expect(await flight.do("key", () => 1)).toEqual({ value: 1, shared: false });
    });

    it("peer dies: one that was handed the outcome and had not read it holds nobody up, and its share is freed", async () => {
      begin();
      const a = open<string>();
      const flying = flight.do("key", a.fn);
      const started = keep(rt.channel(f64, 1));
      const died = expect(rt.with({ dedicated: true }).go(jobs.joinAndSpin, flight, "key", started.sender)).rejects.toThrow(
        coded("ERR_THREAD_DIED"),
      );
      const dying = (await started.recv()) as number;
      const joined = flight.do("key", () => "never");
      await waits(2);
      a.resolve("value");
      expect([await flying, await joined]).toEqual([
        { value: "value", shared: true },
        { value: "value", shared: true },
      ]);
      expect(await flight.do("key", () => "new")).toEqual({ value: "new", shared: false });
      expect(rt.heapUse().syncs).toBe(2); // the flight's own, and the one that is not read yet
      await kill(rt, dying);
      await died;
      await until(() => rt.heapUse().syncs === 1, "the last share is given back");
    });

    it("thousands of calls for few keys, on many threads: never two at once for a key, and nothing is left", async () => {
      begin({ keys: 8 });
      const inside = Array.from({ length: 4 }, () => keep(rt.sync.atomicInt()));
      const calls = keep(rt.sync.atomicInt());
      const tasks = Array.from({ length: 10 }, () => rt.go(jobs.churn, flight, 4, 300, inside, calls));
      expect((await Promise.all(tasks)).reduce((a, b) => a + b)).toBe(0);
      expect(calls.load()).toBeGreaterThanOrEqual(300); // nothing is remembered: each call of one thread is later than its last
      expect([rt.heapUse().syncs, rt.heapUse().blocks]).toEqual([6, 1]); // the table and the counters
    });
  }
});
