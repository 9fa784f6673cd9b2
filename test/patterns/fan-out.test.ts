// Fan-out: each cell of the contract, on threads and with `threads: 0`.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { f64, fanOut, from, pipeline, Runtime, range, repeat, structured } from "../../src/index.ts";
import type { Gated } from "../fixtures/pattern-jobs.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";
import { all, type Bench, failureOf, onThreads, sorted, upTo } from "./support.ts";

/** Channels to hold items of `jobs.gated` with; closed by `close`. */
function gates(rt: Bench["rt"]) {
  const gate = rt.channel(f64, 0);
  const started = rt.channel(f64, 64);
  return {
    gate,
    started,
    item: (n: number): Gated => ({ n, gate: gate.receiver, started: started.sender }),
    close() {
      gate.close();
      started.close();
      while (typeof started.tryRecv() === "number");
    },
  };
}

onThreads("fan-out", [0, 1, 2], (bench, threads) => {
  it("smoke: every item once, on threads", async () => {
    const { rt, jobs } = bench;
    expect(sorted(await all(fanOut(rt, range(200), jobs.double)))).toEqual(upTo(200).map((n) => 2 * n));
  });

  it("async functions, and a function of this thread", async () => {
    const { rt, jobs } = bench;
    expect(sorted(await all(fanOut(rt, range(50), jobs.doubleLater, { dedicated: false })))).toEqual(upTo(50).map((n) => 2 * n));
    const here: string[] = [];
    const got = await all(
      fanOut(rt, ["a", "b"], (text) => {
        here.push(text);
        return text.toUpperCase();
      }),
    );
    expect([got, here]).toEqual([
      ["A", "B"],
      ["a", "b"],
    ]);
  });

  it("a function knows the runtime it runs in", async () => {
    const { rt, jobs } = bench;
    expect(await all(fanOut(rt, range(3), jobs.runtimeThreads, { width: 1 }))).toEqual(Array(3).fill(threads === 0 ? 0 : undefined));
  });

  it("N = 0, a fraction, NaN, Infinity: refused, and so is every other bad option", () => {
    const { rt, jobs } = bench;
    const bad: [object, RegExp][] = [
      [{ width: 0 }, /width: expected a whole number from 1 to 512, or 'auto', got 0/],
      [{ width: 1.5 }, /width/],
      [{ width: Number.NaN }, /width/],
      [{ width: Number.POSITIVE_INFINITY }, /width/],
      [{ width: "all" }, /width/],
      [{ batch: 0 }, /batch/],
      [{ prefetch: -1 }, /prefetch/],
      [{ capacity: 0 }, /capacity/],
      [{ ordered: 1 }, /ordered/],
      [{ dedicated: "yes" }, /dedicated/],
      [{ onError: "ignore" }, /onError/],
      [{ onError: { retry: -1 } }, /retry/],
      [{ onError: { retry: 1, else: "?" } }, /onError/],
      [{ key: 5 }, /key/],
      [{ key: String, batch: "auto" }, /batch/],
      [{ batch: "many" }, /batch/],
      [{ key: String, batch: 2 }, /batch: expected 1 where there is a key/],
      [{ signal: {} }, /signal/],
    ];
    for (const [options, message] of bad) {
      expect(() => fanOut(rt, range(3), jobs.double, options)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARG", message: expect.stringMatching(message) }),
      );
    }
    expect(() => fanOut(rt, 5 as never, jobs.double)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => fanOut(rt, [], "double" as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("N > items: no more workers than items; no item: no worker", async () => {
    const { rt, jobs } = bench;
    const one = gates(rt);
    const flow = fanOut(rt, [one.item(1), one.item(2)], jobs.gated, { width: 6 });
    const got = all(flow);
    await one.started.recv();
    await one.started.recv();
    expect(flow.stats.workers).toBe(2);
    one.close();
    expect(sorted(await got)).toEqual([1, 2]);
    const none = fanOut(rt, [] as number[], jobs.double, { width: 4 });
    expect(await all(none)).toEqual([]);
    expect(none.stats).toMatchObject({ received: 0, workers: 0 });
  });

  it("skewed costs: an item queued behind a dear one is done by whoever is free", async () => {
    const { rt, jobs } = bench;
    const { gate, started, item, close } = gates(rt);
    const quick = rt.channel(f64, 0);
    quick.close();
    const items: Gated[] = [item(0), ...upTo(20).map((n) => ({ n: n + 1, gate: quick.receiver, started: started.sender }))];
    const flow = fanOut(rt, items, jobs.gated, { width: 2, prefetch: 3, capacity: 64 });
    const got: number[] = [];
    for (let i = 0; i < 20; i++) got.push((await flow.next()).value!);
    expect(sorted(got)).toEqual(upTo(20).map((n) => n + 1)); // all but the dear one, which still waits
    expect(waitersOf(gate).receivers).toBe(1);
    close();
    expect(await flow.next()).toEqual({ value: 0, done: false });
    expect((await flow.next()).done).toBe(true);
  });

  it("ordered: values in the order of the items, whatever they cost", async () => {
    const { rt, jobs } = bench;
    expect(await all(fanOut(rt, range(40), jobs.skewed, { width: 3, ordered: true }))).toEqual(upTo(40));
    expect(await all(fanOut(rt, range(100), jobs.double, { width: 3, ordered: true, batch: 7 }))).toEqual(upTo(100).map((n) => 2 * n));
  });

  it("ordered: does not run further ahead than its window while the first is not done", async () => {
    const { rt, jobs } = bench;
    const { gate, started, item } = gates(rt);
    const quick = rt.channel(f64, 0);
    quick.close();
    let taken = 0;
    function* items() {
      for (let n = 0; n < 100; n++) {
        taken++;
        yield n === 0 ? item(0) : { n, gate: quick.receiver, started: started.sender };
      }
    }
    const flow = fanOut(rt, items(), jobs.gated, { width: 2, prefetch: 1, capacity: 3, ordered: true });
    const first = flow.next();
    await until(() => taken === 2 * 2 + 3 && flow.stats.workers === 2, "the window is full");
    await until(() => waitersOf(gate).receivers === 1, "the first waits");
    expect(flow.stats).toMatchObject({ delivered: 0, pending: 7 });
    gate.close();
    const reading = (async () => {
      for (let n = started.length; n > 0 || typeof (await started.recv()) === "number"; n--);
    })();
    expect(await first).toEqual({ value: 0, done: false });
    expect(await all(flow)).toEqual(upTo(100).slice(1));
    started.close();
    await reading;
  });

  it("a source that never closes: leaving the loop cancels, and what is in the channel stays there", async () => {
    const { rt, jobs } = bench;
    const source = rt.channel(f64, 64);
    for (let n = 0; n < 3; n++) await source.send(n);
    const flow = fanOut(rt, source, jobs.double, { width: 2 });
    const got: number[] = [];
    for await (const value of flow) if (got.push(value) === 3) break;
    expect(sorted(got)).toEqual([0, 2, 4]);
    expect(waitersOf(source)).toEqual({ receivers: 0, senders: 0 });
    await source.send(9);
    expect(await source.recv()).toBe(9);
    source.close();
  });

  it("a foreign source whose next() never settles: return() settles all the same", async () => {
    const { rt, jobs } = bench;
    const idle: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    const flow = fanOut(rt, idle, jobs.double);
    const waiting = flow.next();
    expect(await flow.return()).toEqual({ value: undefined, done: true });
    expect((await waiting).done).toBe(true);
  });

  it("cancelled while it waits to receive", async () => {
    const { rt, jobs } = bench;
    const source = rt.channel(f64, 0);
    const stop = new AbortController();
    const got = all(fanOut(rt, source, jobs.double, { signal: stop.signal }));
    await until(() => waitersOf(source).receivers === 1, "it waits for the source");
    stop.abort("enough");
    expect(await failureOf(got)).toMatchObject({ name: "AbortError", code: "ABORT_ERR", cause: "enough" });
    expect(waitersOf(source).receivers).toBe(0);
    source.close();
  });

  it("cancelled while it waits to send: nobody reads, workers stand still, all end", async () => {
    const { rt, jobs } = bench;
    const stop = new AbortController();
    const flow = fanOut(rt, repeat(1), jobs.double, { width: 2, capacity: 2, signal: stop.signal });
    await flow.next();
    await until(() => flow.stats.pending === 6, "it stands still");
    stop.abort();
    expect(await failureOf(flow.next())).toMatchObject({ code: "ABORT_ERR" });
    expect((await flow.next()).done).toBe(true);
    expect(flow.stats.workers).toBe(0);
  });

  it("a signal that has fired before: nothing is started", async () => {
    const { rt, jobs } = bench;
    let asked = 0;
    const flow = fanOut(
      rt,
      from(
        (function* () {
          asked++;
          yield 1;
        })(),
      ),
      jobs.double,
      { signal: AbortSignal.abort("no") },
    );
    expect(await failureOf(flow.next())).toMatchObject({ code: "ABORT_ERR", cause: "no" });
    expect([asked, flow.stats.received]).toEqual([0, 0]);
  });

  it("return() settles only when every task has ended; a task sees the signal; twice is the same as once", async () => {
    const { rt, jobs } = bench;
    const started = rt.channel(f64, 16);
    const items = upTo(4).map((n) => ({ n: n + 1, started: started.sender }));
    const flow = fanOut(rt, items, jobs.untilCancelled, { width: 2 });
    void flow.next();
    expect(sorted([(await started.recv()) as number, (await started.recv()) as number])).toEqual([1, 2]);
    await Promise.all([flow.return(), flow.return()]);
    expect(started.length).toBe(2);
    expect(sorted([started.tryRecv() as number, started.tryRecv() as number])).toEqual([-2, -1]);
    await flow.return();
    expect((await flow.next()).done).toBe(true);
    started.close();
  });

  it("return() before the first value: nothing is started, the source is left", async () => {
    const { rt, jobs } = bench;
    let left = false;
    const source = {
      *[Symbol.iterator]() {
        try {
          yield 1;
        } finally {
          left = true;
        }
      },
    };
    const flow = fanOut(rt, source, jobs.double);
    await flow.return();
    expect((await flow.next()).done).toBe(true);
    expect([left, flow.stats.received]).toEqual([false, 0]); // never begun
  });

  describe("failure policy", () => {
    it("fail: the error arrives whole, once, after all workers have ended; ordered, after all values before it", async () => {
      const { rt, jobs } = bench;
      const flow = fanOut(rt, range(100), jobs.failAtThree, { width: 2, ordered: true });
      const got: number[] = [];
      const error = await failureOf(
        (async () => {
          for await (const value of flow) got.push(value);
        })(),
      );
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ name: "RangeError", message: "three", code: "E_THREE" });
      expect(error.cause).toBeInstanceOf(TypeError);
      expect(error.stack).toMatch(/failAtThree.*pattern-jobs\.ts/s);
      expect(got).toEqual([0, 2, 4]);
      expect(flow.stats).toMatchObject({ failed: 1, workers: 0 });
      expect((await flow.next()).done).toBe(true);
    });

    it("fail, unordered: what is behind it is given up, the source is not drained", async () => {
      const { rt, jobs } = bench;
      const flow = fanOut(rt, repeat(3), jobs.failAtThree, { width: 2 });
      expect(await failureOf(all(flow))).toMatchObject({ code: "E_THREE" });
      expect(flow.stats.received).toBeLessThan(64);
    });

    it("fail, ordered, behind an item that takes long: nothing more is taken from the source", async () => {
      const { rt, jobs } = bench;
      const { gate, started, item } = gates(rt);
      let taken = 0;
      function* items() {
        for (;;) yield taken++ === 1 ? { ...item(1), gate: undefined as never } : item(taken - 1);
      }
      const flow = fanOut(rt, items(), jobs.gated, { width: 2, prefetch: 0, ordered: true });
      const first = flow.next();
      await until(() => flow.stats.failed === 1, "the second has failed");
      const then = taken;
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect([taken, then <= 3]).toEqual([then, true]);
      gate.close();
      expect((await first).value).toBe(0);
      expect(await failureOf(flow.next())).toBeInstanceOf(TypeError);
      started.close();
      await all(started);
    });

    it("fail, in a batch: the values before it in its batch are delivered", async () => {
      const { rt, jobs } = bench;
      const got: number[] = [];
      await failureOf(
        (async () => {
          for await (const value of fanOut(rt, range(20), jobs.failAtThree, { width: 2, batch: 5, ordered: true })) got.push(value);
        })(),
      );
      expect(got).toEqual([0, 2, 4]);
    });

    it.each([1, 4])("collect, batch: %i: the others go on, then one error with all of them in input order", async (batch) => {
      const { rt, jobs } = bench;
      const got: number[] = [];
      const flow = fanOut(rt, range(10), jobs.failAtOdd, { width: 2, onError: "collect", batch });
      const error = await failureOf(
        (async () => {
          for await (const value of flow) got.push(value);
        })(),
      );
      expect(sorted(got)).toEqual([0, 2, 4, 6, 8]);
      expect(error).toBeInstanceOf(AggregateError);
      expect(error).toMatchObject({ code: "ERR_ITEMS_FAILED", message: "5 of 10 items failed", indexes: [1, 3, 5, 7, 9] });
      expect(error.errors!.map((one) => one.message)).toEqual(["odd 1", "odd 3", "odd 5", "odd 7", "odd 9"]);
    });

    it.each([1, 4])("skip, batch: %i: the others go on, and that is all", async (batch) => {
      const { rt, jobs } = bench;
      const flow = fanOut(rt, range(10), jobs.failAtOdd, { width: 2, onError: "skip", ordered: true, batch });
      expect(await all(flow)).toEqual([0, 2, 4, 6, 8]);
      expect(flow.stats).toMatchObject({ received: 10, delivered: 5, failed: 5 });
    });

    it("retry: as often as allowed; then fail, or what `else` says", async () => {
      const { rt, jobs } = bench;
      const enough = fanOut(rt, [7], jobs.thirdTime, { width: 1, onError: { retry: 2 } });
      expect(await all(enough)).toEqual([7]);
      expect(enough.stats).toMatchObject({ retried: 2, failed: 0 });
      expect(await failureOf(all(fanOut(rt, [3], jobs.failAtThree, { onError: { retry: 2 } })))).toMatchObject({ code: "E_THREE" });
      const skipping = fanOut(rt, range(5), jobs.failAtThree, { ordered: true, onError: { retry: 1, else: "skip" } });
      expect(await all(skipping)).toEqual([0, 2, 4, 8]);
      expect(skipping.stats).toMatchObject({ retried: 1, failed: 1 });
    });

    it.each([1, 3])("a result that cannot be sent is a failure of its item alone, batch: %i", async (batch) => {
      const { rt, jobs } = bench;
      const flow = fanOut(rt, range(6), jobs.unsendableAtThree, { ordered: true, onError: "skip", batch });
      expect(await all(flow)).toEqual([0, 1, 2, 4, 5]);
      expect(await failureOf(all(fanOut(rt, range(6), jobs.unsendableAtThree, { batch })))).toMatchObject({
        code: "ERR_UNSENDABLE",
        message: expect.stringContaining("fn"),
      });
    });

    it.each([1, 3])("an item that cannot be sent fails by itself, batch: %i", async (batch) => {
      const { rt, jobs } = bench;
      const items: unknown[] = [0, 1, () => 1, 3, 4];
      const flow = fanOut(rt, items, jobs.echo, { ordered: true, onError: "skip", batch });
      expect(await all(flow)).toEqual([0, 1, 3, 4]);
      expect(await failureOf(all(fanOut(rt, items, jobs.echo, { batch })))).toMatchObject({ code: "ERR_UNSENDABLE" });
    });

    it("an error of the source comes after the values of what it gave before", async () => {
      const { rt, jobs } = bench;
      function* broken() {
        yield 1;
        yield 2;
        throw new Error("source");
      }
      const got: number[] = [];
      const error = await failureOf(
        (async () => {
          for await (const value of fanOut(rt, broken(), jobs.double, { ordered: true })) got.push(value);
        })(),
      );
      expect([got, error.message]).toEqual([[2, 4], "source"]);
    });

    it("no such function: the iteration throws it, whatever the policy", async () => {
      const { rt, jobs } = bench;
      const missing = (jobs as unknown as { missing: typeof jobs.double }).missing;
      expect(await failureOf(all(fanOut(rt, range(9), missing, { onError: "skip" })))).toMatchObject({ code: "ERR_NO_FUNCTION" });
    });
  });

  it("keyed affinity: items of a key go to one worker, in order, also when the width changes", async () => {
    const { rt, jobs } = bench;
    const flow = fanOut(rt, range(200), jobs.onThread, { width: 3, key: (n) => n % 5 });
    const byKey = new Map<number, { n: number; threadId: number }[]>();
    for await (const got of flow) byKey.set(got.n % 5, [...(byKey.get(got.n % 5) ?? []), got]);
    for (const [key, list] of byKey) {
      expect(list.map(({ n }) => n)).toEqual(upTo(40).map((i) => i * 5 + key));
      expect(new Set(list.map(({ threadId }) => threadId)).size).toBe(1);
    }
    const changing = fanOut(rt, range(200), jobs.onThread, { width: 4, key: (n) => `k${n % 7}` });
    const last = new Map<number, number>();
    let seen = 0;
    for await (const { n } of changing) {
      expect(n).toBeGreaterThan(last.get(n % 7) ?? -1);
      last.set(n % 7, n);
      if (++seen % 25 === 0) changing.width = 1 + ((seen / 25) % 4);
    }
    expect(seen).toBe(200);
  });

  it("keyed: an item waits while one of its key is with a worker that leaves", async () => {
    const { rt, jobs } = bench;
    let checked = 0;
    for (const shift of [0, 1]) {
      const own = [0, 1].map(() => gates(rt)); // a gate for each key
      const items = upTo(6).map((n) => own[n % 2]!.item(n));
      const flow = fanOut(rt, items, jobs.gated, { width: 2, key: ({ n }) => (n + shift) % 2, prefetch: 0, ordered: true });
      const got = all(flow);
      const inHand = (key: number) => waitersOf(own[key]!.gate).receivers;
      await until(() => inHand(0) === 1 && inHand(1) === 1 && flow.stats.received === 6, "one of each key is in hand");
      flow.width = 1;
      await own[0]!.gate.send(0);
      await until(
        () => flow.stats.workers === 1 || own[0]!.started.length === 2,
        "it was with the one that leaves, or with the one that stays",
      );
      if (flow.stats.workers === 2) {
        for (let more = 0; more < 2; more++) await own[0]!.gate.send(0); // the one that stays has nothing more of its own key
        await until(() => own[0]!.started.length === 3 && inHand(0) === 0, "it is free");
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
        expect([inHand(1), own[1]!.started.length]).toEqual([1, 1]);
        checked++;
      }
      for (const { gate } of own) gate.close();
      expect(await got).toEqual(upTo(6));
      for (const { started } of own) {
        started.close();
        await all(started);
      }
    }
    expect(checked).toBe(1); // the two keys are with different workers
  });

  it("a context ends it: with its cause, with TimeoutError at its deadline; functions get one below it, and a loop that computes sees it end", async () => {
    const { rt, jobs } = bench;
    const work = rt.background.withValue("name", "loom").withCancel();
    expect(await all(fanOut(rt, ["name"], jobs.contextValue, { ctx: work.ctx }))).toEqual(["loom"]);
    const started = rt.channel(f64, 4);
    const computing = threads > 0 ? jobs.spinUntilCancelledOn : jobs.untilCancelled;
    const flow = fanOut(rt, [{ n: 1, started: started.sender }], computing, { ctx: work.ctx });
    const failing = failureOf(flow.next());
    await started.recv();
    work.cancel("enough");
    expect(await failing).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    expect(flow.stats.workers).toBe(0);
    started.tryRecv();
    started.close();
    work[Symbol.dispose]();
    const soon = rt.background.withTimeout(20);
    expect(await failureOf(all(fanOut(rt, repeat(1), jobs.double, { ctx: soon.ctx })))).toMatchObject({ code: "ERR_TIMEOUT" });
    expect(await failureOf(all(fanOut(rt, repeat(1), jobs.double, { ctx: soon.ctx })))).toMatchObject({ code: "ERR_TIMEOUT" }); // ended before
    soon[Symbol.dispose]();
  });

  it("a key that is none: the iteration throws", async () => {
    const { rt, jobs } = bench;
    expect(await failureOf(all(fanOut(rt, range(3), jobs.double, { key: () => ({}) as never })))).toMatchObject({
      code: "ERR_INVALID_ARG",
      message: expect.stringContaining("key()"),
    });
  });

  it("width changed while running: more work at once, then fewer; a worker that leaves finishes what it has", async () => {
    const { rt, jobs } = bench;
    const { gate, started, item } = gates(rt);
    const flow = fanOut(rt, upTo(12).map(item), jobs.gated, { width: 1, prefetch: 2 });
    const got = all(flow);
    await until(() => waitersOf(gate).receivers === 1, "one works");
    flow.width = 3;
    await until(() => waitersOf(gate).receivers === 3, "three work");
    flow.width = 1;
    expect(flow.stats.workers).toBe(3);
    for (let n = 0; n < 3; n++) await gate.send(n);
    await until(() => flow.stats.workers === 1 && waitersOf(gate).receivers === 1, "one works");
    expect(() => {
      flow.width = 0;
    }).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    gate.close();
    expect(sorted(await got)).toEqual(upTo(12));
    flow.width = 5; // after the end: nothing
    expect(started.length).toBe(12);
    started.close();
    while (typeof started.tryRecv() === "number");
  });

  it("into a channel: closed once, after the last value; on failure, too", async () => {
    const { rt, jobs } = bench;
    const out = rt.channel(f64, 2);
    const sent = fanOut(rt, range(50), jobs.double, { width: 2 }).into(out.sender);
    expect(sorted(await all(out))).toEqual(upTo(50).map((n) => 2 * n));
    expect(await sent).toBe(50);
    const failing = rt.channel(f64, 64);
    expect(await failureOf(fanOut(rt, range(9), jobs.failAtThree, { ordered: true }).into(failing.sender))).toMatchObject({
      code: "E_THREE",
    });
    expect(await all(failing)).toEqual([0, 2, 4]);
    const open = rt.channel(f64, 64);
    await fanOut(rt, range(2), jobs.double).into(open.sender, { close: false });
    await open.send(1);
    open.close();
    expect((await all(open)).length).toBe(3);
  });

  it("into a channel whose reader closes it: upstream is cancelled", async () => {
    const { rt, jobs } = bench;
    const out = rt.channel(f64, 0);
    const flow = fanOut(rt, repeat(1), jobs.double, { width: 2 });
    const sent = flow.into(out.sender);
    expect(await out.recv()).toBe(2);
    out.close();
    expect(await failureOf(sent)).toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    expect(flow.stats.workers).toBe(0);
  });

  it("into a channel nobody reads, cancelled", async () => {
    const { rt, jobs } = bench;
    const out = rt.channel(f64, 0);
    const stop = new AbortController();
    const sent = fanOut(rt, repeat(1), jobs.double).into(out.sender, { signal: stop.signal });
    await until(() => waitersOf(out).senders === 1, "it waits to send");
    stop.abort("why");
    expect(await failureOf(sent)).toMatchObject({ code: "ABORT_ERR", cause: "why" });
  });

  it("batches do not wait: a source that has only one item for now gets it done", async () => {
    const { rt, jobs } = bench;
    const source = rt.channel(f64, 8);
    await source.send(21);
    const flow = fanOut(rt, source, jobs.double, { batch: 64 });
    expect(await flow.next()).toEqual({ value: 42, done: false });
    await source.send(1);
    source.close();
    expect(await all(flow)).toEqual([2]);
  });

  it("batch 'auto': cheap items travel together, dear ones alone; each comes once, in order", async () => {
    const { rt, jobs } = bench;
    const cheap = fanOut(rt, range(20_000), jobs.double, { batch: "auto", ordered: true, width: 2 });
    let most = 0;
    let n = 0;
    for await (const value of cheap) {
      if (value !== 2 * n++) throw new Error(`expected ${2 * (n - 1)}, got ${value}`);
      most = Math.max(most, (cheap.stats.received - cheap.stats.delivered) / Math.max(1, cheap.stats.pending));
    }
    expect([n, most > 20]).toEqual([20_000, true]);
    const dear = fanOut(rt, range(6), jobs.burn, { batch: "auto", width: 1, prefetch: 0, capacity: 1 });
    for await (const _ of dear) expect(dear.stats.received - dear.stats.delivered).toBeLessThanOrEqual(2);
    expect(await all(pipeline(rt, [2, 1, 3]).flatMap(jobs.countSlowly, { batch: "auto" }))).toEqual([0, 1, 0, 0, 1, 2]);
  });

  it("several readers at once: each value to one of them, the end to all, a failure to one", async () => {
    const { rt, jobs } = bench;
    const flow = fanOut(rt, range(4), jobs.double);
    const steps = await Promise.all(upTo(7).map(() => flow.next()));
    expect(sorted(steps.flatMap((step) => (step.done ? [] : [step.value])))).toEqual([0, 2, 4, 6]);
    const failing = fanOut(rt, [3], jobs.failAtThree);
    const settled = await Promise.allSettled([failing.next(), failing.next()]);
    expect(settled.map((one) => one.status)).toEqual(["rejected", "fulfilled"]);
  });

  it("statistics", async () => {
    const { rt, jobs } = bench;
    const flow = fanOut(rt, range(100), jobs.double, { batch: 10 });
    await all(flow);
    expect(flow.stats).toMatchObject({
      name: "double",
      received: 100,
      delivered: 100,
      passed: [100],
      failed: 0,
      retried: 0,
      deaths: 0,
      workers: 0,
      pending: 0,
    });
    expect(flow.stats.busyMs).toBeGreaterThan(0);
  });

  it("property: any items, width, batch and order give each item once, ordered if asked", async () => {
    const { rt, jobs } = bench;
    const settings = fc.record({
      items: fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 40 }),
      width: fc.integer({ min: 1, max: 3 }),
      batch: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant("auto" as const)),
      prefetch: fc.integer({ min: 0, max: 3 }),
      capacity: fc.integer({ min: 1, max: 5 }),
      ordered: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(settings, async ({ items, ...options }) => {
        const got = await all(fanOut(rt, items, jobs.double, options));
        const expected = items.map((n) => 2 * n);
        expect(options.ordered ? got : sorted(got)).toEqual(options.ordered ? expected : sorted(expected));
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it("values of any kind come through a channel of channels", async () => {
    const { rt, jobs } = bench;
    const source = rt.channel(structured<object>(), 4);
    await source.send({ a: [1n, new Date(3)], b: null });
    source.close();
    expect(await all(fanOut(rt, source, jobs.echo))).toEqual([{ a: [1n, new Date(3)], b: null }]);
  });
});

onThreads("fan-out, a worker that dies in mid-item", [1, 2], (bench) => {
  it("fail: ERR_THREAD_DIED with its cause, and all others end", async () => {
    const { rt, jobs } = bench;
    const flow = fanOut(rt, range(20), jobs.dieAtThree, { width: 2, ordered: true });
    const got: number[] = [];
    const error = await failureOf(
      (async () => {
        for await (const value of flow) got.push(value);
      })(),
    );
    expect(error).toMatchObject({ code: "ERR_THREAD_DIED", message: expect.stringContaining("exit code 7") });
    expect(got).toEqual([0, 2, 4]);
    expect(flow.stats).toMatchObject({ deaths: 1, workers: 0 });
  });

  it.each([1, 4])("skip, batch: %i: only the item that kills is missing", async (batch) => {
    const { rt, jobs } = bench;
    const flow = fanOut(rt, range(20), jobs.dieAtThree, { width: 2, ordered: true, onError: "skip", batch });
    expect(await all(flow)).toEqual(
      upTo(20)
        .filter((n) => n !== 3)
        .map((n) => 2 * n),
    );
    expect(flow.stats.failed).toBe(1);
  });

  it("collect: the death is one of the errors", async () => {
    const { rt, jobs } = bench;
    const error = await failureOf(all(fanOut(rt, range(8), jobs.dieAtThree, { width: 2, onError: "collect" })));
    expect(error).toMatchObject({ code: "ERR_ITEMS_FAILED", indexes: [3] });
    expect(error.errors![0]).toMatchObject({ code: "ERR_THREAD_DIED" });
  });

  it("retry: the item is tried again elsewhere, and each death counts", async () => {
    const { rt, jobs } = bench;
    const flow = fanOut(rt, range(5), jobs.dieAtThree, { width: 1, onError: { retry: 1, else: "skip" }, ordered: true });
    expect(await all(flow)).toEqual([0, 2, 4, 8]);
    expect(flow.stats).toMatchObject({ deaths: 2, retried: 1, failed: 1 });
  });

  it("a module that ends its thread at import: not for ever", async () => {
    const { rt } = bench;
    const deadly = rt.module<{ f(n: number): number }>("data:text/javascript,process.exit(5); export function f() {}");
    expect(await failureOf(all(fanOut(rt, range(3), deadly.f, { width: 1, onError: "skip" })))).toMatchObject({ code: "ERR_THREAD_DIED" });
  });
});

describe("fan-out, few threads", () => {
  it("fewer dedicated threads than wished for: it works with those there are, keys and all; none: refused with the reason", async () => {
    const rt = await Runtime.start({ threads: 1, maxDedicated: 2 });
    const jobs = rt.module<typeof import("../fixtures/pattern-jobs.ts")>(new URL("../fixtures/pattern-jobs.js", import.meta.url));
    const flow = fanOut(rt, range(100), jobs.double, { width: 5, ordered: true });
    expect(await all(flow)).toEqual(upTo(100).map((n) => 2 * n));
    expect(flow.width).toBe(2);
    const keyed = fanOut(rt, range(100), jobs.double, { width: 5, key: (n) => n });
    expect(sorted(await all(keyed))).toEqual(upTo(100).map((n) => 2 * n));
    const { gate, item, close } = gates(rt);
    const holding = fanOut(rt, [item(1), item(2)], jobs.gated, { width: 2 });
    const held = all(holding);
    await until(() => waitersOf(gate).receivers === 2, "both threads are taken");
    expect(await failureOf(all(fanOut(rt, range(3), jobs.double, { width: 1 })))).toMatchObject({ code: "ERR_GANG_REFUSED" });
    expect(await all(fanOut(rt, range(3), jobs.double, { width: 1, dedicated: false }))).toEqual([0, 2, 4]);
    close();
    expect(sorted(await held)).toEqual([1, 2]);
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it.each([0, 1])("the runtime is closed while it runs, threads: %i: the iteration ends with a coded error", async (threads) => {
    const rt = await Runtime.start({ threads });
    const jobs = rt.module<typeof import("../fixtures/pattern-jobs.ts")>(new URL("../fixtures/pattern-jobs.js", import.meta.url));
    const flow = fanOut(rt, repeat(1), jobs.double, { width: 2, onError: "skip" });
    for (let i = 0; i < 10; i++) await flow.next();
    const failing = failureOf(all(flow));
    await rt.close({ graceMs: 0 });
    expect(["ERR_CLOSED", "ERR_THREAD_DIED", "ERR_TASK_CANCELLED"]).toContain((await failing).code);
  });
});
