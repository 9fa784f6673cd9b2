// Leased queues between threads: order, exactly what was accepted, back-pressure, and every way a thread can die with a job in hand.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Channel, CLOSED, f64, Runtime, utf8 } from "../../../src/index.ts";
import { until } from "../../support/heap.ts";
import { puttersOf, takersOf } from "../../support/lease.ts";
import { kill } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
type Jobs = typeof import("../../fixtures/lease-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
let dedicated: ReturnType<typeof rt.with>;
let started: Channel<number>;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 4 });
  jobs = rt.module<Jobs>(new URL("../../fixtures/lease-jobs.js", import.meta.url));
  dedicated = rt.with({ dedicated: true });
});
afterAll(async () => {
  const { heap, leftovers } = await rt.close();
  expect([heap.jobs, heap.leasedQueues, heap.blocks, leftovers.waits]).toEqual([0, 0, 0, 0]);
});
beforeEach(() => {
  started = rt.channel(f64, 8);
});
afterEach(async () => {
  started.close();
  await until(() => rt.heapUse().leasedQueues === 0, "every queue is freed");
});
const next = async (channel: Channel<number>) => (await channel.recv()) as number;
const died = (task: PromiseLike<unknown>) => expect(Promise.resolve(task)).rejects.toEqual(coded("ERR_THREAD_DIED"));

describe("between threads", () => {
  for (const capacity of [1, 2, 64]) {
    it(`capacity ${capacity}: each job is done once, in its producer's order for each consumer`, async () => {
      const queue = rt.leasedQueue(f64, { capacity });
      const outs = [rt.channel(f64, 64), rt.channel(f64, 64)];
      const n = 400;
      const producers = [dedicated.go(jobs.produceSync, queue, 0, n), rt.go(jobs.produce, queue, 10_000, n)];
      const consumers = [dedicated.go(jobs.consumeSync, queue, outs[0]!.sender), rt.go(jobs.consume, queue, outs[1]!.sender)];
      const seen = outs.map(async (out) => {
        const values: number[] = [];
        for await (const value of out) values.push(value);
        return values;
      });
      await Promise.all(producers);
      queue.close();
      const done = await Promise.all(consumers);
      expect(done[0]! + done[1]!).toBe(2 * n);
      for (const out of outs) out.close();
      const all = await Promise.all(seen);
      for (const values of all) {
        for (const isFirst of [true, false]) {
          const own = values.filter((value) => value < 10_000 === isFirst);
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
      }
      expect(all.flat().sort((a, b) => a - b)).toEqual([...Array(n).keys(), ...Array.from({ length: n }, (_, i) => 10_000 + i)]);
    });
  }
});

describe("a thread dies", () => {
  it("with jobs in hand: they come back in their old order, before all others, with the cause", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 8 });
    for (const value of [1, 2, 3, 4, 5]) await queue.send(value);
    const task = dedicated.go(jobs.takeAndKeep<number>, queue, 3, started.sender);
    await kill(rt, await next(started));
    await died(task);
    expect([queue.queued, queue.leased]).toEqual([5, 0]);
    queue.close();
    const seen: [number, number][] = [];
    for await (const lease of queue) {
      seen.push([lease.value, lease.attempt]);
      if (lease.attempt === 2) expect(lease.causes).toEqual([coded("ERR_THREAD_DIED")]);
      lease.ack();
    }
    expect(seen).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
      [4, 1],
      [5, 1],
    ]);
  });

  it("again and again with the same job: it goes to the dead letters with one cause for each", async () => {
    const queue = rt.leasedQueue(utf8, { capacity: 8, attempts: 2 });
    await queue.send("poison");
    for (let attempt = 1; attempt <= 2; attempt++) {
      const task = dedicated.go(jobs.takeAndKeep<string>, queue, 1, started.sender);
      await kill(rt, await next(started));
      await died(task);
    }
    expect([queue.queued, queue.leased, queue.dead]).toEqual([0, 0, 1]);
    queue.close();
    const letter = await queue.deadLetters!.take();
    expect(letter !== CLOSED && [letter.value, letter.causes]).toEqual(["poison", [coded("ERR_THREAD_DIED"), coded("ERR_THREAD_DIED")]]);
    expect(letter !== CLOSED && letter.ack()).toBe(true);
  });

  it("while it waits for a job: the next one waits in its place", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 8 });
    const task = dedicated.go(jobs.waitAndKeep, queue, started.sender);
    const id = await next(started);
    await until(() => takersOf(queue) === 1, "it waits");
    const waiting = queue.take();
    await kill(rt, id);
    await died(task);
    await queue.send(1);
    const lease = await waiting;
    expect(lease !== CLOSED && [lease.attempt, lease.ack()]).toEqual([1, true]);
    queue.close();
  });

  it("while it waits for room: its job was not accepted, and the next producer is served", async () => {
    const queue = rt.leasedQueue(utf8, { capacity: 1 });
    await queue.send("first");
    const task = dedicated.go(jobs.putAndWait, queue, started.sender);
    const id = await next(started);
    await until(() => puttersOf(queue) === 1, "it waits");
    const sent = queue.send("mine");
    await kill(rt, id);
    await died(task);
    const seen: string[] = [];
    for await (const lease of queue) {
      seen.push(lease.value);
      lease.ack();
      if (seen.length === 1) await sent.then(() => queue.close());
    }
    expect(seen).toEqual(["first", "mine"]);
    await until(() => rt.heapUse().jobs === 0, "the job it had made is forgotten");
  });

  it("by an exit of its own and by an error: the queue ends all the same", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 8, attempts: 2 });
    for (const value of [1, 2]) await queue.send(value);
    await died(dedicated.go(jobs.takeAndExit, queue, 3));
    await expect(rt.go(jobs.takeAndFail, queue)).rejects.toThrow("at 1");
    queue.close();
    const lease = await queue.take();
    expect(lease !== CLOSED && [lease.value, lease.ack()]).toEqual([2, true]);
    expect(await queue.take()).toBe(CLOSED);
    const letter = await queue.deadLetters!.take();
    expect(letter !== CLOSED && letter.causes).toEqual([coded("ERR_THREAD_DIED"), coded("ERR_NOT_ACKNOWLEDGED")]);
    expect(letter !== CLOSED && letter.ack()).toBe(true);
  });

  it("with the last job of a closed queue: those who wait for its end get the job", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 1 });
    await queue.send(1);
    const task = dedicated.go(jobs.takeAndKeep<number>, queue, 1, started.sender);
    const id = await next(started);
    queue.close();
    const waiting = [queue.take(), queue.take()];
    await kill(rt, id);
    await died(task);
    const lease = await waiting[0]!;
    expect(lease !== CLOSED && [lease.attempt, lease.ack()]).toEqual([2, true]);
    expect(await waiting[1]!).toBe(CLOSED);
  });
});

it("a lease whose time is up goes to whoever waits, also from a thread that is busy; its late ack does not count", async () => {
  const queue = rt.leasedQueue(f64, { capacity: 1, leaseMs: 5 });
  const goOn = rt.channel(f64, 0);
  await queue.send(1);
  const late = dedicated.go(jobs.ackLate, queue, started.sender, goOn.receiver);
  await next(started);
  const lease = await queue.take({ timeoutMs: 10_000 });
  expect(lease !== CLOSED && [lease.attempt, lease.ack()]).toEqual([2, true]);
  goOn.close();
  expect(await late).toBe(false);
  queue.close();
});

it("a blocked consumer looks again when a lease's time is up", async () => {
  const queue = rt.leasedQueue(f64, { capacity: 1, leaseMs: 5 });
  const out = rt.channel(f64, 4);
  await queue.send(1);
  const mine = await queue.take();
  const consumer = dedicated.go(jobs.consumeSync, queue, out.sender);
  expect(await out.recv()).toBe(1);
  queue.close();
  expect(await consumer).toBe(1);
  expect(mine !== CLOSED && mine.ack()).toBe(false);
  out.close();
});
