// Threads: sync doors, dedicated tasks and gangs, deaths of every kind, replacement, two runtimes.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLOSED, call, channelOf, f64, Runtime } from "../../src/index.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";

const url = new URL("../fixtures/jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 1, maxDedicated: 3 });
  jobs = rt.module<Jobs>(url);
});
afterEach(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

describe("sync doors", () => {
  it("block the thread of a task, not the others; a value of the main thread wakes it", async () => {
    const gate = rt.channel(f64, 0);
    const started = rt.channel(f64, 0);
    const task = rt.with({ dedicated: true }).go(jobs.waitAtSync, gate.receiver, started.sender);
    await started.recv();
    await until(() => waitersOf(gate).receivers === 1, "the task blocks at the gate");
    expect(await rt.go(jobs.add, 2, 2)).toBe(4);
    await gate.send(11);
    expect(await task).toBe(11);
    gate.close();
    started.close();
  });

  it("a light task that blocks its thread from a timer's callback leaves the queue to the other thread", async () => {
    const two = await Runtime.start({ threads: 2 });
    const own = two.module<Jobs>(url);
    const gate = two.channel(f64, 0);
    const blocked = [];
    for (let round = 0; round < 4; round++) {
      blocked.push(two.go(own.blockFromTimer, gate.receiver));
      await until(() => waitersOf(gate).receivers === 1, "the task blocks its thread");
      expect(await two.go(own.add, round, 1)).toBe(round + 1);
      await gate.send(round);
      expect(await blocked[round]).toBe(round);
    }
    gate.close();
    expect(await leftovers(two)).toEqual(NOTHING);
  });

  it("would block the supervising thread: a coded error, nothing waits", () => {
    const ch = rt.channel(f64, 0);
    expect(() => ch.recvSync()).toThrow(expect.objectContaining({ code: "ERR_WOULD_BLOCK_SUPERVISOR" }));
    expect(() => ch.sendSync(1)).toThrow(expect.objectContaining({ code: "ERR_WOULD_BLOCK_SUPERVISOR" }));
    expect(waitersOf(ch)).toEqual({ receivers: 0, senders: 0 });
    ch.close();
  });

  it("two dedicated tasks need each other: admitted together, they finish", async () => {
    const ch = rt.channel(f64, 0);
    const [sent, total] = rt.gang(call(jobs.countSync, ch.sender, 500), call(jobs.sumSync, ch.receiver));
    expect(await total).toBe((500 * 499) / 2);
    await sent;
  });

  it("close on the main thread wakes a blocked thread", async () => {
    const gate = rt.channel(f64, 0);
    const started = rt.channel(f64, 0);
    const task = rt.with({ dedicated: true }).go(jobs.waitAtSync, gate.receiver, started.sender);
    await started.recv();
    await until(() => waitersOf(gate).receivers === 1, "the task blocks at the gate");
    gate.close();
    expect(await task).toBe(-1);
    started.close();
  });
});

describe("handles", () => {
  it("a channel made on one thread, sent through a channel to a second and from there to a third, carries values between any two of them", async () => {
    const first = rt.channel(channelOf(f64), 0);
    const second = rt.channel(channelOf(f64), 0);
    const gate = rt.channel(f64, 0);
    const [made, passed, total] = rt.gang(
      call(jobs.makeAndSend, first.sender, gate.receiver),
      call(jobs.forward, first.receiver, second.sender, gate.receiver),
      call(jobs.sumFromHandle, second.receiver, 4),
    );
    const third = await total; // 1, 2, 3 from the first, 4 from the second; both still have their threads
    gate.close();
    expect(third.total).toBe(1 + 2 + 3 + 4);
    expect(new Set([await made, await passed, third.threadId]).size).toBe(3);
    for (const ch of [first, second]) ch.close();
  });
});

describe("dedicated tasks", () => {
  it("run on threads of their own, re-used afterwards", async () => {
    const own = rt.with({ dedicated: true });
    const first = (await own.go(jobs.whereAmI)).threadId;
    expect(first).not.toBe((await rt.go(jobs.whereAmI)).threadId);
    expect((await own.go(jobs.whereAmI)).threadId).toBe(first);
  });

  it("more than maxDedicated at a time are refused with the reason, and a gang is all or nothing", async () => {
    const gate = rt.channel(f64, 0);
    const started = rt.channel(f64, 0);
    const own = rt.with({ dedicated: true });
    const waiting = [own.go(jobs.waitAtSync, gate.receiver, started.sender), own.go(jobs.waitAtSync, gate.receiver, started.sender)];
    await started.recv();
    await started.recv();
    const ch = rt.channel(f64, 0);
    expect(() => rt.gang(call(jobs.countSync, ch.sender, 5), call(jobs.sumSync, ch.receiver))).toThrow(
      expect.objectContaining({ code: "ERR_GANG_REFUSED", message: expect.stringContaining("1 of 3 are free (option maxDedicated)") }),
    );
    const third = own.go(jobs.waitAtSync, gate.receiver, started.sender);
    expect(() => own.go(jobs.nothing)).toThrow(expect.objectContaining({ code: "ERR_GANG_REFUSED" }));
    await started.recv();
    for (let i = 0; i < 3; i++) await gate.send(i);
    await Promise.all([...waiting, third]);
    const [, total] = rt.gang(call(jobs.countSync, ch.sender, 5), call(jobs.sumSync, ch.receiver));
    expect(await total).toBe(10);
    gate.close();
    started.close();
  });

  it("a gang of none and of one", async () => {
    expect(rt.gang()).toEqual([]);
    expect(await rt.gang(call(jobs.add, 1, 2))[0]).toBe(3);
  });

  it("a light task may start dedicated ones", async () => {
    expect(await rt.go(jobs.nestDedicated)).not.toBe((await rt.go(jobs.whereAmI)).threadId);
  });
});

describe("a thread that dies", () => {
  const deaths: [string, () => PromiseLike<unknown>, RegExp][] = [
    ["process.exit in a task", () => rt.go(jobs.exit, 3), /exit code 3/],
    ["an uncaught throw in a callback", () => rt.go(jobs.uncaught), /uncaught Error: from a callback/],
    ["a floating rejection", () => rt.go(jobs.floating), /uncaught Error: floating/],
    ["a thrown null in a callback", () => rt.go(jobs.uncaughtNull), /uncaught null/],
  ];
  it.each(deaths)("%s: its task rejects with ERR_THREAD_DIED naming thread and cause, a new one serves", async (_, start, reason) => {
    const before = rt.threadIds;
    const error = await Promise.resolve(start()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "ERR_THREAD_DIED", name: "ThreadDiedError", message: expect.stringMatching(reason) });
    expect((error as Error).message).toContain(`thread ${before[0]}`);
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
    expect(rt.threadIds).not.toEqual(before);
  });

  it("a stack overflow is the task's own error, no death", async () => {
    await expect(rt.go(jobs.recurse)).rejects.toBeInstanceOf(RangeError);
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
  });

  it("killed in a busy loop, with light tasks beside it and tasks in the queue: all settle, the queued ones run", async () => {
    const gate = rt.channel(f64, 0);
    const started = rt.channel(f64, 0);
    const beside = rt.go(jobs.waitAt, gate.receiver, started.sender);
    await started.recv();
    const spinning = rt.go(jobs.spinForever, started.sender);
    const threadId = (await started.recv()) as number;
    const queued = rt.go(jobs.add, 20, 1);
    expect(rt.kill(threadId, "it spins")).toBe(true);
    await expect(spinning).rejects.toMatchObject({ code: "ERR_THREAD_DIED", message: expect.stringContaining("it spins") });
    await expect(beside).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(waitersOf(gate)).toEqual({ receivers: 0, senders: 0 });
    expect(await queued).toBe(21);
    expect(rt.kill(threadId, "again")).toBe(false);
    gate.close();
    started.close();
  });

  it("killed while blocked in recvSync: its waiter vanishes and the next value goes to a living receiver", async () => {
    const gate = rt.channel(f64, 0);
    const started = rt.channel(f64, 0);
    const blocked = rt.with({ dedicated: true }).go(jobs.waitAtSync, gate.receiver, started.sender);
    const threadId = (await started.recv()) as number;
    await until(() => waitersOf(gate).receivers === 1, "the task blocks at the gate");
    const living = gate.recv();
    rt.kill(threadId);
    await expect(blocked).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    await gate.send(5);
    expect(await living).toBe(5);
    gate.close();
    started.close();
  });

  it("killed in a native call: its promises settle at once, a new thread serves, and the late end changes nothing", async () => {
    const started = rt.channel(f64, 0);
    const hashing = rt.go(jobs.hashFor, started.sender, 3_000_000);
    const threadId = (await started.recv()) as number;
    const settled = Promise.allSettled([hashing]);
    const killedAt = performance.now();
    rt.kill(threadId, "it hashes");
    expect((await settled)[0]).toMatchObject({ status: "rejected", reason: { code: "ERR_THREAD_DIED" } });
    expect(performance.now() - killedAt).toBeLessThan(1_000);
    expect(await rt.go(jobs.add, 1, 2)).toBe(3);
    started.close();
  });

  it("while it starts: Runtime.start rejects with ERR_THREAD_START and the cause", async () => {
    const error = await Runtime.start({ threads: 1, resourceLimits: { maxOldGenerationSizeMb: 1, maxYoungGenerationSizeMb: 1 } }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "ERR_THREAD_START", cause: { code: "ERR_WORKER_OUT_OF_MEMORY" } });
  });

  it("a declared one-to-one end is free again after its owner died", async () => {
    const ch = rt.channel(f64, 4, { ends: "one-to-one" });
    const started = rt.channel(f64, 0);
    const gate = rt.channel(f64, 0);
    const owner = rt.with({ dedicated: true }).go(jobs.sendOneAndWait, ch.sender, gate.receiver, started.sender);
    const threadId = (await started.recv()) as number;
    expect(() => ch.trySend(2)).toThrow(expect.objectContaining({ code: "ERR_SECOND_SENDER" }));
    rt.kill(threadId);
    await expect(owner).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(ch.trySend(2)).toBe(true);
    ch.close();
    expect([await ch.recv(), await ch.recv(), await ch.recv()]).toEqual([1, 2, CLOSED]);
    gate.close();
    started.close();
  });
});

describe("close", () => {
  it("waits for what runs and what is queued, within graceMs", async () => {
    const own = await Runtime.start({ threads: 1 });
    const tasks = Array.from({ length: 100 }, (_, i) => own.go(own.module<Jobs>(url).add, i, 1));
    const report = await own.close();
    expect(report.tasks).toEqual({ cancelled: 0, stopped: 0 });
    expect((await Promise.all(tasks)).length).toBe(100);
  });

  it("after graceMs stops running tasks and cancels queued ones, each with its code", async () => {
    const own = await Runtime.start({ threads: 1 });
    const tasks = own.module<Jobs>(url);
    const started = own.channel(f64, 0);
    const spinning = own.go(tasks.spinForever, started.sender);
    await started.recv();
    const queued = own.go(tasks.add, 1, 1);
    const settled = Promise.allSettled([spinning, queued]);
    started.close();
    const report = await own.close({ graceMs: 20 });
    expect(report.tasks).toEqual({ cancelled: 1, stopped: 1 });
    expect((await settled).map((one) => (one as PromiseRejectedResult).reason.code)).toEqual(["ERR_THREAD_DIED", "ERR_TASK_CANCELLED"]);
  });
});

describe("runtimes", () => {
  it("two in one process do not disturb each other", async () => {
    const other = await Runtime.start({ threads: 1 });
    const otherJobs = other.module<Jobs>(url);
    await expect(other.go(otherJobs.exit, 1)).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await Promise.all([rt.go(jobs.add, 1, 2), other.go(otherJobs.add, 3, 4)])).toEqual([3, 7]);
    await other.close();
    expect(await rt.go(jobs.add, 5, 6)).toBe(11);
  });

  it("one inside a runtime's thread is refused: Runtime.current is there instead", async () => {
    expect(await rt.go(jobs.startRuntime)).toBe("ERR_NESTED_RUNTIME");
  });
});

it("a task whose module was just imported may compute for long: the next task is another thread's", async () => {
  const two = await Runtime.start({ threads: 2 });
  const own = two.module<typeof import("../fixtures/context-jobs.ts")>(new URL("../fixtures/context-jobs.js", import.meta.url));
  const some = two.module<Jobs>(url);
  const started = two.channel(f64, 1);
  const stop = two.background.withCancel();
  const spinning = two.go(own.spinUntilDone, stop.ctx, started.sender);
  await started.recv(); // from now on its thread turns its event loop no more
  expect(await two.go(some.add, 1, 2)).toBe(3);
  stop.cancel(new Error("enough"));
  expect(await spinning).toBe("enough");
  stop[Symbol.dispose]();
  started.close();
  expect(await leftovers(two)).toEqual(NOTHING);
});
