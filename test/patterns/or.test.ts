// Or-channel: each cell of the contract.

import { expect, it } from "vitest";
import { after, type Fired, f64, never as neverTimer, or } from "../../src/index.ts";
import { until, waitersOf } from "../support/heap.ts";
import { failureOf, onThreads, upTo } from "./support.ts";

onThreads("or", [0, 2], (bench) => {
  it("fires when any closes, sends or fires, and says which and why", async () => {
    const { rt, jobs } = bench;
    const [a, b] = [rt.channel(f64, 0), rt.channel(f64, 0)];
    const sends = or({ a, b });
    const task = rt.go(jobs.sendOne, b.sender, 7);
    expect(await sends.done).toEqual({ case: "b", why: "value", value: 7 });
    await task;
    const closes = or([a, b]);
    a.close();
    expect(await closes.done).toEqual({ case: 0, why: "closed", value: undefined });
    const fires = or({ b, late: after(0) });
    expect(await fires.done).toMatchObject({ case: "late", why: "time", value: expect.any(Number) });
    const stop = new AbortController();
    const aborts = or({ b, stop: stop.signal });
    stop.abort("why");
    expect(await aborts.done).toEqual({ case: "stop", why: "aborted", value: "why" });
    b.close();
  });

  it("none: never fires, and says so; a disabled input is none; stop() ends the wait", async () => {
    for (const nothing of [or([]), or({}), or([undefined, null])]) {
      expect([nothing.isNever, nothing.fired]).toEqual([true, undefined]);
      nothing.stop("enough");
      nothing.stop();
      expect(await failureOf(nothing.done)).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
      expect([nothing.isNever, nothing.signal.aborted]).toEqual([false, true]);
    }
    const timed = or({ never: neverTimer() });
    expect(timed.isNever).toBe(false);
    timed.stop();
    await failureOf(timed.done);
  });

  it("one; a disabled one beside it never fires", async () => {
    const { rt } = bench;
    const one = rt.channel(f64, 1);
    await one.send(3);
    expect(await or([undefined, one]).done).toEqual({ case: 1, why: "value", value: 3 });
    one.close();
  });

  it("one has fired already: at once, and signals that have come first", async () => {
    const { rt } = bench;
    const closed = rt.channel(f64, 0);
    closed.close();
    expect(await or({ closed }).done).toMatchObject({ case: "closed", why: "closed" });
    const ready = rt.channel(f64, 1);
    await ready.send(1);
    const fired = or({ ready, stop: AbortSignal.abort("early") });
    expect(fired.fired).toEqual({ case: "stop", why: "aborted", value: "early" });
    expect(fired.signal.aborted).toBe(true);
    expect((fired.signal.reason as Fired).case).toBe("stop");
    expect(ready.length).toBe(1);
    await ready.recv();
    ready.close();
  });

  it("duplicates: as the first of them; the second takes over when the first is removed", async () => {
    const { rt } = bench;
    const ch = rt.channel(f64, 0);
    for (let round = 0; round < 10; round++) {
      const twice = or({ first: ch, second: ch.receiver });
      await until(() => waitersOf(ch).receivers === 1, "one wait");
      await ch.send(1);
      expect(await twice.done).toMatchObject({ case: "first" });
    }
    const again = or({ first: ch, second: ch.receiver });
    expect([again.remove("first"), again.remove("first")]).toEqual([true, false]);
    await ch.send(2);
    expect(await again.done).toEqual({ case: "second", why: "value", value: 2 });
    const { signal } = new AbortController();
    const signals = or({ a: signal, b: signal });
    signals.remove("a");
    signals.stop();
    await failureOf(signals.done);
    ch.close();
  });

  it("losers are unsubscribed: no waiter and no listener is left", async () => {
    const { rt } = bench;
    const channels = upTo(8).map(() => rt.channel(f64, 0));
    const stop = new AbortController();
    let listeners = 0;
    const { signal } = stop;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    const any = or([...channels, signal]);
    await until(() => channels.every((ch) => waitersOf(ch).receivers === 1), "it waits for all");
    expect(listeners).toBe(1);
    channels[5]!.close();
    expect(await any.done).toMatchObject({ case: 5 });
    expect(channels.map((ch) => waitersOf(ch).receivers)).toEqual(Array(8).fill(0));
    expect(listeners).toBe(0);
    for (const [i, ch] of channels.entries()) if (i !== 5) ch.close();
  });

  it("the book's faults: one wait, not a tree (100 inputs, no task, no channel), and the winner's value is not swallowed", async () => {
    const { rt } = bench;
    const channels = upTo(100).map(() => rt.channel(f64, 0));
    const before = rt.heapUse();
    const any = or(channels);
    await until(() => channels.every((ch) => waitersOf(ch).receivers === 1), "it waits for all");
    const { tasks, channels: open } = rt.heapUse();
    expect({ tasks, open }).toEqual({ tasks: before.tasks, open: before.channels });
    await channels[77]!.send(42);
    expect(await any.done).toEqual({ case: 77, why: "value", value: 42 });
    for (const ch of channels) ch.close();
  });

  it("at most one value is taken, whatever happens at the same time", async () => {
    const { rt } = bench;
    for (let round = 0; round < 50; round++) {
      const [a, b] = [rt.channel(f64, 1), rt.channel(f64, 1)];
      const stop = new AbortController();
      const any = or({ a, b, stop: stop.signal });
      if (round % 2) await new Promise((resolve) => setImmediate(resolve));
      a.trySend(1);
      b.trySend(2);
      stop.abort();
      any.stop();
      const won = await any.done.catch(() => undefined);
      const left = [a.tryRecv(), b.tryRecv()].filter((value) => typeof value === "number").length;
      expect(left).toBe(won?.why === "value" ? 1 : 2);
      a.close();
      b.close();
    }
  });

  it("inputs added and removed while it waits", async () => {
    const { rt } = bench;
    const [a, b] = [rt.channel(f64, 0), rt.channel(f64, 0)];
    const any = or({ a });
    await until(() => waitersOf(a).receivers === 1, "it waits for a");
    any.add("b", b);
    await until(() => waitersOf(b).receivers === 1 && waitersOf(a).receivers === 1, "it waits for both");
    any.remove("a");
    await until(() => waitersOf(a).receivers === 0 && waitersOf(b).receivers === 1, "it waits for b");
    expect(() => any.add("b", a)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => any.add("c", 5 as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    any.add("stop", AbortSignal.abort("now"));
    expect(await any.done).toEqual({ case: "stop", why: "aborted", value: "now" });
    any.add("late", a);
    expect(waitersOf(a).receivers).toBe(0);
    a.close();
    b.close();
  });

  it("mixes channels, contexts, AbortSignals and timers; a context ended on another thread wins with its cause", async () => {
    const { rt, jobs } = bench;
    const ch = rt.channel(f64, 0);
    const work = rt.background.withCancel();
    const any = or({ ch, late: after(60_000), stop: new AbortController().signal, ctx: work.ctx });
    const task = rt.go(jobs.cancel, work, "over there");
    expect(await any.done).toEqual({ case: "ctx", why: "aborted", value: "over there" });
    expect(or({ ch, ctx: work.ctx }).fired).toMatchObject({ case: "ctx", why: "aborted" });
    const never = or([rt.background]); // nothing can end it
    expect(never.isNever).toBe(true);
    never.stop();
    await failureOf(never.done);
    await task;
    work[Symbol.dispose]();
    ch.close();
  });

  it("its own signal: ends the wait, and composes", async () => {
    const { rt } = bench;
    const [a, b] = [rt.channel(f64, 0), rt.channel(f64, 0)];
    const inner = or({ a });
    const outer = or({ inner: inner.signal, b });
    await until(() => waitersOf(a).receivers === 1, "it waits");
    await a.send(1);
    expect((await outer.done).value).toEqual({ case: "a", why: "value", value: 1 });
    const stop = new AbortController();
    const stopped = or({ a, b }, { signal: stop.signal });
    stop.abort("over");
    expect(await failureOf(stopped.done)).toMatchObject({ code: "ABORT_ERR", cause: "over" });
    expect(() => or([], { signal: AbortSignal.abort() })).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
    for (const bad of [5, null, [5], { a: {} }])
      expect(() => or(bad as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    a.close();
    b.close();
  });
});
