// rt.stats(): threads, tasks and their times, channels.

import { describe, expect, it } from "vitest";
import { f64, label, Runtime } from "../../src/index.ts";
import { endClean, jobsOf } from "../support/seeing.ts";

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

  it("refuses a timings that is no boolean", async () => {
    await expect(Runtime.start({ threads: 0, timings: 1 as never })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
  });
});
