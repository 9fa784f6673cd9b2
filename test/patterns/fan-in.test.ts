// Fan-in and or-done: each cell of the contract. Neither starts a task: threads come in as senders.

import fc from "fast-check";
import { expect, it } from "vitest";
import { f64, fanIn, or, orDone } from "../../src/index.ts";
import { until, waitersOf } from "../support/heap.ts";
import { all, failureOf, onThreads, sorted, upTo } from "./support.ts";

onThreads("fan-in", [0, 2], (bench) => {
  it("smoke: all values of channels filled by tasks, ends when all have ended", async () => {
    const { rt, jobs } = bench;
    const inputs = upTo(3).map(() => rt.channel(f64, 4));
    const tasks = inputs.map((input) => rt.go(jobs.count, input.sender, 100));
    expect(sorted(await all(fanIn(inputs)))).toEqual(sorted(inputs.flatMap(() => upTo(100))));
    await Promise.all(tasks);
  });

  it("N = 0: ends at once", async () => {
    expect(await all(fanIn([]))).toEqual([]);
  });

  it("one input, closed inputs, an input named twice", async () => {
    const { rt } = bench;
    const one = rt.channel(f64, 4);
    await one.sendMany([1, 2, 3]);
    one.close();
    const closed = rt.channel(f64, 0);
    closed.close();
    expect(await all(fanIn([closed, one, one.receiver, closed]))).toEqual([1, 2, 3]);
  });

  it("the book's fault: a source that never closes does not hang it when it is cancelled", async () => {
    const { rt } = bench;
    const [open, other] = [rt.channel(f64, 0), rt.channel(f64, 0)];
    const stop = new AbortController();
    const got = all(fanIn([open, other], { signal: stop.signal }));
    await until(() => waitersOf(open).receivers === 1 && waitersOf(other).receivers === 1, "it waits for both");
    stop.abort("done");
    expect(await failureOf(got)).toMatchObject({ code: "ABORT_ERR", cause: "done" });
    expect([waitersOf(open), waitersOf(other)]).toEqual(Array(2).fill({ receivers: 0, senders: 0 }));
    for (const ch of [open, other]) ch.close();
  });

  it("a context ends it, from any thread; or-done takes one, too", async () => {
    const { rt, jobs } = bench;
    const input = rt.channel(f64, 0);
    const work = rt.background.withCancel();
    const waiting = failureOf(all(fanIn([input], { ctx: work.ctx })));
    const quiet = all(orDone(input, work.ctx));
    await until(() => waitersOf(input).receivers === 2, "both wait");
    await rt.go(jobs.cancel, work, "over there");
    expect(await waiting).toMatchObject({ code: "ABORT_ERR", cause: "over there" });
    expect(await quiet).toEqual([]);
    work[Symbol.dispose]();
    input.close();
  });

  it("leaving early takes nothing more: what is in the channels stays there", async () => {
    const { rt } = bench;
    const inputs = [rt.channel(f64, 4), rt.channel(f64, 4)];
    for (const input of inputs) await input.sendMany([1, 2]);
    for await (const _ of fanIn(inputs)) break;
    expect(inputs.map((input) => input.length).reduce((a, b) => a + b)).toBe(3);
    for (const input of inputs) {
      input.close();
      await all(input);
    }
  });

  it("a reader that leaves while it waits", async () => {
    const { rt } = bench;
    const input = rt.channel(f64, 0);
    const flow = fanIn([input]);
    const waiting = flow.next();
    await until(() => waitersOf(input).receivers === 1, "it waits");
    await flow.return();
    expect((await waiting).done).toBe(true);
    input.close();
  });

  it("ready inputs take turns", async () => {
    const { rt } = bench;
    const inputs = upTo(3).map(() => rt.channel(f64, 8));
    for (const [i, input] of inputs.entries()) await input.sendMany(Array(4).fill(i));
    const flow = fanIn(inputs);
    for (let round = 0; round < 4; round++) {
      expect(sorted([(await flow.next()).value!, (await flow.next()).value!, (await flow.next()).value!])).toEqual([0, 1, 2]);
    }
    for (const input of inputs) input.close();
    expect((await flow.next()).done).toBe(true);
  });

  it("channels and iterables, sync and async, beside each other", async () => {
    const { rt } = bench;
    const ch = rt.channel(f64, 0);
    async function* slow() {
      for (let n = 10; n < 13; n++) {
        await new Promise((resolve) => setImmediate(resolve));
        yield n;
      }
    }
    const sending = (async () => {
      await ch.send(1);
      await ch.send(2);
      ch.close();
    })();
    expect(sorted(await all(fanIn<number>([ch, slow(), [20, 21]])))).toEqual([1, 2, 10, 11, 12, 20, 21]);
    await sending;
  });

  it("an input that throws: its error, and the others are left", async () => {
    const { rt } = bench;
    const ch = rt.channel(f64, 0);
    let left = false;
    function* other() {
      try {
        for (;;) yield 1;
      } finally {
        left = true;
      }
    }
    async function* broken() {
      yield 1;
      throw new RangeError("broken");
    }
    expect(await failureOf(all(fanIn<number>([ch, other(), broken()])))).toMatchObject({ message: "broken", name: "RangeError" });
    expect([left, waitersOf(ch).receivers]).toEqual([true, 0]);
    ch.close();
  });

  it("bad input", () => {
    for (const bad of [5, null, [5], [null]])
      expect(() => fanIn(bad as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => fanIn([], { signal: 1 as never })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => fanIn([], { signal: AbortSignal.abort() })).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
  });

  it("property: any split of values over inputs of any kind comes out whole, each input in order", async () => {
    const { rt } = bench;
    const split = fc.array(fc.tuple(fc.nat(10), fc.boolean()), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(split, async (parts) => {
        const inputs = await Promise.all(
          parts.map(async ([n, isChannel], i) => {
            const values = upTo(n).map((k) => 100 * i + k);
            if (!isChannel) return values;
            const ch = rt.channel(f64, 16);
            await ch.sendMany(values);
            ch.close();
            return ch;
          }),
        );
        const got = await all(fanIn<number>(inputs));
        for (const [i, [n]] of parts.entries())
          expect(got.filter((v) => Math.floor(v / 100) === i)).toEqual(upTo(n).map((k) => 100 * i + k));
        expect(got.length).toBe(parts.reduce((sum, [n]) => sum + n, 0));
      }),
      { numRuns: 40, seed: 3 },
    );
  });
});

onThreads("or-done", [0, 2], (bench) => {
  it("values until the end, or until the signal: neither is an error", async () => {
    const { rt, jobs } = bench;
    const ended = rt.channel(f64, 4);
    const task = rt.go(jobs.count, ended.sender, 10);
    expect(await all(orDone(ended, new AbortController().signal))).toEqual(upTo(10));
    await task;
    const idle = rt.channel(f64, 0);
    const stop = new AbortController();
    const got = all(orDone(idle, stop.signal));
    await idle.send(1);
    await until(() => waitersOf(idle).receivers === 1, "it waits");
    stop.abort();
    expect(await got).toEqual([1]);
    idle.close();
  });

  it("a signal that has fired: no value is taken; a foreign source that never answers: it ends all the same", async () => {
    const { rt } = bench;
    const ch = rt.channel(f64, 1);
    await ch.send(5);
    expect(await all(orDone(ch, AbortSignal.abort()))).toEqual([]);
    expect(await ch.recv()).toBe(5);
    ch.close();
    const stop = new AbortController();
    const got = all(orDone({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }, stop.signal));
    setImmediate(() => stop.abort());
    expect(await got).toEqual([]);
  });

  it("an error of the source stays one; with or(): any of several signals ends it", async () => {
    const { rt } = bench;
    const failing = (async function* () {
      yield 1;
      throw new Error("source");
    })();
    expect(await failureOf(all(orDone(failing, new AbortController().signal)))).toMatchObject({ message: "source" });
    const [source, stop] = [rt.channel(f64, 0), rt.channel(f64, 0)];
    const any = or({ stop, never: undefined });
    const got = all(orDone(source, any.signal));
    await until(() => waitersOf(source).receivers === 1 && waitersOf(stop).receivers === 1, "both wait");
    stop.close();
    expect(await got).toEqual([]);
    source.close();
    expect(() => orDone([], 5 as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });
});
