// Crews: threads of one's own behind a queue of one's own; deaths, resizing, close, and the same without threads.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { f64, Runtime } from "../../src/index.ts";
import { Crew, type CrewOptions } from "../../src/workers/crew.ts";
import { nameOf } from "../../src/workers/module-ref.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";

type Jobs = typeof import("../fixtures/jobs.ts");
type SetUp = typeof import("../fixtures/set-up.ts");

describe.each([1, 0])("a crew beside %i threads", (threads) => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  let own: ReturnType<typeof rt.module<SetUp>>;
  const crew = (options: CrewOptions) => new Crew(rt.crews, options);

  beforeEach(async () => {
    rt = await Runtime.start({ threads });
    jobs = rt.module<Jobs>(new URL("../fixtures/jobs.js", import.meta.url));
    own = rt.module<SetUp>(new URL("../fixtures/set-up.js", import.meta.url));
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("runs what it is given, on threads that take nothing else", async () => {
    const two = crew({ threads: 2 });
    await two.ready();
    const ids = new Set<number>();
    for (let i = 0; i < 20; i++) ids.add(((await two.go(nameOf(own.whatWasSetUp), [])) as { threadId: number }).threadId);
    const light = await rt.go(own.whatWasSetUp);
    expect(two.threadIds.length).toBe(threads === 0 ? 0 : 2);
    if (threads > 0) for (const id of ids) expect(id).not.toBe(light.threadId);
    two.close();
  });

  it("sets up its threads before they take tasks", async () => {
    const one = crew({ threads: 1, setUp: { fn: nameOf(own.setUp), args: ["ready"] } });
    expect(await one.go(nameOf(own.whatWasSetUp), [])).toMatchObject({ word: "ready" });
    one.close();
  });

  it("says why it has no threads, and refuses what is queued, when the set-up fails", async () => {
    const one = crew({ threads: 1, setUp: { fn: nameOf(own.failingSetUp), args: [] } });
    const queued = one.go(nameOf(jobs.add), [1, 2]);
    await expect(one.ready()).rejects.toMatchObject({ message: expect.stringContaining("no set-up today") });
    await expect(queued).rejects.toMatchObject({ code: "ERR_THREAD_START" });
    expect(() => one.go(nameOf(jobs.add), [1, 2])).toThrow("no set-up today");
    expect(await rt.go(jobs.add, 1, 2)).toBe(3); // nobody else is disturbed
    one.close();
  });

  it("takes as many tasks at a time as its limit says", async () => {
    const gate = rt.channel(f64, 0);
    const one = crew({ threads: 1, limit: 2 });
    const waiting = [1, 2, 3].map(() => one.go(nameOf(jobs.waitAt), [gate.receiver]));
    await until(() => rt.leftovers().waiters.length === 2, "two of three wait at the gate");
    expect(rt.leftovers().tasks.filter((task) => task.state === "queued").length).toBe(1);
    for (let i = 0; i < 3; i++) await gate.send(i);
    await Promise.all(waiting);
    gate.close();
    one.close();
  });

  it("refuses what is queued when it is closed, and is closed once", async () => {
    const none = crew({ threads: 0 });
    const queued = none.go(nameOf(jobs.add), [1, 2]);
    expect(none.close()).toBe(1);
    await expect(queued).rejects.toMatchObject({ code: "ERR_TASK_CANCELLED" });
    expect(none.close()).toBe(0);
    expect(() => none.go(nameOf(jobs.add), [1, 2])).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    await expect(none.ready()).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });

  it("begins when it is given threads", async () => {
    const growing = crew({ threads: 0 });
    const queued = growing.go(nameOf(jobs.add), [1, 2]);
    growing.resize(1);
    expect(await queued).toBe(3);
    growing.close();
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d threads", (wrong) => {
    expect(() => crew({ threads: wrong })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("has room for 256 at a time, and for more one after another", async () => {
    const many = Array.from({ length: 256 }, () => crew({ threads: 0 }));
    expect(() => crew({ threads: 0 })).toThrow(expect.objectContaining({ code: "ERR_TOO_MANY_CREWS" }));
    for (const one of many) one.close();
    await new Promise((resolve) => setImmediate(resolve)); // the places are given back when nobody serves them any more
    crew({ threads: 0 }).close();
  });
});

describe("a crew's threads", () => {
  it("are replaced when they die, and what is queued survives", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const jobs = rt.module<Jobs>(new URL("../fixtures/jobs.js", import.meta.url));
    const deaths: number[] = [];
    const one = new Crew(rt.crews, { threads: 1, onChange: (change) => change.what === "died" && deaths.push(change.threadId) });
    await one.ready();
    const [first] = one.threadIds;
    const gate = rt.channel(f64, 0);
    const running = one.go(nameOf(jobs.waitAt), [gate.receiver]);
    await until(() => rt.leftovers().waiters.length === 1, "the task waits at the gate");
    const queued = one.go(nameOf(jobs.add), [1, 2]);
    expect(one.kill(first!, "for the test")).toBe(true);
    await expect(running).rejects.toMatchObject({ code: "ERR_THREAD_DIED", message: expect.stringContaining("for the test") });
    expect(await queued).toBe(3);
    expect(deaths).toEqual([first]);
    expect(one.threadIds).not.toContain(first);
    expect(one.kill(first!, "again")).toBe(false);
    gate.close();
    one.close();
    expect((await rt.close()).deaths.length).toBe(1);
  });

  it.each([0, 1])("keep no close waiting with a task in the background, beside %i threads", async (threads) => {
    const rt = await Runtime.start({ threads });
    const jobs = rt.module<Jobs>(new URL("../fixtures/jobs.js", import.meta.url));
    const gate = rt.channel(f64, 0);
    const one = new Crew(rt.crews, { threads: 1 });
    const task = one.go(nameOf(jobs.waitAt), [gate.receiver], {}, true);
    await until(() => rt.leftovers().waiters.length === 1, "the task waits at the gate");
    const ended = expect(task).rejects.toMatchObject({ code: threads === 0 ? "ERR_CLOSED" : "ERR_THREAD_DIED" });
    await rt.close({ graceMs: Number.POSITIVE_INFINITY });
    await ended;
  });

  it("are dismissed without a death, and a smaller crew stays smaller", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const two = new Crew(rt.crews, { threads: 2 });
    await two.ready();
    two.resize(1);
    expect(two.dismiss(two.threadIds[0]!)).toBe(true);
    expect(two.threadIds.length).toBe(1);
    const before = two.threadIds[0];
    expect(two.dismiss(before!)).toBe(true); // one is wanted: another takes its place
    await two.ready();
    expect(two.threadIds).not.toContain(before);
    expect(two.threadIds.length).toBe(1);
    two.close();
    expect((await rt.close()).deaths).toEqual([]);
  });
});
