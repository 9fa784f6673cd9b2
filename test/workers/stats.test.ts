// rt.stats(): threads, tasks and their times, channels.

import { describe, expect, it } from "vitest";
import { f64, label, type PoolSummary, Runtime } from "../../src/index.ts";
import { endClean, jobsOf } from "../support/seeing.ts";

type PoolJobs = typeof import("../fixtures/pool-jobs.ts");

describe("stats", () => {
  it("tells of every thread what it runs, and how busy it was; of channels how full they are", async () => {
    const rt = await Runtime.start({ threads: 1, deadlocks: "off" });
    const jobs = jobsOf(rt);
    const [ready, go] = [rt.sync.waitGroup(), rt.sync.waitGroup()];
    const ch = label(rt.channel(f64, 8), "results");
    ch.sender.trySend(1);
    ready.add(1);
    go.add(1);
    expect(await rt.go(jobs.add, 1, 2)).toBe(3);
    const spinning = rt.go(jobs.spins, ready, go);
    await ready.wait();
    const { threads, tasks, channels, heap } = await rt.stats();
    expect(threads).toHaveLength(2);
    expect(threads[0]).toMatchObject({ threadId: 0, serves: "nobody", heapBytes: expect.any(Number), tasks: [] });
    expect(threads[1]).toMatchObject({ serves: "light", state: "running", tasksEnded: 1, tasks: [{ name: "spins" }], waits: 0 });
    expect(threads[1]!.utilization).toBeGreaterThan(0);
    expect(threads[1]!.utilization).toBeLessThanOrEqual(1);
    expect(tasks).toEqual({ queued: 0, running: 1, wait: undefined, run: undefined });
    expect(channels).toMatchObject([{ name: "results", capacity: 8, length: 1, receivers: 0, senders: 0 }]);
    expect(heap.ceilingBytes).toBeGreaterThan(0);
    go.done();
    await spinning;
    for (const one of [ready, go, ch]) one.close();
    await ch.recv();
    await endClean(rt);
  });

  it.each([0, 1])("with the option timings tells how long tasks waited and ran (threads: %i)", async (threads) => {
    const rt = await Runtime.start({ threads, timings: true });
    const jobs = jobsOf(rt);
    for (let i = 0; i < 20; i++) await rt.go(jobs.add, i, 1);
    const { tasks } = await rt.stats();
    for (const times of [tasks.wait!, tasks.run!]) {
      expect(times.count).toBe(20);
      expect(times.minMs).toBeGreaterThan(0);
      expect(times.minMs).toBeLessThanOrEqual(times.p50Ms);
      expect(times.p50Ms).toBeLessThanOrEqual(times.p99Ms);
      expect(times.p99Ms).toBeLessThanOrEqual(times.maxMs * 1.01);
    }
    await endClean(rt);
  });

  it.each([0, 1])("tells of pools and services what they hold and how it went (threads: %i)", async (threads) => {
    const rt = await Runtime.start({ threads, timings: true });
    const url = new URL("../fixtures/pool-jobs.js", import.meta.url);
    const [gate, begun] = [rt.channel(f64, 1), rt.channel(f64, 4)];
    const pool = rt.pool(rt.module<PoolJobs>(url), { threads: 1 });
    for (let i = 0; i < 5; i++) await pool.call.add(i, 1);
    await expect(pool.call.fail("on purpose")).rejects.toThrow("on purpose");
    const calls = [pool.call.waitAt(gate.receiver, begun.sender), pool.call.add(1, 1)];
    const service = rt.supervise({ restarts: 3 }).service<PoolJobs>(url, { id: "jobs", restart: "permanent" });
    await service.ready();
    const held = service.call.waitAt(gate.receiver, begun.sender);
    await begun.recv();
    await begun.recv();

    const { pools, services } = await rt.stats();
    expect(pools).toMatchObject([
      { url: url.href.replace(/js$/, "ts"), threads: 1, open: 1, running: 1, queued: 1, accepted: 8, succeeded: 5, failed: 1 },
    ]);
    const [{ wait, run, utilization }] = pools as [PoolSummary];
    for (const times of [wait!, run!]) expect(times).toMatchObject({ count: 6, minMs: expect.any(Number), p99Ms: expect.any(Number) });
    expect(run!.maxMs).toBeLessThanOrEqual(pools[0]!.runMs + 1e-3);
    expect(utilization).toBeGreaterThan(0);
    expect(utilization).toBeLessThanOrEqual(1);
    expect(services).toEqual([{ id: "jobs", state: "running", threadId: service.threadId, restarts: 0, pending: 1, waiting: 0 }]);

    await gate.send(7);
    await gate.send(7);
    await Promise.all([...calls, held]);
    expect((await rt.stats()).services).toMatchObject([{ pending: 0 }]);
    if (threads > 0) {
      await expect(service.call.die(3)).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
      await service.ready();
      expect((await rt.stats()).services).toMatchObject([{ state: "running", restarts: 1, pending: 0, threadId: service.threadId }]);
    }
    await Promise.all([pool.close(), service.stop()]);
    expect(await rt.stats()).toMatchObject({ pools: [], services: [] });
    for (const one of [gate, begun]) one.close();
    await rt.close();
  });

  it("without timings there are no histograms of a pool", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const pool = rt.pool(jobsOf(rt), { threads: 1 });
    await pool.call.add(1, 2);
    expect((await rt.stats()).pools).toMatchObject([{ accepted: 1, wait: undefined, run: undefined }]);
    await pool.close();
    await endClean(rt);
  });

  it("refuses a timings that is no boolean", async () => {
    await expect(Runtime.start({ threads: 0, timings: 1 as never })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
  });
});
