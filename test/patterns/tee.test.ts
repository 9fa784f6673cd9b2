// Tee: each cell of the contract.

import fc from "fast-check";
import { expect, it } from "vitest";
import { f64, range, repeat, tee } from "../../src/index.ts";
import { until, waitersOf } from "../support/heap.ts";
import { all, failureOf, onThreads, upTo } from "./support.ts";

const turns = async (n = 20) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};

onThreads("tee", [0, 2], (bench) => {
  it("every output sees all values in order; outputs go on to tasks through channels", async () => {
    const { rt, jobs } = bench;
    const source = rt.channel(f64, 4);
    const counting = rt.go(jobs.count, source.sender, 200);
    const split = tee(source);
    const outs = [rt.channel(f64, 2), rt.channel(f64, 0)];
    const sums = outs.map((out) => rt.go(jobs.sum, out.receiver));
    const [here, ...there] = [split.tap(), ...outs.map((out) => split.tap().into(out.sender))];
    expect(await all(here)).toEqual(upTo(200));
    expect(await Promise.all(there)).toEqual([200, 200]);
    expect(await Promise.all(sums)).toEqual([19_900, 19_900]);
    await counting;
  });

  it("lockstep: the next value goes only when all took the last; an output nobody reads holds all back, and lag tells", async () => {
    const split = tee(range(10));
    const [quick, idle] = [split.tap(), split.tap()];
    expect((await quick.next()).value).toBe(0);
    let second = false;
    const next = quick.next().then((step) => {
      second = true;
      return step.value;
    });
    await turns();
    expect([second, idle.lag, quick.lag]).toEqual([false, 1, 0]);
    expect((await idle.next()).value).toBe(0);
    expect(await next).toBe(1);
    await split.close();
  });

  it("an output dropped: the others go on; the last one to go cancels the input", async () => {
    let left = false;
    const source = (function* () {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        left = true;
      }
    })();
    const split = tee(source);
    const [stays, goes] = [split.tap(), split.tap()];
    expect((await stays.next()).value).toBe(0);
    await goes.return();
    await goes.return();
    expect([(await stays.next()).value, (await stays.next()).value]).toEqual([1, 2]);
    expect(left).toBe(false);
    for await (const n of stays) if (n === 5) break;
    expect([left, split.taps, (await goes.next()).done]).toEqual([true, 0, true]);
    expect((await split.tap().next()).done).toBe(true);
  });

  it("cancel closes all, at once; twice is the same as once", async () => {
    const { rt } = bench;
    const idle = rt.channel(f64, 0);
    const stop = new AbortController();
    const split = tee(idle, { signal: stop.signal });
    const taps = [split.tap(), split.tap({ policy: "buffer" })];
    const waiting = taps.map((tap) => failureOf(tap.next()));
    await until(() => waitersOf(idle).receivers === 1, "it waits");
    stop.abort("enough");
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    expect(waitersOf(idle).receivers).toBe(0);
    for (const tap of taps) expect((await tap.next()).done).toBe(true);
    await Promise.all([split.close(), split.close()]);
    idle.close();
  });

  it("close(): every tap ends without an error", async () => {
    const { rt } = bench;
    const idle = rt.channel(f64, 0);
    const split = tee(idle);
    const waiting = [split.tap().next(), split.tap().next()];
    await until(() => waitersOf(idle).receivers === 1, "it waits");
    await split.close();
    expect((await Promise.all(waiting)).map((step) => step.done)).toEqual([true, true]);
    idle.close();
  });

  it("taps added live see what comes from then on; removed live they hold nobody back", async () => {
    const split = tee(range(6));
    const first = split.tap();
    expect([(await first.next()).value, (await first.next()).value]).toEqual([0, 1]);
    const second = split.tap();
    const both = Promise.all([all(first), all(second)]);
    expect(await both).toEqual([
      [2, 3, 4, 5],
      [2, 3, 4, 5],
    ]);
  });

  it.each([
    ["buffer", 3, 3, [0, 1, 2], 0],
    ["drop-oldest", 3, 10, [7, 8, 9], 7],
    ["drop-newest", 3, 10, [0, 1, 2], 7],
  ] as const)(
    "policy %s, size %i: the quick reader gets %i values, the slow one %j, %i dropped",
    async (policy, size, seen, kept, dropped) => {
      const split = tee(range(10));
      const [quick, slow] = [split.tap({ policy: "buffer", size: 1 }), split.tap({ policy, size })];
      const got: number[] = [];
      const reading = (async () => {
        for await (const n of quick) got.push(n);
      })();
      await turns();
      expect([got.length, slow.lag, slow.dropped]).toEqual([seen, size, dropped]);
      const rest = await all(slow);
      expect(rest.slice(0, size)).toEqual(kept);
      await reading;
      expect(got).toEqual(upTo(10));
    },
  );

  it("policy detach: cut off when it is too far behind, after what it has; the others go on", async () => {
    const split = tee(range(10));
    const [quick, slow] = [split.tap(), split.tap({ policy: "detach", size: 2 })];
    expect(await all(quick)).toEqual(upTo(10));
    const got: number[] = [];
    const error = await failureOf(
      (async () => {
        for await (const n of slow) got.push(n);
      })(),
    );
    expect([got, error.code]).toEqual([[0, 1], "ERR_DETACHED"]);
    expect(error.message).toContain("2 values behind");
  });

  it("the last tap is cut off: the input is cancelled", async () => {
    let left = false;
    const source = (function* () {
      try {
        for (;;) yield 1;
      } finally {
        left = true;
      }
    })();
    const split = tee(source);
    const [slow, waiting] = [split.tap({ policy: "detach", size: 1 }), split.tap()];
    await waiting.next();
    await waiting.next();
    await waiting.return();
    await until(() => left, "the input is left");
    expect((await slow.next()).value).toBe(1);
    expect(await failureOf(slow.next())).toMatchObject({ code: "ERR_DETACHED" });
  });

  it("the last tap is cut off by a value the only reader did not wait for: the input is cancelled", async () => {
    const { rt } = bench;
    const source = rt.channel(f64, 0);
    const split = tee(source);
    const [slow, leaves] = [split.tap({ policy: "detach", size: 1 }), split.tap()];
    void leaves.next();
    await source.send(1);
    void leaves.next();
    await until(() => waitersOf(source).receivers === 1, "it waits for the next value");
    await leaves.return();
    await source.send(2);
    await until(() => split.taps === 0, "it is cut off");
    expect((await slow.next()).value).toBe(1);
    expect(await failureOf(slow.next())).toMatchObject({ code: "ERR_DETACHED" });
    expect((await split.tap().next()).done).toBe(true);
    source.close();
  });

  it("cancelled, a tap does not deliver what it still has; by a context's deadline, with its TimeoutError", async () => {
    const { rt } = bench;
    const work = rt.background.withTimeout(60_000);
    const split = tee(range(9), { ctx: work.ctx });
    const [quick, slow] = [split.tap(), split.tap({ policy: "buffer" })];
    await quick.next();
    await until(() => slow.lag > 0, "it is behind");
    work.cancel("enough");
    await until(() => split.taps === 0, "it is cancelled");
    expect(await failureOf(slow.next())).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    work[Symbol.dispose]();
    const over = rt.background.withTimeout(0);
    expect(() => tee(range(9), { ctx: over.ctx })).toThrow(expect.objectContaining({ code: "ERR_TIMEOUT" }));
    over[Symbol.dispose]();
  });

  it("nothing is taken before a reader asks, and nothing that not all can have", async () => {
    const { rt } = bench;
    const source = rt.channel(f64, 8);
    await source.sendMany([1, 2, 3]);
    const split = tee(source);
    const [a, b] = [split.tap(), split.tap()];
    await turns();
    expect(source.length).toBe(3);
    await a.next();
    expect(source.length).toBe(2);
    await b.return();
    await a.return();
    expect([await source.recv(), await source.recv()]).toEqual([2, 3]);
    source.close();
  });

  it("an error of the input reaches every tap, after the values before it", async () => {
    async function* broken() {
      yield 1;
      throw new RangeError("broken");
    }
    const split = tee(broken());
    const results = [split.tap(), split.tap({ policy: "buffer", size: 5 })].map(async (tap) => {
      const got: number[] = [];
      const error = await failureOf(
        (async () => {
          for await (const n of tap) got.push(n);
        })(),
      );
      return [got, error.message];
    });
    expect(await Promise.all(results)).toEqual([
      [[1], "broken"],
      [[1], "broken"],
    ]);
  });

  it("bad input", () => {
    const invalid = expect.objectContaining({ code: "ERR_INVALID_ARG" });
    expect(() => tee(5 as never)).toThrow(invalid);
    expect(() => tee([]).tap({ policy: "?" as never })).toThrow(invalid);
    for (const size of [0, 1.5, Number.NaN]) expect(() => tee([]).tap({ size })).toThrow(invalid);
    expect(() => tee(repeat(1), { signal: AbortSignal.abort() })).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
  });

  it("property: any number of lockstep and buffer taps all see all values", async () => {
    const sizes = fc.array(fc.option(fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.integer(), { maxLength: 30 }), async (taps, values) => {
        const split = tee(values);
        const outs = taps.map((size) => split.tap(size === null ? {} : { policy: "buffer", size }));
        expect(await Promise.all(outs.map((out) => all(out)))).toEqual(taps.map(() => values));
      }),
      { numRuns: 50, seed: 5 },
    );
  });
});
