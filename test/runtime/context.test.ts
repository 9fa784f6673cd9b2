// Context: a tree across threads that ends waits, loops and selects; deadlines, values, signals; nothing is left behind.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Canceller, CLOSED, type Context, f64, Runtime, select, structured, trySelect } from "../../src/index.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";

const url = new URL("../fixtures/context-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/context-jobs.ts");

describe.each([0, 2])("with threads: %d", (threads) => {
  let rt: Runtime;
  beforeEach(async () => {
    rt = await Runtime.start({ threads });
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("the background never ends, and is a disabled case", () => {
    const ctx = rt.background;
    expect([ctx.cancelled, ctx.cause, ctx.error, ctx.deadlineMs, ctx.done]).toEqual([false, undefined, undefined, Infinity, undefined]);
    expect(rt.background).toBe(ctx);
  });

  it("cancel ends it with its cause, once; a context above is not touched, those below are ended", () => {
    using above = rt.background.withCancel();
    using middle = above.ctx.withCancel();
    using below = middle.ctx.withCancel();
    expect([above, middle, below].map(({ ctx }) => ctx.cancelled)).toEqual([false, false, false]);
    middle.cancel(new RangeError("enough"));
    middle.cancel(new TypeError("again"));
    expect([above, middle, below].map(({ ctx }) => ctx.cancelled)).toEqual([false, true, true]);
    expect(below.ctx.cause).toMatchObject({ name: "RangeError", message: "enough" });
    expect(below.ctx.error).toMatchObject({ name: "AbortError", code: "ABORT_ERR", cause: { message: "enough" } });
    expect(above.ctx.cause).toBeUndefined();
  });

  it("cancel without a cause is an AbortError; a cause that cannot cross is refused and nothing is cancelled", () => {
    using one = rt.background.withCancel();
    expect(() => one.cancel(() => undefined)).toThrow(expect.objectContaining({ code: "ERR_UNSENDABLE" }));
    expect(one.ctx.cancelled).toBe(false);
    one.cancel();
    expect(one.ctx.error).toMatchObject({ name: "AbortError", code: "ABORT_ERR" });
  });

  it.each(["recv", "send", "select"] as const)(
    "ends a waiting %s, whichever context above is cancelled, and leaves no waiter",
    async (door) => {
      for (const isAbove of [false, true]) {
        using above = rt.background.withCancel();
        using below = above.ctx.withCancel();
        const { ctx } = below;
        const ch = rt.channel(f64, 0);
        const waiting = door === "recv" ? ch.recv({ ctx }) : door === "send" ? ch.send(1, { ctx }) : select({ ch }, { ctx });
        const { receivers, senders } = waitersOf(ch as never);
        expect(receivers + senders).toBe(1);
        (isAbove ? above : below).cancel(new Error("stop"));
        await expect(waiting).rejects.toMatchObject({ name: "AbortError", cause: { message: "stop" } });
        expect(waitersOf(ch as never)).toEqual({ receivers: 0, senders: 0 });
        ch.close();
      }
    },
  );

  it("a wait that gets its value leaves no waiter with the context", async () => {
    using one = rt.background.withCancel();
    const ch = rt.channel(f64, 0);
    const waiting = ch.recv({ ctx: one.ctx });
    const done = one.ctx.link!.done!;
    expect(waitersOf(done as never).receivers).toBe(1);
    await ch.send(5);
    expect(await waiting).toBe(5);
    expect(waitersOf(done as never).receivers).toBe(0);
    ch.close();
  });

  it("a cancelled context refuses a call before it does anything", async () => {
    using one = rt.background.withCancel();
    one.cancel(new Error("over"));
    const ch = rt.channel(f64, 1);
    await expect(ch.send(1, { ctx: one.ctx })).rejects.toMatchObject({ cause: { message: "over" } });
    expect(() => ch.sendSync(1, { ctx: one.ctx })).toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(ch.length).toBe(0);
    ch.close();
  });

  it("ctx.done is a case of a select, beside channels and alone", async () => {
    using above = rt.background.withCancel();
    using below = above.ctx.withCancel();
    const ch = rt.channel(f64, 0);
    const done = below.ctx.done!;
    expect(trySelect({ ch, done })).toBeUndefined();
    const waiting = select({ ch, done });
    const alone = select({ done });
    above.cancel();
    expect(await waiting).toEqual({ case: "done", value: CLOSED });
    expect(await alone).toEqual({ case: "done", value: CLOSED });
    expect(trySelect({ ch, done })).toEqual({ case: "done", value: CLOSED });
    expect(waitersOf(ch as never)).toEqual({ receivers: 0, senders: 0 });
    ch.close();
  });

  it("a deadline ends it with a TimeoutError: waits, selects and looks; the earliest of the tree counts", async () => {
    using long = rt.background.withTimeout(60_000);
    using short = long.ctx.withTimeout(5);
    using longer = short.ctx.withTimeout(60_000);
    expect(longer.ctx.deadlineMs).toBe(short.ctx.deadlineMs);
    const ch = rt.channel(f64, 0);
    await expect(ch.recv({ ctx: longer.ctx })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    expect(await select({ ch, stop: longer.ctx.done })).toMatchObject({ case: "stop" });
    expect(longer.ctx.error).toMatchObject({ code: "ERR_TIMEOUT" });
    await until(() => longer.ctx.cancelled, "the deadline");
    expect(long.ctx.cancelled).toBe(false);
    ch.close();
  });

  it("a timeout of 0 has ended at once; of Infinity it never does", () => {
    using now = rt.background.withTimeout(0);
    using never = rt.background.withTimeout(Infinity);
    expect(now.ctx.error).toMatchObject({ code: "ERR_TIMEOUT" });
    expect(never.ctx.deadlineMs).toBe(Infinity);
  });

  it("values are found by key, the nearest first; withoutCancel keeps them and drops the end", () => {
    using one = rt.background.withValue("user", 1).withCancel();
    const ctx = one.ctx.withValue("user", 2).withValue("trace", "t");
    expect([ctx.value("user"), ctx.value("trace"), one.ctx.value("user"), ctx.value("none")]).toEqual([2, "t", 1, undefined]);
    one.cancel();
    expect(ctx.cancelled).toBe(true);
    const free = ctx.withoutCancel();
    expect([free.cancelled, free.value("user")]).toEqual([false, 2]);
  });

  it("an AbortSignal makes a context, and a context an AbortSignal, with the reason kept", async () => {
    const controller = new AbortController();
    using one = rt.background.withSignal(controller.signal);
    const { signal } = one.ctx;
    expect([one.ctx.signal === signal, signal.aborted]).toEqual([true, false]);
    const reason = new RangeError("gone");
    controller.abort(reason);
    expect(one.ctx.cause).toMatchObject({ name: "RangeError", message: "gone" });
    await until(() => signal.aborted, "the signal");
    expect(signal.reason).toMatchObject({ name: "RangeError", message: "gone" });
    using late = rt.background.withSignal(AbortSignal.abort("early"));
    expect(late.ctx.cause).toBe("early");
    expect(late.ctx.signal.aborted).toBe(true);
  });

  it("afterDone calls once it has ended, unless it is taken back", async () => {
    using one = rt.background.withCancel();
    const called: unknown[] = [];
    one.ctx.afterDone((cause) => called.push(cause));
    const stop = one.ctx.afterDone(() => called.push("never"));
    expect([stop(), stop()]).toEqual([true, false]);
    one.cancel("why");
    await until(() => called.length > 0, "the call");
    one.ctx.afterDone((cause) => called.push(cause));
    await until(() => called.length > 1, "the call on one that has ended");
    expect(called).toEqual(["why", "why"]);
  });

  it("one that was disposed of is cancelled for every view that is left", async () => {
    const carrier = rt.channel(structured<Context>(), 1);
    const one = rt.background.withCancel();
    await carrier.send(one.ctx);
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    const opened = (await carrier.recv()) as Context;
    expect([one.ctx.cancelled, opened.cancelled]).toEqual([true, true]);
    expect(opened.error).toMatchObject({ name: "AbortError" });
    carrier.close();
  });

  it("the end of one that was gone before its view was opened is ready beside a send, too", async () => {
    const carrier = rt.channel(structured<Context>(), 1);
    const one = rt.background.withCancel();
    await carrier.send(one.ctx);
    one[Symbol.dispose]();
    const { done } = (await carrier.recv()) as Context;
    const full = rt.channel(f64, 0);
    expect(await select({ sent: full.sender.sending(1), done })).toEqual({ case: "done", value: CLOSED });
    expect(trySelect({ sent: full.sender.sending(1), done })).toEqual({ case: "done", value: CLOSED });
    full.close();
    carrier.close();
  });

  it("carried by a channel it is the same context, values and all; a canceller cancels from there", async () => {
    using one = rt.background.withValue("k", [1, { a: 2 }]).withCancel();
    const carrier = rt.channel(structured<unknown>(), 2);
    await carrier.send(one.ctx);
    await carrier.send(one);
    const ctx = (await carrier.recv()) as Context;
    const canceller = (await carrier.recv()) as Canceller;
    expect(ctx.value("k")).toEqual([1, { a: 2 }]);
    canceller.cancel(new Error("from there"));
    expect(ctx.cause).toMatchObject({ message: "from there" });
    expect(one.ctx.cancelled).toBe(true);
    carrier.close();
  });

  it.each([
    ["withTimeout", -1],
    ["withTimeout", "5"],
    ["withTimeout", Number.NaN],
    ["withDeadline", "soon"],
    ["withSignal", {}],
    ["afterDone", 1],
  ])("%s(%s) is refused with a coded error", (method, argument) => {
    const ctx = rt.background as unknown as Record<string, (argument: unknown) => unknown>;
    expect(() => ctx[method]!(argument)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("what is no context is refused by every wait", async () => {
    const ch = rt.channel(f64, 0);
    for (const ctx of [{}, 1, null, new AbortController().signal]) {
      await expect(ch.recv({ ctx: ctx as never })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    }
    ch.close();
  });
});

describe("across threads", () => {
  let rt: Runtime;
  beforeEach(async () => {
    rt = await Runtime.start({ threads: 1, maxDedicated: 3 });
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
  const dedicated = () => rt.with({ dedicated: true });

  it.each(["spinUntilDone", "spinBelow"] as const)("%s: a busy loop sees a cancellation without turning its event loop", async (job) => {
    const jobs = rt.module<Jobs>(url);
    using one = rt.background.withCancel();
    const started = rt.channel(f64, 1);
    const spinning = dedicated().go(jobs[job], one.ctx, started.sender);
    await started.recv();
    one.cancel(new Error("enough"));
    expect(await spinning).toBe("enough");
    started.close();
  });

  it("a busy loop sees its own deadline", async () => {
    expect(await dedicated().go(rt.module<Jobs>(url).spinToDeadline, 5)).toBe("TimeoutError");
  });

  it.each(["waitFor", "waitForSync"] as const)("%s: a wait on another thread ends with the cause", async (job) => {
    const jobs = rt.module<Jobs>(url);
    using above = rt.background.withCancel();
    using one = above.ctx.withCancel();
    const [started, input] = [rt.channel(f64, 1), rt.channel(f64, 0)];
    const waiting = dedicated().go(jobs[job], one.ctx, input.receiver, started.sender);
    await started.recv();
    await until(() => waitersOf(input as never).receivers === 1, "the wait");
    above.cancel(new Error("no more"));
    expect(await waiting).toBe("AbortError: no more");
    expect(waitersOf(input as never).receivers).toBe(0);
    started.close();
    input.close();
  });

  it("a select on another thread sees the end, cancelled from a third", async () => {
    const jobs = rt.module<Jobs>(url);
    using one = rt.background.withCancel();
    const [started, input] = [rt.channel(f64, 1), rt.channel(f64, 0)];
    const selecting = dedicated().go(jobs.selectDone, one.ctx, input.receiver, started.sender);
    await started.recv();
    await dedicated().go(jobs.cancelIt, one, "third");
    expect(await selecting).toBe("stop");
    expect(one.ctx.cause).toMatchObject({ message: "third" });
    started.close();
    input.close();
  });

  it("values cross with it", async () => {
    const ctx = rt.background.withValue("trace", { id: 7 });
    expect(await rt.go(rt.module<Jobs>(url).lookUp, ctx, "trace")).toEqual({ id: 7 });
  });

  it("the thread that made a deadline may die: waits elsewhere keep it", async () => {
    const jobs = rt.module<Jobs>(url);
    using timed = rt.background.withTimeout(30);
    const [started, input] = [rt.channel(f64, 1), rt.channel(f64, 0)];
    const waiting = dedicated().go(jobs.waitForSync, timed.ctx, input.receiver, started.sender);
    await started.recv();
    expect(await waiting).toMatch(/^TimeoutError: /);
    started.close();
    input.close();
  });

  it("a runtime with only watchers of contexts has nothing pending", async () => {
    using one = rt.background.withCancel();
    void one.ctx.signal;
    one.ctx.afterDone(() => undefined);
    expect((await rt.close()).leftovers.waits).toBe(0);
    one.cancel(); // after the end: nothing happens
    rt = await Runtime.start({ threads: 0 });
  });

  it("a task started with one is not run once it has ended, and its promise rejects when it ends", async () => {
    const jobs = rt.module<Jobs>(url);
    using one = rt.background.withCancel();
    const started = rt.channel(f64, 1);
    const spinning = rt.with({ dedicated: true, ctx: one.ctx }).go(jobs.spinUntilDone, one.ctx, started.sender);
    await started.recv();
    one.cancel(new Error("enough"));
    await expect(spinning).rejects.toMatchObject({ name: "AbortError", cause: { message: "enough" } });
    expect(() => rt.with({ ctx: one.ctx }).go(jobs.lookUp, one.ctx, "k")).toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(() => rt.with({ ctx: {} as never })).not.toThrow();
    expect(() => rt.with({ ctx: {} as never }).go(jobs.lookUp, one.ctx, "k")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    started.close();
  });
});
