// The cancellation of a running task, step by step: its own look at its context, a grace period, the death of its thread, a zombie; and how each is told.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Channel, f64, Runtime } from "../../src/index.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";
import { NativeCall } from "../support/native-call.ts";

const url = new URL("../fixtures/doomed-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/doomed-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
let started: Channel<number>;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 1, maxDedicated: 1 });
  jobs = rt.module<Jobs>(url);
  started = rt.channel(f64, 1);
});
afterEach(async () => {
  started.close();
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const died = { code: "ERR_THREAD_DIED", kind: "killed" };

describe("a running task that is cancelled", () => {
  it("looks at its context, cleans up and ends by itself: 'stopped', and its thread lives on", async () => {
    const cleaned = rt.channel(f64, 1);
    using work = rt.background.withCancel();
    const task = rt.with({ dedicated: true, ctx: work.ctx, graceMs: 10_000 }).go(jobs.heed, work.ctx, started.sender, cleaned.sender);
    const threadId = await started.recv();
    work.cancel("enough");
    const told = await task.catch((error) => error);
    // Its own end may come before the news that its context has ended.
    if (told === "cleaned up") expect(await task.ended).toBe("finished");
    else {
      expect(told).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
      expect(await task.ended).toBe("stopped");
    }
    expect(await cleaned.recv()).toBe(1);
    expect(rt.threadIds).toContain(threadId);
    expect(rt.deaths).toEqual([]);
    cleaned.close();
  });

  it("does not look: rejects at once, and after graceMs its thread is killed and replaced", async () => {
    const controller = new AbortController();
    const own = rt.with({ dedicated: true, signal: controller.signal, graceMs: 30 });
    const task = own.go(jobs.spin, started.sender);
    const threadId = await started.recv();
    controller.abort("enough");
    expect(task.outcome).toBeUndefined();
    await expect(task).rejects.toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    expect(await task.ended).toBe("killed");
    expect(task.outcome).toBe("killed");
    expect(rt.deaths).toMatchObject([{ threadId, reason: { kind: "killed" }, tasksLost: 1, duringStart: false }]);
    expect(rt.deaths[0]!.text).toContain("spin was cancelled and went on for more than 30 ms");
    expect(await rt.with({ dedicated: true }).go(jobs.add, 1, 2)).toBe(3); // of one there may be
  });

  it("is blocked: killed all the same, and its waiter is gone", async () => {
    const gate = rt.channel(f64, 0);
    const controller = new AbortController();
    const task = rt.with({ dedicated: true, signal: controller.signal, graceMs: 0 }).go(jobs.blockAt, gate.receiver, started.sender);
    await started.recv();
    await until(() => waitersOf(gate).receivers === 1, "the task blocks at the gate");
    controller.abort();
    await expect(task).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(await task.ended).toBe("killed");
    expect(waitersOf(gate).receivers).toBe(0);
    gate.close();
  });

  it("has no graceMs: it runs on, and its end is told when it comes", async () => {
    const gate = rt.channel(f64, 0);
    const controller = new AbortController();
    const task = rt.with({ dedicated: true, signal: controller.signal }).go(jobs.blockAt, gate.receiver, started.sender);
    await started.recv();
    controller.abort();
    await expect(task).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(task.outcome).toBeUndefined();
    await gate.send(1);
    expect(await task.ended).toBe("stopped");
    expect(rt.deaths).toEqual([]);
    gate.close();
  });

  it("is a light one: those beside it reject with ERR_THREAD_DIED and the cause, those in the queue run", async () => {
    const gate = rt.channel(f64, 0);
    const controller = new AbortController();
    const beside = rt.go(jobs.waitAt, gate.receiver, started.sender);
    await started.recv();
    const task = rt.with({ signal: controller.signal, graceMs: 10 }).go(jobs.spin, started.sender);
    const threadId = await started.recv();
    const queued = rt.go(jobs.add, 20, 1);
    controller.abort();
    await expect(beside).rejects.toMatchObject({ ...died, threadId, message: expect.stringContaining("spin was cancelled") });
    expect(await beside.ended).toBe("killed");
    await expect(task).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(await task.ended).toBe("killed");
    expect(await queued).toBe(21);
    expect(await queued.ended).toBe("finished");
    gate.close();
  });

  it("was started on another thread: the supervising one is told to kill", async () => {
    const gate = rt.channel(f64, 0);
    const task = rt.go(jobs.cancelFromHere, started.sender, gate.receiver);
    const threadId = await started.recv();
    gate.close();
    expect(await task).toEqual({ code: "ABORT_ERR", outcome: "killed" });
    expect(rt.deaths).toMatchObject([{ threadId, reason: { kind: "killed" } }]);
  });

  it("cannot be stopped: 'zombie' when its time to exit is over, while its thread's place is filled at once", async () => {
    const quick = await Runtime.start({ threads: 1, maxDedicated: 1, terminateMs: 100 });
    const own = quick.module<Jobs>(url);
    const begun = quick.channel(f64, 1);
    const late = quick.channel(f64, 1);
    const call = new NativeCall();
    const controller = new AbortController();
    const options = { dedicated: true, signal: controller.signal, graceMs: 10 };
    const task = quick.with(options).go(own.callNatively, call.entered, call.leave, begun.sender, late.sender);
    const threadId = (await begun.recv()) as number;
    await until(() => call.isInside, "the thread is inside");
    controller.abort();
    await expect(task).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(await task.ended).toBe("zombie");
    expect(quick.zombies).toEqual([threadId]);
    expect(quick.deaths).toMatchObject([{ threadId, reason: { kind: "zombie" }, tasksLost: 1 }]);
    expect(await quick.with({ dedicated: true }).go(own.add, 2, 2)).toBe(4);
    call.end();
    await until(() => quick.zombies.length === 0, "the zombie exits after all");
    expect(late.length).toBe(0); // what it sent late never arrived
    expect(quick.deaths.length).toBe(1);
    for (const ch of [begun, late]) ch.close();
    expect(await leftovers(quick)).toEqual(NOTHING);
    call.remove();
  });
});

describe("outcomes", () => {
  it("'finished' and 'failed' without a cancellation, and asking is no joining", async () => {
    const good = rt.go(jobs.add, 1, 1);
    const bad = rt.go(jobs.fail);
    expect([good.isJoined, bad.isJoined]).toEqual([false, false]);
    await expect(bad).rejects.toBeInstanceOf(RangeError);
    expect([await good.ended, await bad.ended]).toEqual(["finished", "failed"]);
    expect(good.isJoined).toBe(false);
  });

  it("'cancelled' before the task has started", async () => {
    const controller = new AbortController();
    const spinning = rt.go(jobs.spin, started.sender);
    const threadId = (await started.recv()) as number;
    const queued = rt.with({ signal: controller.signal, graceMs: 0 }).go(jobs.add, 1, 1);
    controller.abort();
    await expect(queued).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(await queued.ended).toBe("cancelled");
    expect(rt.threadIds).toContain(threadId);
    rt.kill(threadId);
    await expect(spinning).rejects.toMatchObject(died);
    expect(await spinning.ended).toBe("killed");
  });

  it("'died' with a thread that died of something else", async () => {
    const task = rt.go(jobs.exit, 7);
    await expect(task).rejects.toMatchObject({ code: "ERR_THREAD_DIED", kind: "exit-code" });
    expect(await task.ended).toBe("died");
  });

  it("a signal that aborts after the end changes nothing", async () => {
    const controller = new AbortController();
    const task = rt.with({ dedicated: true, signal: controller.signal, graceMs: 0 }).go(jobs.add, 2, 3);
    expect(await task).toBe(5);
    controller.abort();
    expect(await task.ended).toBe("finished");
    expect(await rt.with({ dedicated: true }).go(jobs.add, 2, 3)).toBe(5);
    expect(rt.deaths).toEqual([]);
  });

  it("bad input: a coded error says what was expected", () => {
    const { signal } = new AbortController();
    for (const graceMs of [-1, Number.NaN, "5", null]) {
      expect(() => rt.with({ signal, graceMs: graceMs as number }).go(jobs.add, 1, 1)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARG", message: expect.stringContaining("graceMs") }),
      );
    }
    expect(() => rt.with({ graceMs: 5 }).go(jobs.add, 1, 1)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });
});
