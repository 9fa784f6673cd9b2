// Error group: each cell of the contract.

import { expect, it } from "vitest";
import { errorGroup, f64 } from "../../src/index.ts";
import { until, waitersOf } from "../support/heap.ts";
import { failureOf, onThreads, sorted, upTo } from "./support.ts";

onThreads("error group", [0, 1, 2], (bench, threads) => {
  it("results in submit order; functions of threads and of this one", async () => {
    const { rt, jobs } = bench;
    const group = errorGroup(rt);
    for (const n of upTo(20)) group.go(jobs.skewed, n);
    group.go((text: string) => text.length, "four");
    group.go(async () => "later");
    expect(await group.wait()).toEqual([...upTo(20), 4, "later"]);
    expect(group.failures).toEqual([]);
  });

  it("zero tasks: at once; wait() twice is the same; go() afterwards is refused", async () => {
    const { rt, jobs } = bench;
    const group = errorGroup(rt);
    const waiting = group.wait();
    expect(group.wait()).toBe(waiting);
    expect(await waiting).toEqual([]);
    expect(() => group.go(jobs.double, 1)).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    expect(group.tryGo(jobs.double, 1)).toBe(false);
    group.cancel();
    expect(await group.wait()).toEqual([]);
  });

  it("the first error cancels the rest and arrives whole; wait() returns only when all have ended; queued tasks are dropped", async () => {
    const { rt, jobs } = bench;
    const started = rt.channel(f64, 16);
    const group = errorGroup(rt, { limit: 3 });
    for (const n of [1, 2]) group.go(jobs.untilCancelled, { n, started: started.sender });
    expect(sorted([(await started.recv()) as number, (await started.recv()) as number])).toEqual([1, 2]);
    group.go(jobs.failAtThree, 3);
    group.go(jobs.double, 7);
    expect([group.running, group.queued]).toEqual([3, 1]);
    const error = await failureOf(group.wait());
    expect(error).toMatchObject({ name: "RangeError", code: "E_THREE", message: "three", cause: expect.any(TypeError) });
    expect(error.stack).toMatch(/failAtThree/);
    expect(sorted([started.tryRecv() as number, started.tryRecv() as number])).toEqual([-2, -1]); // they saw the signal and have ended
    expect(group.failures.map(({ index }) => index)).toEqual([2, 3]);
    expect(group.failures[1]!.error).toMatchObject({ code: "ABORT_ERR", cause: error });
    expect(group.signal.reason).toBe(error);
    started.close();
  });

  it("an error after the cancellation is kept, and does not replace the first", async () => {
    const { rt, jobs } = bench;
    const started = rt.channel(f64, 4);
    const group = errorGroup(rt);
    group.go(jobs.failWhenCancelled, started.sender);
    await started.recv();
    group.go(() => {
      throw new Error("first");
    });
    expect(await failureOf(group.wait())).toMatchObject({ message: "first" });
    expect(group.failures.map(({ error }) => (error as Error).message)).toEqual(["first", "after"]);
    started.close();
  });

  it.each([null, "text", undefined])("a thrown value that is no Error: %s", async (value) => {
    const group = errorGroup(bench.rt);
    group.go(() => {
      throw value;
    });
    const settled = await group.wait().then(
      () => "resolved",
      (thrown: unknown) => ({ thrown }),
    );
    expect(settled).toEqual({ thrown: value });
  });

  it("limit: no more than that many at a time; changed while active", async () => {
    const { rt, jobs } = bench;
    const [gate, started] = [rt.channel(f64, 0), rt.channel(f64, 64)];
    const group = errorGroup(rt, { limit: 2 });
    for (const n of upTo(9)) group.go(jobs.gated, { n, gate: gate.receiver, started: started.sender });
    await until(() => waitersOf(gate).receivers === 2, "two run");
    expect([group.running, group.queued]).toEqual([2, 7]);
    group.limit = 4;
    await until(() => waitersOf(gate).receivers === 4, "four run");
    group.limit = 1;
    expect([group.running, group.queued]).toEqual([4, 5]);
    for (let i = 0; i < 3; i++) await gate.send(0);
    await until(() => group.running === 1, "one runs");
    expect(group.queued).toBe(5);
    for (const bad of [0, -1, 1.5, Number.NaN])
      expect(() => {
        group.limit = bad;
      }).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    gate.close();
    expect(await group.wait()).toEqual(upTo(9));
    started.close();
    while (typeof started.tryRecv() === "number");
  });

  it("a task no thread has begun when the group is cancelled never runs", async () => {
    const { rt, jobs } = bench;
    const ran = rt.channel(f64, 64);
    const group = errorGroup(rt);
    for (let i = 0; i < 20; i++) group.go(jobs.sendOne, ran.sender, i);
    group.cancel("at once");
    expect(await failureOf(group.wait())).toMatchObject({ code: "ABORT_ERR", cause: "at once" });
    expect(ran.length).toBeLessThan(20);
    if (threads === 0) expect(ran.length).toBe(0);
    while (typeof ran.tryRecv() === "number");
    ran.close();
  });

  it("a context: the tasks' is below it, with its values; a loop that computes sees it end", async () => {
    const { rt, jobs } = bench;
    const started = rt.channel(f64, 4);
    const work = rt.background.withValue("name", "loom").withCancel();
    const group = errorGroup(rt, { ctx: work.ctx, mode: "collect" });
    group.go(jobs.contextValue, "name");
    group.go(jobs.untilCancelled, { n: 1, started: started.sender });
    if (threads > 0) group.go(jobs.spinUntilCancelled, started.sender);
    for (let i = 0; i < (threads > 0 ? 2 : 1); i++) await started.recv();
    work.cancel("stop");
    const outcomes = await group.wait<PromiseSettledResult<unknown>>();
    expect(outcomes.map((outcome) => outcome.status === "fulfilled" && outcome.value)).toEqual(
      ["loom", 1, "seen"].slice(0, threads > 0 ? 3 : 2),
    );
    started.tryRecv();
    started.close();
    work[Symbol.dispose]();
  });

  it("tryGo: false when the limit is reached and when it is cancelled", async () => {
    const { rt, jobs } = bench;
    const [gate, started] = [rt.channel(f64, 0), rt.channel(f64, 4)];
    const group = errorGroup(rt, { limit: 1 });
    expect(group.tryGo(jobs.gated, { n: 5, gate: gate.receiver, started: started.sender })).toBe(true);
    expect(group.tryGo(jobs.double, 1)).toBe(false);
    gate.close();
    await until(() => group.running === 0, "it has ended");
    expect(group.tryGo(jobs.double, 4)).toBe(true);
    expect(await group.wait()).toEqual([5, 8]);
    const cancelled = errorGroup(rt);
    cancelled.cancel("no");
    cancelled.cancel("again");
    expect(cancelled.tryGo(jobs.double, 1)).toBe(false);
    cancelled.go(jobs.double, 1);
    expect(await failureOf(cancelled.wait())).toMatchObject({ code: "ABORT_ERR", cause: "no" });
    started.close();
    while (typeof started.tryRecv() === "number");
  });

  it("mode all: all run, then one error with all of them in submit order, its cause the first in time", async () => {
    const { rt, jobs } = bench;
    const group = errorGroup(rt, { mode: "all" });
    for (const n of upTo(6)) group.go(jobs.failAtOdd, n);
    const error = await failureOf(group.wait());
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ code: "ERR_GROUP_FAILED", message: "3 of 6 tasks failed", indexes: [1, 3, 5] });
    expect(error.errors!.map((one) => one.message)).toEqual(["odd 1", "odd 3", "odd 5"]);
    expect(error.errors).toContain(error.cause);
    const [late, early] = [errorGroup(rt, { mode: "all" }), rt.channel(f64, 0)];
    late.go(async () => {
      await early.recv();
      throw new Error("in submit order first");
    });
    late.go(() => {
      setImmediate(() => early.close());
      throw new Error("in time first");
    });
    const both = await failureOf(late.wait());
    expect([both.errors!.map((one) => one.message), (both.cause as Error).message]).toEqual([
      ["in submit order first", "in time first"],
      "in time first",
    ]);
    const fine = errorGroup(rt, { mode: "all" });
    fine.go(jobs.double, 4);
    expect(await fine.wait()).toEqual([8]);
  });

  it("mode collect: an outcome for each, in submit order", async () => {
    const { rt, jobs } = bench;
    const group = errorGroup(rt, { mode: "collect" });
    for (const n of upTo(3)) group.go(jobs.failAtOdd, n);
    expect(await group.wait()).toEqual([
      { status: "fulfilled", value: 0 },
      { status: "rejected", reason: expect.objectContaining({ message: "odd 1" }) },
      { status: "fulfilled", value: 2 },
    ]);
  });

  it("cancelled from outside, by call and by signal; a signal that has fired is refused", async () => {
    const { rt, jobs } = bench;
    const started = rt.channel(f64, 4);
    const stop = new AbortController();
    const group = errorGroup(rt, { signal: stop.signal });
    group.go(jobs.untilCancelled, { n: 1, started: started.sender });
    await started.recv();
    stop.abort("over");
    expect(await failureOf(group.wait())).toMatchObject({ code: "ABORT_ERR", cause: "over" });
    expect(started.tryRecv()).toBe(-1);
    started.close();
    expect(() => errorGroup(rt, { signal: AbortSignal.abort() })).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
    for (const bad of [{ mode: "?" }, { limit: 0 }, { dedicated: 1 }])
      expect(() => errorGroup(rt, bad as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("a task that cannot be started is its failure: what cannot be sent, no such function", async () => {
    const { rt, jobs } = bench;
    const group = errorGroup(rt, { mode: "collect" });
    group.go(jobs.echo, (() => 1) as unknown);
    group.go((jobs as unknown as { missing: () => void }).missing);
    expect(await group.wait()).toMatchObject([{ reason: { code: "ERR_UNSENDABLE" } }, { reason: { code: "ERR_NO_FUNCTION" } }]);
  });

  it("tasks are added while it is waited for", async () => {
    const { rt, jobs } = bench;
    const group = errorGroup(rt);
    group.go(() => {
      group.go(jobs.double, 5);
      return "first";
    });
    expect(await group.wait()).toEqual(["first", 10]);
  });

  it.runIf(threads > 0)("a thread that crashes is an error; and with dedicated threads", async () => {
    const { rt, jobs } = bench;
    const group = errorGroup(rt, { mode: "collect", dedicated: true });
    group.go(jobs.dieAtThree, 3);
    group.go(jobs.dieAtThree, 4);
    expect(await group.wait()).toMatchObject([{ status: "rejected", reason: { code: "ERR_THREAD_DIED" } }, { value: 8 }]);
    const first = errorGroup(rt, { dedicated: true });
    first.go(jobs.dieAtThree, 3);
    expect(await failureOf(first.wait())).toMatchObject({ code: "ERR_THREAD_DIED", message: expect.stringContaining("exit code 7") });
  });
});
