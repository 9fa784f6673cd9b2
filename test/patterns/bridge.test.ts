// Bridge: each cell of the contract.

import { expect, it } from "vitest";
import { bridge, channelOf, f64, range, receiverOf } from "../../src/index.ts";
import { until, waitersOf } from "../support/heap.ts";
import { all, failureOf, onThreads, sorted, upTo } from "./support.ts";

onThreads("bridge", [0, 2], (bench) => {
  /** A closed channel that holds `values`. */
  async function filled(values: number[]) {
    const ch = bench.rt.channel(f64, 16);
    await ch.sendMany(values);
    ch.close();
    return ch;
  }

  it("each inner is drained before the next; inner channels made on other threads arrive through a channel", async () => {
    const { rt, jobs } = bench;
    const outer = rt.channel(channelOf(f64), 1);
    const task = rt.go(jobs.pages, outer.sender, 5, 4);
    expect(await all(bridge(outer))).toEqual(upTo(20));
    await task;
  });

  it("receiving ends through a channel", async () => {
    const { rt } = bench;
    const outer = rt.channel(receiverOf(f64), 2);
    const inner = rt.channel(f64, 2);
    await inner.sendMany([1, 2]);
    inner.close();
    await outer.send(inner.receiver);
    outer.close();
    expect(await all(bridge(outer))).toEqual([1, 2]);
  });

  it("empty, closed and disabled inner ones are passed over; an outer of nothing ends at once", async () => {
    const closed = bench.rt.channel(f64, 0);
    closed.close();
    expect(await all(bridge([await filled([1]), undefined, closed, null, [], await filled([2, 3])]))).toEqual([1, 2, 3]);
    expect(await all(bridge([]))).toEqual([]);
    expect(await all(bridge([undefined]))).toEqual([]);
  });

  it("the outer closes while an inner is open: it goes on to the end of the inner", async () => {
    const { rt } = bench;
    const outer = rt.channel(channelOf(f64), 1);
    const inner = rt.channel(f64, 0);
    const got = all(bridge(outer));
    await outer.send(inner);
    outer.close();
    await inner.send(1);
    await inner.send(2);
    inner.close();
    expect(await got).toEqual([1, 2]);
  });

  it("the book's fault: cancelled inside an inner that never closes, it ends", async () => {
    const { rt } = bench;
    const outer = rt.channel(channelOf(f64), 1);
    const inner = rt.channel(f64, 1);
    const stop = new AbortController();
    const flow = bridge(outer, { signal: stop.signal });
    await outer.send(inner);
    await inner.send(1);
    expect((await flow.next()).value).toBe(1);
    const waiting = failureOf(flow.next());
    await until(() => waitersOf(inner).receivers === 1, "it waits for the inner");
    stop.abort("done");
    expect(await waiting).toMatchObject({ code: "ABORT_ERR", cause: "done" });
    expect([waitersOf(inner).receivers, waitersOf(outer).receivers]).toEqual([0, 0]);
    inner.close();
    outer.close();
  });

  it("cancelled while it waits for the outer; a reader that leaves takes nothing more", async () => {
    const { rt } = bench;
    const outer = rt.channel(channelOf(f64), 1);
    const stop = new AbortController();
    const waiting = failureOf(bridge(outer, { signal: stop.signal }).next());
    await until(() => waitersOf(outer).receivers === 1, "it waits for the outer");
    stop.abort();
    expect(await waiting).toMatchObject({ code: "ABORT_ERR" });
    const inner = rt.channel(f64, 4);
    await inner.sendMany([1, 2]);
    await outer.send(inner);
    for await (const _ of bridge(outer)) break;
    expect(inner.length).toBe(1);
    await inner.recv();
    inner.close();
    outer.close();
  });

  it("n inner ones at once: a slow one holds no other back, and no more than n are read", async () => {
    const { rt } = bench;
    const [slow, quick, third] = [rt.channel(f64, 0), rt.channel(f64, 4), rt.channel(f64, 4)];
    await quick.send(1);
    await third.send(3);
    const outer = rt.channel(channelOf(f64), 3);
    await outer.sendMany([slow, quick, third]);
    outer.close();
    const flow = bridge(outer, { width: 2 });
    expect((await flow.next()).value).toBe(1);
    const next = flow.next();
    await until(() => waitersOf(quick).receivers === 1 && waitersOf(slow).receivers === 1, "it waits for two");
    expect([waitersOf(third).receivers, outer.length]).toEqual([0, 1]);
    quick.close();
    expect((await next).value).toBe(3);
    slow.close();
    third.close();
    expect((await flow.next()).done).toBe(true);
    expect(sorted(await all(bridge([range(3), range(3, 6), range(6, 9)], { width: Number.POSITIVE_INFINITY })))).toEqual(upTo(9));
  });

  it("prefetch: inner ones are taken ahead of their turn, and begun where that takes nothing from a channel", async () => {
    const { rt } = bench;
    const outer = rt.channel(channelOf(f64), 4);
    const inners = upTo(4).map(() => rt.channel(f64, 1));
    await outer.sendMany(inners);
    const flow = bridge(outer, { prefetch: 2 });
    const waiting = flow.next();
    await until(() => outer.length === 1, "one in turn and two ahead");
    expect(inners.map((inner) => waitersOf(inner).receivers)).toEqual([1, 0, 0, 0]);
    await inners[0]!.send(9);
    expect((await waiting).value).toBe(9);
    await flow.return();
    for (const inner of inners) inner.close();
    while (typeof outer.tryRecv() === "object");
    outer.close();

    let begun = 0;
    const lazy = upTo(5).map((i) =>
      (async function* () {
        begun++;
        yield i;
      })(),
    );
    const ahead = bridge(lazy, { prefetch: 2 });
    expect((await ahead.next()).value).toBe(0);
    expect(begun).toBe(3);
    expect(await all(ahead)).toEqual([1, 2, 3, 4]);
  });

  it("an inner that is none, an inner or an outer that throws", async () => {
    const { rt } = bench;
    const open = rt.channel(f64, 0);
    expect(await failureOf(all(bridge([[1], 5 as never])))).toMatchObject({ code: "ERR_INVALID_ARG" });
    async function* broken() {
      yield 1;
      throw new RangeError("inner");
    }
    expect(await failureOf(all(bridge<number>([broken(), open])))).toMatchObject({ message: "inner" });
    function* outer() {
      yield [1];
      throw new RangeError("outer");
    }
    expect(await failureOf(all(bridge(outer())))).toMatchObject({ message: "outer" });
    expect(waitersOf(open).receivers).toBe(0);
    open.close();
    for (const bad of [{ width: 0 }, { width: 1.5 }, { prefetch: -1 }])
      expect(() => bridge([], bad)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => bridge(5 as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => bridge([], { signal: AbortSignal.abort() })).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
  });
});
