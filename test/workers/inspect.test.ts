// rt.inspect(): who waits on what, read while every thread is stuck; names; leftovers as an error.

import { describe, expect, it } from "vitest";
import { assertNoLeftovers, f64, label, Runtime } from "../../src/index.ts";
import { until } from "../support/heap.ts";
import { endClean, jobsOf } from "../support/seeing.ts";

describe("inspect", () => {
  it("tells of threads that are blocked, computing and idle what each does, holds and waits for", async () => {
    const startedAt = Date.now();
    const rt = await Runtime.start({ threads: 2, deadlocks: "off" });
    const jobs = jobsOf(rt);
    const [lock, ready, go] = [label(rt.sync.mutex(), "ledger"), rt.sync.waitGroup(), rt.sync.waitGroup()];
    const orders = label(rt.channel(f64, 4), "orders");
    orders.sender.trySend(1);
    const empty = label(rt.channel(f64, 0), "never sent to");
    ready.add(3);
    go.add(1);
    const tasks = [
      rt.with({ dedicated: true }).go(jobs.blocksWithLock, lock, ready, empty.receiver),
      rt.with({ dedicated: true }).go(jobs.spins, ready, go),
      rt.go(jobs.waits, ready, empty.receiver),
    ];
    await ready.wait();
    await until(() => rt.inspect().threads.filter((thread) => thread.waits.length > 0).length === 2, "two of them wait");
    await until(() => rt.inspect().threads.some((thread) => thread.state === "blocked"), "one is blocked");

    const seen = rt.inspect();
    const of = (name: string) => seen.threads.find((thread) => thread.tasks.some((task) => task.name === name))!;
    expect(of("blocksWithLock")).toMatchObject({ state: "blocked", serves: "dedicated" });
    expect(of("blocksWithLock").waits).toMatchObject([
      { isBlocking: true, mayEndByItself: false, on: [expect.stringMatching(/^receive from channel \d+ "never sent to"$/)] },
    ]);
    expect(of("spins")).toMatchObject({ state: "running", waits: [], since: undefined });
    expect(of("waits")).toMatchObject({ serves: "light", waits: [{ isBlocking: false, mayEndByItself: true }] });
    for (const { waits, tasks: running } of seen.threads) {
      for (const { since } of [...waits, ...running]) {
        expect(since).toBeGreaterThanOrEqual(startedAt);
        expect(since).toBeLessThanOrEqual(seen.at);
      }
    }
    const blocked = of("blocksWithLock").threadId;
    expect(seen.syncs).toContainEqual(
      expect.objectContaining({ kind: "mutex", name: "ledger", taken: 1, holders: [blocked], waiters: [], madeBy: 0 }),
    );
    expect(seen.channels).toContainEqual(
      expect.objectContaining({ name: "orders", capacity: 4, length: 1, receivers: [], senders: [], isClosed: false }),
    );
    const waiting = seen.channels.find((channel) => channel.name === "never sent to")!;
    expect([...waiting.receivers].sort()).toEqual([blocked, of("waits").threadId].sort());

    expect(JSON.parse(JSON.stringify(seen))).toMatchObject({ runtime: expect.any(Number), threads: expect.any(Array) });
    const text = String(seen);
    expect(text).toContain(`thread ${blocked} (dedicated): blocked for`);
    expect(text).toMatch(/is blocked to receive from channel \d+ "never sent to"/);
    expect(text).toContain(`held by thread ${blocked}`);

    go.done();
    empty.close();
    await Promise.all(tasks);
    for (const one of [lock, ready, go]) one.close();
    orders.close();
    await orders.recv();
    await endClean(rt);
  });

  it("tells of a leased queue what is queued, who has jobs in hand, who waits for one, and who for room", async () => {
    const rt = await Runtime.start({ threads: 1, deadlocks: "off" });
    const jobs = jobsOf(rt);
    const ready = rt.sync.waitGroup();
    ready.add(1);
    const orders = label(rt.leasedQueue(f64, { capacity: 1, attempts: 3 }), "orders");
    await orders.send(1);
    const task = rt.with({ dedicated: true }).go(jobs.leasesAndBlocks, orders, ready);
    await ready.wait();
    await until(() => rt.inspect().threads.some((thread) => thread.state === "blocked"), "it is blocked");

    const seen = rt.inspect();
    const there = seen.threads.find((thread) => thread.state === "blocked")!;
    expect(there.waits).toMatchObject([{ isBlocking: true, on: [expect.stringMatching(/^take from leased queue \d+ "orders"$/)] }]);
    const queue = seen.leasedQueues.find(({ name }) => name === "orders")!;
    const { threadId } = there;
    expect(queue).toMatchObject({ capacity: 1, attempts: 3, queued: 0, isClosed: false, madeBy: 0, takers: [threadId], senders: [] });
    expect(queue.holders).toEqual([threadId]);
    expect(seen.leasedQueues.map(({ number }) => number)).toContain(queue.deadLetters);
    expect(String(seen)).toMatch(
      /leased queue \d+ "orders": 0 of 1 queued, 1 leased, dead letters in \d+, made by thread 0; held by thread \d+; takers wait on thread \d+/,
    );
    expect(() => assertNoLeftovers(rt)).toThrow('"orders": 0 of 1 queued');

    await orders.send(2);
    expect(await task).toBe(3);
    await orders.send(3);
    const room = orders.send(4);
    expect(rt.inspect().leasedQueues).toContainEqual(
      expect.objectContaining({ name: "orders", queued: 1, holders: [], takers: [], senders: [0] }),
    );
    expect(rt.inspect().threads.find((one) => one.threadId === 0)!.waits[0]!.on).toEqual([
      expect.stringMatching(/^send to leased queue \d+ "orders"$/),
    ]);
    orders.close();
    await expect(room).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    for await (const lease of orders) lease.ack();
    ready.close();
    await endClean(rt);
  });

  it("with threads: 0 tells of the one thread, and of a select by all its cases", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const { select } = await import("../../src/index.ts");
    const [left, right] = [label(rt.channel(f64, 0), "left"), label(rt.channel(f64, 0), "right")];
    const waiting = select({ in: left, out: right.sender.sending(1) });
    expect(rt.inspect().threads).toMatchObject([{ threadId: 0, serves: "nobody", waits: [{ isBlocking: false }] }]);
    expect([...rt.inspect().threads[0]!.waits[0]!.on].sort()).toEqual([
      expect.stringMatching(/^receive from channel \d+ "left"$/),
      expect.stringMatching(/^send to channel \d+ "right"$/),
    ]);
    await right.recv();
    await waiting;
    left.close();
    right.close();
    await endClean(rt);
  });

  it("from a thread of the runtime sees the same", async () => {
    const rt = await Runtime.start({ threads: 1, deadlocks: "off" });
    const ch = label(rt.channel(f64, 0), "seen from everywhere");
    const waiting = ch.recv();
    expect(rt.inspect().channels).toMatchObject([{ name: "seen from everywhere", receivers: [0] }]);
    const there = await rt.go(jobsOf(rt).inspectedChannels);
    expect(there).toMatchObject([{ name: "seen from everywhere", receivers: [0] }]);
    ch.close();
    await waiting;
    await endClean(rt);
  });
});

describe("label", () => {
  it("names channels, ends and primitives; the last counts, a long one is cut, and a record that is used again has none", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const first = rt.channel(f64, 0);
    label(first.sender, "one");
    label(first.receiver, "two");
    expect(rt.inspect().channels).toMatchObject([{ name: "two" }]);
    label(first, "ü".repeat(40));
    expect(rt.inspect().channels[0]!.name).toMatch(/^ü+$/);
    first.close();
    const again = rt.channel(f64, 0);
    expect(rt.inspect().channels).toMatchObject([{ name: undefined }]);
    again.close();
    const groups = [label(rt.sync.waitGroup(), "a group"), rt.sync.waitGroup()];
    expect(rt.inspect().syncs.map((sync) => sync.name)).toEqual(expect.arrayContaining(["a group", undefined]));
    for (const group of groups) group.close();
    await endClean(rt);
  });

  it("leaves a leased queue as it was: what comes back goes before what was put later", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const queue = rt.leasedQueue(f64, { capacity: 8 });
    for (const value of [1, 2, 3]) await queue.send(value);
    label(queue, "a queue with a long name");
    expect(rt.inspect().leasedQueues).toContainEqual(expect.objectContaining({ name: "a queue with a l", queued: 3 }));
    await queue.send(4);
    queue.close();
    const order: number[] = [];
    for await (const lease of queue) {
      if (order.push(lease.value) === 1) lease.nack();
      else lease.ack();
    }
    expect(order).toEqual([1, 1, 2, 3, 4]);
    await endClean(rt);
  });

  it("refuses what has no record, and what is no name", async () => {
    const rt = await Runtime.start({ threads: 0 });
    expect(() => label({} as never, "x")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    const ch = rt.channel(f64, 0);
    expect(() => label(ch, "")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    ch.close();
    await endClean(rt);
  });
});

describe("assertNoLeftovers", () => {
  it("names what is left, and passes once it is gone", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const [ch, lock] = [label(rt.channel(f64, 0), "forgotten"), label(rt.sync.mutex(), "kept")];
    const waiting = ch.recv({ timeoutMs: 60_000 });
    let failure: (Error & { code?: string }) | undefined;
    try {
      assertNoLeftovers(rt);
    } catch (error) {
      failure = error as Error;
    }
    expect(failure?.code).toBe("ERR_LEFTOVERS");
    expect(failure?.message).toMatch(/waits to receive from channel \d+ "forgotten"/);
    expect(failure?.message).toMatch(/mutex \d+ "kept"/);
    expect(failure?.message).toContain("timeouts and deadlines of this thread: 1");
    ch.close();
    lock.close();
    await waiting;
    await endClean(rt);
  });
});
