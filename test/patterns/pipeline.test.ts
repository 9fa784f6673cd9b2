// Pipelines and their generators: each cell of the contract, on threads and with `threads: 0`.

import fc from "fast-check";
import { expect, it } from "vitest";
import { f64, from, pipeline, range, repeat, repeatFn, take } from "../../src/index.ts";
import { until, waitersOf } from "../support/heap.ts";
import { all, failureOf, onThreads, sorted, upTo } from "./support.ts";

onThreads("pipeline", [0, 1, 2], (bench) => {
  it("smoke: stages on threads and on this one, end to end", async () => {
    const { rt, jobs } = bench;
    const sums = pipeline(rt, range(1, 101))
      .map(jobs.double, { width: 2, ordered: true })
      .filter(jobs.isEven)
      .batch(10)
      .map((list) => list.reduce((a, b) => a + b));
    expect(await all(sums)).toEqual(upTo(10).map((i) => upTo(10).reduce((sum, j) => sum + 2 * (10 * i + j + 1), 0)));
  });

  it("empty source", async () => {
    const { rt, jobs } = bench;
    expect(
      await all(
        pipeline(rt, [] as number[])
          .map(jobs.double)
          .batch(3)
          .map((list) => list.length),
      ),
    ).toEqual([]);
    const closed = rt.channel(f64, 4);
    closed.close();
    expect(await all(pipeline(rt, closed).map(jobs.double))).toEqual([]);
  });

  it("infinite source: take ends it, and cancels everything upstream", async () => {
    const { rt, jobs } = bench;
    let made = 0;
    let left = false;
    function* naturals() {
      try {
        for (;;) yield made++;
      } finally {
        left = true;
      }
    }
    expect(
      await all(
        pipeline(rt, naturals())
          .map(jobs.double, { width: 2, ordered: true })
          .map((n) => n + 1)
          .take(5),
      ),
    ).toEqual([1, 3, 5, 7, 9]);
    expect([left, made < 200]).toEqual([true, true]);
    expect(await all(pipeline(rt, repeat(1, 2)).take(0))).toEqual([]);
    expect(await all(pipeline(rt, [1, 2]).take(Number.POSITIVE_INFINITY))).toEqual([1, 2]);
  });

  it("a stage that throws: the error arrives whole once every stage has ended", async () => {
    const { rt, jobs } = bench;
    let left = false;
    function* naturals() {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        left = true;
      }
    }
    const line = pipeline(rt, naturals())
      .map(jobs.failAtThree)
      .batch(2)
      .map((list) => list.length);
    const got: number[] = [];
    const error = await failureOf(
      (async () => {
        for await (const value of line) got.push(value);
      })(),
    );
    expect(error).toMatchObject({ name: "RangeError", code: "E_THREE", cause: expect.any(TypeError) });
    expect(error.stack).toMatch(/failAtThree/);
    expect([got, left]).toEqual([[2, 1], true]); // the values before it, the last batch shorter
    expect(line.stats.map((stage) => stage.workers)).toEqual([0, 0]);
    expect((await line.next()).done).toBe(true);
  });

  it("a slow sink holds everything back: no stage runs further ahead than its window", async () => {
    const { rt, jobs } = bench;
    let made = 0;
    const line = pipeline(
      rt,
      repeatFn(() => made++),
    )
      .map(jobs.double, { capacity: 2 })
      .map((n) => n, { capacity: 2 });
    await line.next();
    await until(() => line.stats.every((stage) => stage.pending === 4), "both stages stand still");
    const then = made;
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBe(then);
    expect(made).toBeLessThanOrEqual(1 + 4 + 4 + 2);
    await line.return();
  });

  it("a stage that yields 0 … n values: arrays, generators, async generators", async () => {
    const { rt, jobs } = bench;
    expect(await all(pipeline(rt, [0, 3, 1, 0, 2]).flatMap(jobs.copies))).toEqual([3, 3, 3, 1, 2, 2]);
    expect(await all(pipeline(rt, [2, 0, 3]).flatMap(jobs.countSlowly))).toEqual([0, 1, 0, 1, 2]);
    expect(await all(pipeline(rt, [2, 1]).flatMap(jobs.copies).map(jobs.double))).toEqual([4, 4, 2]);
    expect(await all(pipeline(rt, [200]).flatMap(jobs.copies, { batch: 3, width: 2 }))).toEqual(Array(200).fill(200));
    expect(
      await all(
        pipeline(rt, [1, 2]).flatMap(async function* (n) {
          yield n;
          yield -n;
        }),
      ),
    ).toEqual([1, -1, 2, -2]);
  });

  it.each([false, true])("a generator that never ends streams, ordered: %s, and ends when the reader leaves", async (ordered) => {
    const { rt, jobs } = bench;
    const got: number[] = [];
    for await (const n of pipeline(rt, [10, 20]).flatMap(jobs.naturals, { width: 1, ordered })) if (got.push(n) === 300) break;
    expect(got).toEqual(upTo(300).map((n) => n + 10));
  });

  it("an ordered stage of many values does not run away with the second item while the first goes on", async () => {
    const { rt, jobs } = bench;
    const line = pipeline(rt, [0, 1_000_000]).flatMap(jobs.naturals, { width: 2, ordered: true });
    for (let n = 0; n < 200; n++) expect((await line.next()).value).toBe(n);
    await line.return();
  });

  it("what a flatMap gives must be iterable", async () => {
    const { rt, jobs } = bench;
    const failing = pipeline(rt, [1]).flatMap(jobs.double as never);
    expect(await failureOf(all(failing))).toMatchObject({ code: "ERR_INVALID_ARG", message: expect.stringContaining("what double gives") });
  });

  it("leaving early cancels upstream: return() settles only when every task has ended", async () => {
    const { rt, jobs } = bench;
    const started = rt.channel(f64, 16);
    const items = upTo(3).map((n) => ({ n: n + 1, started: started.sender }));
    const line = pipeline(rt, items)
      .map(jobs.untilCancelled)
      .map((n) => n);
    void line.next();
    expect(await started.recv()).toBe(1);
    await line.return();
    expect(started.tryRecv()).toBe(-1);
    expect(line.stats.map((stage) => stage.workers)).toEqual([0, 0]);
    started.close();
  });

  it("cancelled while it waits to receive, and while it waits to send", async () => {
    const { rt, jobs } = bench;
    const source = rt.channel(f64, 0);
    const stop = new AbortController();
    const receiving = all(pipeline(rt, source, { signal: stop.signal }).map(jobs.double).batch(4));
    await until(() => waitersOf(source).receivers === 1, "it waits for the source");
    stop.abort("enough");
    expect(await failureOf(receiving)).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    source.close();

    const again = new AbortController();
    const line = pipeline(rt, repeat(1), { signal: again.signal }).map(jobs.double, { capacity: 1 });
    await line.next();
    await until(() => line.stats[0]!.pending === 3, "it stands still");
    again.abort();
    expect(await failureOf(line.next())).toMatchObject({ code: "ABORT_ERR" });
    expect(line.stats[0]!.workers).toBe(0);
    expect(await failureOf(pipeline(rt, [1], { signal: AbortSignal.abort("no") }).next())).toMatchObject({
      code: "ABORT_ERR",
      cause: "no",
    });
  });

  it("a context ends all of it, and its values reach every stage", async () => {
    const { rt, jobs } = bench;
    const work = rt.background.withValue("name", "loom").withCancel();
    expect(
      await all(
        pipeline(rt, ["name"], { ctx: work.ctx })
          .map(jobs.contextValue)
          .map((name, ctx) => [name, ctx.value("name")]),
      ),
    ).toEqual([["loom", "loom"]]);
    const source = rt.channel(f64, 0);
    const waiting = failureOf(all(pipeline(rt, source, { ctx: work.ctx }).map(jobs.double)));
    await until(() => waitersOf(source).receivers === 1, "it waits");
    work.cancel("enough");
    expect(await waiting).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    source.close();
    work[Symbol.dispose]();
  });

  it("into a channel: closed once, after the last value; its reader may close it", async () => {
    const { rt, jobs } = bench;
    const out = rt.channel(f64, 1);
    const sent = pipeline(rt, range(20)).map(jobs.double).into(out.sender);
    expect(await all(out)).toEqual(upTo(20).map((n) => 2 * n));
    expect(await sent).toBe(20);
    const left = rt.channel(f64, 0);
    const cancelled = pipeline(rt, repeat(1)).map(jobs.double).into(left.sender);
    await left.recv();
    left.close();
    expect(await failureOf(cancelled)).toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
  });

  it("ordered and unordered stages of width n", async () => {
    const { rt, jobs } = bench;
    const ordered = pipeline(rt, range(60)).map(jobs.skewed, { width: 3, ordered: true });
    expect(await all(ordered)).toEqual(upTo(60));
    expect(sorted(await all(pipeline(rt, range(60)).map(jobs.skewed, { width: 3 })))).toEqual(upTo(60));
  });

  it("neighbouring light stages share a worker: one stage, its functions in turn; another width is another stage", async () => {
    const { rt, jobs } = bench;
    const fused = pipeline(rt, range(10)).map(jobs.double).map(jobs.double).filter(jobs.isEven);
    expect(await all(fused)).toEqual(upTo(10).map((n) => 4 * n));
    expect(fused.stats.map((stage) => stage.name)).toEqual(["double → double → isEven"]);
    const apart = pipeline(rt, range(10))
      .map(jobs.double)
      .map(jobs.double, { width: 2 })
      .map((n) => n)
      .map((n) => n);
    await all(apart);
    expect(apart.stats.map((stage) => stage.name)).toEqual(["double", "double", "(anonymous) → (anonymous)"]);
  });

  it("statistics per stage, and per function of a stage", async () => {
    const { rt, jobs } = bench;
    const line = pipeline(rt, range(10))
      .filter(jobs.isEven)
      .flatMap(jobs.copies)
      .batch(4)
      .map((list) => list.length);
    await all(line);
    expect(line.stats).toMatchObject([
      { name: "isEven → copies", received: 10, delivered: 20, passed: [5, 20], failed: 0, workers: 0, pending: 0 },
      { received: 5, delivered: 5, passed: [5] },
    ]);
  });

  it("a stage's own failure policy", async () => {
    const { rt, jobs } = bench;
    expect(await all(pipeline(rt, range(8)).map(jobs.failAtOdd, { onError: "skip" }).map(jobs.double))).toEqual([0, 4, 8, 12]);
    expect(await failureOf(all(pipeline(rt, range(4)).map(jobs.failAtOdd, { onError: "collect" }).batch(2)))).toMatchObject({
      code: "ERR_ITEMS_FAILED",
      indexes: [1, 3],
    });
  });

  it("bad input, a second continuation, a part of a pipeline iterated", async () => {
    const { rt, jobs } = bench;
    const invalid = expect.objectContaining({ code: "ERR_INVALID_ARG" });
    expect(() => pipeline(rt, 5 as never)).toThrow(invalid);
    expect(() => pipeline(rt, []).map(5 as never)).toThrow(invalid);
    expect(() => pipeline(rt, []).batch(0)).toThrow(invalid);
    expect(() => pipeline(rt, []).take(-1)).toThrow(invalid);
    expect(() => pipeline(rt, [1]).map(jobs.double, { width: 0 })).toThrow(invalid);
    const line = pipeline(rt, [1]);
    const rest = line.map(jobs.double);
    expect(() => line.map(jobs.double)).toThrow(invalid);
    expect(await failureOf(line.next())).toMatchObject({ code: "ERR_INVALID_ARG" });
    expect(await all(rest)).toEqual([2]);
  });

  it("property: map, filter, flatMap and batch give what arrays give", async () => {
    const { rt, jobs } = bench;
    const cases = fc.record({
      items: fc.array(fc.nat(5), { maxLength: 25 }),
      size: fc.integer({ min: 1, max: 7 }),
      width: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ items, size, width }) => {
        const got = await all(pipeline(rt, items).map(jobs.double, { width, ordered: true }).flatMap(jobs.copies).batch(size));
        expect(got.flat()).toEqual(items.map((n) => 2 * n).flatMap((n) => Array(n).fill(n)));
        for (const list of got.slice(0, -1)) expect(list.length).toBe(size);
      }),
      { numRuns: 25, seed: 11 },
    );
  });
});

onThreads("pipeline, a thread that dies", [1, 2], (bench) => {
  it("fails whole, or goes on by the stage's policy", async () => {
    const { rt, jobs } = bench;
    const line = pipeline(rt, repeat(1, 2, 3))
      .map(jobs.dieAtThree)
      .map(jobs.double, { width: 1 });
    expect(await failureOf(all(line))).toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(line.stats.map((stage) => stage.workers)).toEqual([0, 0]);
    expect(await all(pipeline(rt, range(6)).map(jobs.dieAtThree, { onError: "skip" }))).toEqual([0, 2, 4, 8, 10]);
  });
});

onThreads("generators", [0], (bench) => {
  it("repeat: the values again and again; of none nothing", async () => {
    expect(await all(take(repeat(1, 2, 3), 7))).toEqual([1, 2, 3, 1, 2, 3, 1]);
    expect([...repeat()]).toEqual([]);
  });

  it("repeatFn: one call at a time, when asked for; async too; what it throws ends it", async () => {
    let calls = 0;
    expect(
      await all(
        take(
          repeatFn(() => calls++),
          3,
        ),
      ),
    ).toEqual([0, 1, 2]);
    expect(calls).toBe(3);
    expect(
      await all(
        take(
          repeatFn(async () => "x"),
          2,
        ),
      ),
    ).toEqual(["x", "x"]);
    const failing = repeatFn(() => {
      throw new Error("no");
    });
    expect(await failureOf(failing.next())).toMatchObject({ message: "no" });
    expect((await failing.next()).done).toBe(true);
    expect(() => repeatFn(5 as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("range: up, down, by steps without adding errors up, infinite, empty; bad bounds are refused at once", async () => {
    expect([...range(4)]).toEqual([0, 1, 2, 3]);
    expect([...range(5, 2, -1)]).toEqual([5, 4, 3]);
    expect([...range(0, 1, 0.1)].at(-1)).toBe(0.9);
    expect([...range(3, 3)]).toEqual([]);
    expect(await all(take(range(1, Number.POSITIVE_INFINITY, 2), 3))).toEqual([1, 3, 5]);
    for (const bad of [Number.NaN, "5"]) expect(() => range(bad as number)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => range(0, 5, 0)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("from: arrays, strings, async generators, channels; what is none of it is refused", async () => {
    const { rt } = bench;
    expect(await all(from("añ😀"))).toEqual(["a", "ñ", "😀"]);
    expect(
      await all(
        from(
          (async function* () {
            yield 1;
          })(),
        ),
      ),
    ).toEqual([1]);
    const source = rt.channel(f64, 2);
    await source.sendMany([1, 2]);
    source.close();
    expect(await all(from(source.receiver))).toEqual([1, 2]);
    for (const bad of [5, null, undefined, {}])
      expect(() => from(bad as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("take, the book's fault 1: it sees its cancellation while the source is idle", async () => {
    const { rt } = bench;
    const idle = rt.channel(f64, 0);
    const stop = new AbortController();
    const got = all(take(idle, 5, { signal: stop.signal }));
    await until(() => waitersOf(idle).receivers === 1, "it waits");
    stop.abort("done");
    expect(await failureOf(got)).toMatchObject({ code: "ABORT_ERR", cause: "done" });
    expect(waitersOf(idle).receivers).toBe(0);
    idle.close();
  });

  it("take, the book's fault 2: it makes up no values once the source has ended", async () => {
    const { rt } = bench;
    const short = rt.channel(f64, 2);
    await short.send(1);
    short.close();
    expect(await all(take(short, 5))).toEqual([1]);
  });

  it("take: nothing beyond the n-th value is taken, and the source is left then", async () => {
    const { rt } = bench;
    const source = rt.channel(f64, 8);
    await source.sendMany([1, 2, 3]);
    expect(await all(take(source, 2))).toEqual([1, 2]);
    expect(await source.recv()).toBe(3);
    source.close();
    let left = false;
    const counted = (function* () {
      try {
        yield* upTo(9);
      } finally {
        left = true;
      }
    })();
    expect(await all(take(counted, 1))).toEqual([0]);
    expect(left).toBe(true);
    expect(() => take([], 0.5)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });
});
