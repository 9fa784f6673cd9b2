// Every way a call can end, each with its own code and once; none disturbs another.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, f64, type Pool, type PoolOptions, Runtime, type Sender } from "../../../src/index.ts";
import { leftovers, NOTHING, until } from "../../support/heap.ts";

const url = new URL("../../fixtures/pool-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/pool-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 1 });
  jobs = rt.module<Jobs>(url);
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

/** A pool of one thread, whose one call stands at a gate. */
async function busyPool(options: PoolOptions = {}) {
  const pool = rt.pool(jobs, { threads: 1, graceMs: Number.POSITIVE_INFINITY, ...options });
  const gate = rt.channel(f64, 0);
  const started = rt.channel(f64, 1);
  const running = pool.call.waitAt(gate.receiver, started.sender);
  await started.recv();
  const open = async () => {
    await gate.send(1);
    expect(await running).toBe(1);
  };
  const end = async () => {
    gate.close();
    started.close();
    await pool.close();
  };
  return { pool, open, end, running };
}

/** Starts a call of spin() and waits until it runs. */
async function spinning(pool: Pool<typeof jobs>, options: Parameters<typeof pool.with>[0]) {
  const started = rt.channel(f64, 1);
  const ended = pool.with(options).call.spin(started.sender as Sender<number>);
  ended.catch(() => undefined);
  const threadId = await Promise.race([started.recv(), ended]);
  started.close();
  return { ended, threadId };
}

describe("before it runs", () => {
  it("aborted: it never runs, and what waits beside it does", async () => {
    const { pool, open, end } = await busyPool();
    const abort = new AbortController();
    const calls = [0, 1, 2].map((i) => (i === 1 ? pool.with({ signal: abort.signal }) : pool).call.add(i, 10));
    await Promise.resolve(); // handed out
    abort.abort("enough");
    await expect(calls[1]).rejects.toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    await open();
    expect(await calls[0]).toBe(10);
    expect(await calls[2]).toBe(12);
    expect(pool.stats()).toMatchObject({ aborted: 1, succeeded: 3, died: 0, replaced: 0 });
    await end();
  });

  it("aborted already, and by a context that has ended: it is not let in", async () => {
    const { pool, open, end } = await busyPool();
    await expect(pool.with({ signal: AbortSignal.abort("before") }).call.add(1, 1)).rejects.toMatchObject({
      code: "ABORT_ERR",
      cause: "before",
    });
    using work = rt.background.withCancel();
    const { ctx } = work;
    const waiting = pool.with({ ctx }).call.add(1, 1);
    work.cancel();
    await expect(waiting).rejects.toMatchObject({ code: "ABORT_ERR" });
    await expect(pool.with({ ctx }).call.add(1, 1)).rejects.toMatchObject({ code: "ABORT_ERR" });
    await open();
    await end();
  });

  it.each([0, 5])("queueTimeoutMs %d: it never runs", async (queueTimeoutMs) => {
    const { pool, open, end } = await busyPool();
    await expect(pool.with({ queueTimeoutMs }).call.add(1, 1)).rejects.toMatchObject({ code: "ERR_QUEUE_TIMEOUT", name: "TimeoutError" });
    expect(pool.stats().timedOut).toBe(1);
    await open();
    await end();
  });

  it("queueTimeoutMs does not end what runs", async () => {
    const { pool, open, end } = await busyPool();
    await open();
    const gate = rt.channel(f64, 0);
    const started = rt.channel(f64, 1);
    const running = pool.with({ queueTimeoutMs: 1_000 }).call.waitAt(gate.receiver, started.sender);
    await started.recv();
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // past the timeout
    await gate.send(3);
    expect(await running).toBe(3);
    expect(pool.stats().timedOut).toBe(0);
    for (const channel of [gate, started]) channel.close();
    await end();
  });

  it("totalTimeoutMs: it never runs", async () => {
    const { pool, open, end } = await busyPool();
    await expect(pool.with({ totalTimeoutMs: 5 }).call.add(1, 1)).rejects.toMatchObject({ code: "ERR_TOTAL_TIMEOUT" });
    await open();
    expect(pool.stats()).toMatchObject({ timedOut: 1, replaced: 0 });
    await end();
  });

  it("the pool is closed: ERR_CLOSED", async () => {
    const { pool, end, running } = await busyPool();
    const waiting = pool.call.add(1, 1);
    const ended = Promise.all([running, waiting].map((one) => expect(one).rejects.toMatchObject({ code: "ERR_CLOSED" })));
    await pool.close({ graceMs: 0 });
    await ended;
    await expect(pool.call.add(1, 1)).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect(() => pool.resize(2)).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    await expect(pool.ready()).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await pool.room(); // nobody waits for ever
    await end();
  });
});

describe("while it runs", () => {
  it("aborted: rejected at once; a function that looks at its context ends by itself", async () => {
    const pool = rt.pool(jobs, { threads: 1 });
    using work = rt.background.withCancel();
    const { ctx } = work;
    const started = rt.channel(f64, 1);
    const running = pool.with({ ctx }).call.untilCancelled(started.sender, ctx);
    const threadId = await started.recv();
    work.cancel();
    await expect(running).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(await pool.call.whereAmI()).toBe(threadId); // it was not killed
    expect(pool.stats()).toMatchObject({ aborted: 1, succeeded: 1, replaced: 0 });
    started.close();
    await pool.close();
  });

  it.each([0, 10])("aborted, graceMs %d: its thread is killed and replaced, what waits behind it runs", async (graceMs) => {
    const pool = rt.pool(jobs, { threads: 1, graceMs });
    const abort = new AbortController();
    const { ended, threadId } = await spinning(pool, { signal: abort.signal });
    const behind = [1, 2, 3].map((i) => pool.call.add(i, i));
    abort.abort();
    await expect(ended).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(await Promise.all(behind)).toEqual([2, 4, 6]);
    expect(await pool.call.whereAmI()).not.toBe(threadId);
    expect(pool.stats()).toMatchObject({ aborted: 1, succeeded: 4, died: 0, replaced: 1 });
    await pool.close();
  });

  it.each([
    ["runTimeoutMs", "ERR_RUN_TIMEOUT"],
    ["totalTimeoutMs", "ERR_TOTAL_TIMEOUT"],
  ])("%s: its thread is killed and replaced, others are not disturbed", async (option, code) => {
    const pool = rt.pool(jobs, { threads: 2 });
    const gate = rt.channel(f64, 0);
    const begun = rt.channel(f64, 1);
    const beside = pool.call.waitAt(gate.receiver, begun.sender);
    const other = await begun.recv();
    const { ended, threadId } = await spinning(pool, { [option]: 1_000 });
    expect(threadId).not.toBe(other);
    const behind = Array.from({ length: 50 }, (_, i) => pool.call.add(i, i));
    await expect(ended).rejects.toMatchObject({ code, name: "TimeoutError" });
    expect(await Promise.all(behind)).toEqual(behind.map((_, i) => 2 * i));
    await gate.send(4);
    expect(await beside).toBe(4);
    expect(pool.stats()).toMatchObject({ timedOut: 1, died: 0, replaced: 1 });
    for (const channel of [gate, begun]) channel.close();
    await pool.close();
  });

  it("its thread dies: ERR_THREAD_DIED with the reason; what was sent ahead runs elsewhere", async () => {
    const pool = rt.pool(jobs, { threads: 1 });
    await Promise.all(Array.from({ length: 100 }, () => pool.call.nothing()));
    const dying = pool.call.die(7);
    const behind = Array.from({ length: 50 }, (_, i) => pool.call.add(i, i));
    await expect(dying).rejects.toMatchObject({ code: "ERR_THREAD_DIED", message: expect.stringMatching(/die: .*exit code 7/) });
    expect(await Promise.all(behind)).toEqual(behind.map((_, i) => 2 * i));
    expect(pool.stats()).toMatchObject({ died: 1, succeeded: 150, replaced: 1 });
    await pool.close();
  });

  it("threads that die leave nothing while the pool is open", async () => {
    const pool = rt.pool(jobs, { threads: 1 });
    await pool.ready();
    const { syncs, channels } = rt.heapUse();
    for (let n = 0; n < 3; n++) await expect(pool.call.die(n)).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await pool.call.add(1, 2)).toBe(3);
    await until(() => rt.heapUse().syncs === syncs && rt.heapUse().channels === channels, "as many records as before");
    await pool.close();
  });

  it("calls given up one after the other while their thread is busy elsewhere: the next is made all the same", async () => {
    const pool = rt.pool(jobs, { threads: 1 });
    const gate = rt.channel(f64, 0);
    await pool.call.answerAndBlock(gate.receiver);
    for (let n = 0; n < 400; n++) {
      const abort = new AbortController();
      const call = pool.with({ signal: abort.signal }).call.add(n, n);
      await Promise.resolve(); // handed out
      abort.abort();
      await expect(call).rejects.toMatchObject({ code: "ABORT_ERR" });
    }
    const next = pool.call.add(1, 2);
    await Promise.resolve();
    gate.close();
    expect(await next).toBe(3);
    expect(pool.stats()).toMatchObject({ aborted: 400, succeeded: 2, died: 0 });
    await pool.close();
  });

  it("killed from outside: ERR_THREAD_DIED", async () => {
    const pool = rt.pool(jobs, { threads: 1 });
    const { ended, threadId } = await spinning(pool, {});
    expect(rt.kill(threadId as number, "for the test")).toBe(true);
    await expect(ended).rejects.toMatchObject({ code: "ERR_THREAD_DIED", message: expect.stringContaining("for the test") });
    expect(await pool.call.add(1, 2)).toBe(3);
    await pool.close();
  });

  it("a stream's thread dies: what came before is read, then the error", async () => {
    const pool = rt.pool(jobs, { threads: 1, streamAhead: 4 });
    const tell = rt.channel(f64, 100);
    const stream = pool.stream.told(tell.sender);
    expect((await stream.next()).value).toBe(0);
    await until(() => tell.length >= 5, "the generator is ahead");
    expect(rt.kill(await threadOf(pool), "for the test")).toBe(true);
    const rest: number[] = [];
    const reading = (async () => {
      for await (const value of stream) rest.push(value);
    })();
    await expect(reading).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(rest.slice(0, 4)).toEqual([1, 2, 3, 4]);
    tell[Symbol.dispose]();
    await pool.close();
  });
});

/** The only thread of a pool: the newest there is. */
async function threadOf(_: unknown): Promise<number> {
  return Math.max(...rt.threadIds);
}

describe("no thread can be set up", () => {
  it.each([
    ["the module throws", new URL("../../fixtures/throws-at-import.ts", import.meta.url), {}],
    ["the set-up throws", url, { isFailing: true }],
  ])("%s: every call rejects, with the reason", async (_, module, { isFailing }: { isFailing?: boolean }) => {
    const broken = rt.module<Jobs>(module);
    const pool = rt.pool(broken, { threads: 2, ...(isFailing && { setUp: call(jobs.failingSetUp) }) });
    const waiting = Array.from({ length: 20 }, () => pool.call.add(1, 1));
    const ready = pool.ready();
    for (const one of [ready, ...waiting]) await expect(one).rejects.toMatchObject({ code: "ERR_THREAD_START", cause: expect.any(Error) });
    await expect(pool.call.add(1, 1)).rejects.toMatchObject({ code: "ERR_THREAD_START" });
    expect(await rt.go(jobs.add, 1, 2)).toBe(3);
    await pool.close();
  });
});

describe("the runtime is closed", () => {
  it("waits for calls, and tears threads down", async () => {
    const own = await Runtime.start({ threads: 1 });
    const module = own.module<Jobs>(url);
    const torn = own.channel(f64, 4);
    const pool = own.pool(module, { threads: 1, tearDown: call(module.tearDown, torn.sender) });
    const slow = pool.call.together(20);
    const closing = own.close({ graceMs: 60_000 });
    expect(await slow).toBe(1);
    const report = await closing;
    expect(report.deaths).toEqual([]);
    expect(report.leftovers).toMatchObject({ channels: [{ length: 1 }], waits: 0 }); // the tear-down's word
    expect(report.heap.syncs).toBe(0);
  });
});
