// rt.leftovers(): names what is there while it is there, and nothing afterwards.

import { expect, it } from "vitest";
import { f64, Runtime, select } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";

const url = new URL("../fixtures/jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/jobs.ts");

it("names channels with their waiters, tasks with their threads, selects, timers and threads; then nothing", async () => {
  const rt = await Runtime.start({ threads: 1, maxDedicated: 1 });
  const nothing = { channels: [], tasks: [], waiters: [], timers: 0 };
  expect(rt.leftovers()).toMatchObject(nothing);
  const jobs = rt.module<Jobs>(url);
  const [gate, started, other] = [rt.channel(f64, 0), rt.channel(f64, 4), rt.channel(f64, 2)];
  const waiting = rt.with({ dedicated: true }).go(jobs.waitAtSync, gate.receiver, started.sender);
  const threadId = await started.recv();
  await other.sendMany([1, 2]);
  const choosing = select({ gate, started });
  const timed = other.send(3, { timeoutMs: 60_000 });
  await until(() => rt.leftovers().waiters.length === 3, "three waiters");

  const { channels, tasks, waiters, timers, threads } = rt.leftovers();
  expect(channels).toEqual([
    { capacity: 0, length: 0, receivers: 2, senders: 0, isClosed: false, madeBy: 0 },
    { capacity: 4, length: 0, receivers: 1, senders: 0, isClosed: false, madeBy: 0 },
    { capacity: 2, length: 2, receivers: 0, senders: 1, isClosed: false, madeBy: 0 },
  ]);
  expect(tasks).toEqual([{ state: "running", threadId }]);
  expect(waiters).toHaveLength(3);
  expect(waiters).toEqual(
    expect.arrayContaining([
      { threadId: 0, channels: 2 },
      { threadId: 0, channels: 1 },
      { threadId, channels: 1 },
    ]),
  );
  expect(timers).toBe(1);
  expect(threads).toContain(threadId);

  for (const channel of [other, started]) channel.close();
  await expect(timed).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
  await choosing;
  gate.close();
  await waiting;
  await other.recvMany(2);
  await until(() => rt.heapUse().tasks === 0, "the task to be collected");
  expect(rt.leftovers()).toMatchObject(nothing);
  expect(await leftovers(rt)).toEqual(NOTHING);
});
