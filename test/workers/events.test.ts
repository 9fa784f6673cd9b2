// rt.on() and diagnostics_channel: tasks, threads, failures.

import { subscribe, tracingChannel, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, it } from "vitest";
import { type CallTrace, type Death, Runtime, type ServiceTrace, type TaskTrace, type ThreadTrace } from "../../src/index.ts";
import { until } from "../support/heap.ts";
import { endClean, jobsOf } from "../support/seeing.ts";

describe("rt.on", () => {
  it.each([0, 1])("'error': a failed task nobody joined is told instead of being an unhandled rejection (threads: %i)", async (threads) => {
    const rt = await Runtime.start({ threads });
    const errors: unknown[] = [];
    const stop = rt.on("error", (error) => errors.push(error));
    rt.go(jobsOf(rt).fails);
    await until(() => errors.length > 0, "it is told");
    expect(errors).toMatchObject([{ name: "RangeError", message: "it fails" }]);
    stop();
    stop();
    await endClean(rt);
  });

  it("'error': one that was joined is its joiner's alone", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const errors: unknown[] = [];
    rt.on("error", (error) => errors.push(error));
    await expect(rt.go(jobsOf(rt).fails)).rejects.toThrow("it fails");
    await rt.close();
    expect(errors).toEqual([]);
  });

  it("'death' tells which thread died of what; whoever listens no more is not told", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const [deaths, others]: Death[][] = [[], []];
    rt.on("death", (death) => deaths!.push(death));
    rt.on("death", (death) => others!.push(death))();
    const [threadId] = rt.threadIds;
    rt.kill(threadId!, "to see it told");
    await until(() => deaths!.length > 0, "its death is told");
    expect(deaths).toMatchObject([{ threadId, text: expect.stringContaining("to see it told"), tasksLost: 0 }]);
    expect(others).toEqual([]);
    await rt.close();
  });

  it("a listener that throws does not keep the others from being told", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const thrown = new Promise((resolve) => process.once("unhandledRejection", resolve));
    const listeners = process.listeners("unhandledRejection");
    for (const one of listeners.slice(0, -1)) process.off("unhandledRejection", one);
    const errors: unknown[] = [];
    rt.on("error", () => {
      throw new Error("a listener's own");
    });
    rt.on("error", (error) => errors.push(error));
    rt.go(jobsOf(rt).fails);
    expect(await thrown).toMatchObject({ message: "a listener's own" });
    expect(errors).toHaveLength(1);
    for (const one of listeners.slice(0, -1)) process.on("unhandledRejection", one);
    await endClean(rt);
  });

  it("refuses what it has no event for, and what is no listener", async () => {
    const rt = await Runtime.start({ threads: 0 });
    expect(() => rt.on("deaths" as "death", () => {})).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => rt.on("toString" as "death", () => {})).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => rt.on("death", undefined as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    await endClean(rt);
  });
});

describe("diagnostics_channel", () => {
  it.each([0, 1])("tracing:heddle.task tells of start and end with one object, and of failures (threads: %i)", async (threads) => {
    const rt = await Runtime.start({ threads });
    const told: [string, TaskTrace][] = [];
    const note = (event: string) => (trace: unknown) => void told.push([event, trace as TaskTrace]);
    const handlers = {
      start: note("start"),
      end: note("end"),
      asyncStart: note("asyncStart"),
      asyncEnd: note("asyncEnd"),
      error: note("error"),
    };
    const tasks = tracingChannel("heddle.task");
    tasks.subscribe(handlers);
    const jobs = jobsOf(rt);
    await rt.go(jobs.add, 1, 2);
    await rt.go(jobs.fails).catch(() => {});
    tasks.unsubscribe(handlers);
    await rt.go(jobs.add, 1, 2);
    expect(told.map(([event]) => event)).toEqual([
      "start",
      "end",
      "asyncStart",
      "asyncEnd",
      "start",
      "end",
      "error",
      "asyncStart",
      "asyncEnd",
    ]);
    const [added, failed] = [told[0]![1], told[4]![1]];
    for (const [index, [, trace]] of told.entries()) expect(trace).toBe(index < 4 ? added : failed);
    expect(added).toMatchObject({ name: "add", url: expect.stringContaining("seeing-jobs"), outcome: "finished" });
    expect(failed).toMatchObject({ name: "fails", outcome: "failed", error: { message: "it fails" } });
    await endClean(rt);
  });

  it("heddle.thread.start and .death tell of threads; a replacement is named one", async () => {
    const told: [string, ThreadTrace][] = [];
    const onStart = (trace: unknown) => void told.push(["start", trace as ThreadTrace]);
    const onDeath = (trace: unknown) => void told.push(["death", trace as ThreadTrace]);
    subscribe("heddle.thread.start", onStart);
    subscribe("heddle.thread.death", onDeath);
    const rt = await Runtime.start({ threads: 1 });
    const [threadId] = rt.threadIds;
    rt.kill(threadId!, "to be replaced");
    await until(() => told.length === 3, "a start, a death and a start are told");
    unsubscribe("heddle.thread.start", onStart);
    unsubscribe("heddle.thread.death", onDeath);
    expect(told.filter(([event]) => event === "start").map(([, trace]) => trace.isReplacement)).toEqual([false, true]);
    expect(told.find(([event]) => event === "death")![1]).toMatchObject({ threadId, reason: expect.stringContaining("to be replaced") });
    await rt.close();
  });
});

describe.each([0, 1])("calls in diagnostics_channel, threads: %i", (threads) => {
  const url = new URL("../fixtures/pool-jobs.js", import.meta.url);
  const NAMES = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;

  /** What is told while `act` runs, as "name of the event: name of the function". */
  async function heard(channel: string, act: () => Promise<unknown>): Promise<{ told: string[]; traces: Set<CallTrace> }> {
    const told: string[] = [];
    const traces = new Set<CallTrace>();
    const listeners = NAMES.map((name) => {
      const listener = (message: unknown) => {
        traces.add(message as CallTrace);
        told.push(`${name}: ${(message as CallTrace).name}`);
      };
      return { name: `tracing:${channel}:${name}`, listener };
    });
    for (const { name, listener } of listeners) subscribe(name, listener);
    try {
      await act();
    } finally {
      for (const { name, listener } of listeners) unsubscribe(name, listener);
    }
    return { told, traces };
  }
  const once = (name: string) => ["start", "end", "asyncStart", "asyncEnd"].map((event) => `${event}: ${name}`);
  const FAILED = ["start", "end", "error", "asyncStart", "asyncEnd"].map((event) => `${event}: fail`);

  it("a pool's: one object from start to end, with outcome and error; nothing of who is not listened to", async () => {
    const rt = await Runtime.start({ threads });
    const pool = rt.pool(rt.module<typeof import("../fixtures/pool-jobs.ts")>(url), { threads: 1 });
    const { told, traces } = await heard("heddle.pool", async () => {
      await pool.call.add(1, 2);
      await pool.call.fail("on purpose").catch(() => undefined);
      await pool.call.echo({ of: "an object" });
    });
    await pool.call.add(1, 2);
    expect(told).toEqual([...once("add"), ...FAILED, ...once("echo")]);
    const of = url.href.replace(/js$/, "ts");
    expect([...traces]).toMatchObject([
      { of, outcome: "finished" },
      { of, outcome: "failed", error: { message: "on purpose" } },
      { of, outcome: "finished" },
    ]);
    await pool.close();
    await endClean(rt);
  });

  it("a service's, and each of its starts", async () => {
    const rt = await Runtime.start({ threads });
    const starts: ServiceTrace[] = [];
    const onStart = (message: unknown) => void starts.push(message as ServiceTrace);
    subscribe("heddle.service.start", onStart);
    const service = rt
      .supervise({ restarts: 3 })
      .service<typeof import("../fixtures/pool-jobs.ts")>(url, { id: "jobs", restart: "permanent" });
    const { told, traces } = await heard("heddle.service", async () => {
      await service.call.add(1, 2);
      await expect(service.call.fail("on purpose")).rejects.toThrow("on purpose");
    });
    expect(told).toEqual([...once("add"), ...FAILED]);
    expect([...traces]).toMatchObject([
      { of: "jobs", outcome: "finished" },
      { of: "jobs", outcome: "failed", error: { code: "ERR_TEST" } },
    ]);
    const first = { service: "jobs", threadId: service.threadId, restarts: 0 };
    expect(starts).toEqual([first]);
    if (threads > 0) {
      await expect(service.call.die(3)).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
      await service.ready();
      expect(starts).toEqual([first, { service: "jobs", threadId: service.threadId, restarts: 1 }]);
    }
    unsubscribe("heddle.service.start", onStart);
    await service.stop();
    await rt.close();
  });
});
