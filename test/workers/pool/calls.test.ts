// Calls and their results: what goes in and out, one at a time per thread, and the same without threads.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSED, f64, type Pool, Runtime } from "../../../src/index.ts";
import { leftovers, NOTHING, until } from "../../support/heap.ts";

const url = new URL("../../fixtures/pool-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/pool-jobs.ts");

describe.each([1, 0])("a pool beside %i threads", (threads) => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  let pool: Pool<typeof jobs>;

  beforeAll(async () => {
    rt = await Runtime.start({ threads });
    jobs = rt.module<Jobs>(url);
    pool = rt.pool(jobs, { threads: 2 });
  });
  afterAll(async () => {
    await pool.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("calls a function and has its result", async () => {
    expect(await pool.call.add(2, 3)).toBe(5);
    expect(await pool.call.nothing()).toBe(undefined);
  });

  it.each([
    ["numbers", [0, -0, 1, -1, 1.5, 2 ** 31, -(2 ** 31), 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]],
    ["text", ["", "a", "é", "日本", "x".repeat(48), "x".repeat(49), "y".repeat(100_000), "\u0000"]],
    ["nothing in particular", [undefined, null, true, false]],
    ["big numbers", [0n, 2n ** 70n]],
    ["structures", [{ a: [1, { b: "c" }] }, [], new Map([[1, "one"]]), new Set(["x"]), new Date(5), new Uint8Array([1, 2, 3])]],
  ])("carries %s both ways", async (_, values) => {
    for (const value of values) expect(await pool.call.echo(value)).toEqual(value);
    expect(await pool.call.count(...values)).toBe(values.length);
  });

  it("carries a megabyte both ways", async () => {
    const sent = Buffer.alloc(1_000_000, 7);
    expect(Buffer.compare((await pool.call.echo(new Uint8Array(sent))) as Uint8Array, sent)).toBe(0);
  });

  it("carries bytes that are the function's own", async () => {
    const [a, b] = await Promise.all([pool.call.echo(new Uint8Array([1])), pool.call.echo(new Uint8Array([2]))]);
    expect((a as Uint8Array).buffer.byteLength).toBeLessThan(64); // not a view on what others were sent
    expect(b).toEqual(new Uint8Array([2]));
  });

  it("keeps what arguments share shared", async () => {
    const one = { x: 1 };
    expect(await pool.call.isShared(one, one)).toBe(true);
    expect(await pool.call.isShared(one, { x: 1 })).toBe(false);
  });

  it("copies its arguments when it is called", async () => {
    const value = { x: 1 };
    const called = pool.call.echo(value);
    value.x = 2;
    expect(await called).toEqual({ x: 1 });
  });

  it("takes many arguments", async () => {
    expect(await pool.call.count(...new Array<number>(300).fill(1))).toBe(300);
  });

  it("hands on what the function throws, whole", async () => {
    await expect(pool.call.fail("boom")).rejects.toMatchObject({
      name: "RangeError",
      message: "boom",
      code: "ERR_TEST",
      detail: { at: [1, 2] },
    });
    await expect(pool.call.fail("boom")).rejects.toBeInstanceOf(RangeError);
    await expect(pool.call.failLater("later")).rejects.toBeInstanceOf(TypeError);
    await expect(pool.call.failWith(null)).rejects.toBe(null);
    await expect(pool.call.failWith(7)).rejects.toBe(7);
  });

  it("refuses what cannot be sent, and says where it is", async () => {
    const wrong = pool.call.echo as (value: unknown) => Promise<unknown>;
    await expect(wrong({ a: [() => 1] })).rejects.toMatchObject({
      code: "ERR_UNSENDABLE",
      message: expect.stringMatching(/echo.*\.a\[0\]/),
    });
    await expect(wrong(Symbol("x"))).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
    await expect(wrong("\ud800")).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
    await expect(pool.call.unsendable()).rejects.toMatchObject({ code: "ERR_UNSENDABLE", message: expect.stringContaining("result") });
    expect(await pool.call.add(1, 1)).toBe(2);
  });

  it("says which functions there are when there is none of the name", async () => {
    const calls = pool.call as unknown as Record<string, () => Promise<unknown>>;
    await expect(calls.missing!()).rejects.toMatchObject({ code: "ERR_NO_FUNCTION", message: expect.stringContaining("add") });
    await expect(pool.call.add(1, 2)).resolves.toBe(3);
  });

  it("carries channels and contexts", async () => {
    const gate = rt.channel(f64, 0);
    const waiting = pool.call.waitAt(gate.receiver);
    await gate.send(9);
    expect(await waiting).toBe(9);
    gate.close();
  });

  it("runs one call at a time on a thread", async () => {
    const most = await Promise.all(Array.from({ length: 40 }, () => pool.call.together(3)));
    expect(Math.max(...most)).toBe(threads === 0 ? 2 : 1); // without threads two places share one
  });

  it("finds its runtime inside the function", async () => {
    expect(await pool.call.hasRuntime()).toBe(true);
  });

  it("hands a call to whoever is free: a long one holds nobody up", async () => {
    const gate = rt.channel(f64, 0);
    await Promise.all(Array.from({ length: 100 }, () => pool.call.nothing())); // known as short: many are sent ahead
    const long = pool.call.waitAt(gate.receiver);
    const short = Array.from({ length: 500 }, (_, i) => pool.call.add(i, i));
    expect(await Promise.all(short)).toEqual(short.map((_, i) => 2 * i));
    await gate.send(1);
    expect(await long).toBe(1);
    gate.close();
  });

  it("settles each of many calls with its own result", async () => {
    const before = pool.stats();
    const calls = Array.from({ length: 20_000 }, (_, i) => (i % 1_000 === 999 ? pool.call.fail(`${i}`) : pool.call.add(i, 1)));
    const settled = await Promise.allSettled(calls);
    settled.forEach((one, i) => {
      if (i % 1_000 === 999) expect(one).toMatchObject({ status: "rejected", reason: { message: `${i}` } });
      else expect(one).toEqual({ status: "fulfilled", value: i + 1 });
    });
    const { accepted, succeeded, failed } = pool.stats();
    expect([accepted - before.accepted, succeeded - before.succeeded, failed - before.failed]).toEqual([20_000, 19_980, 20]);
    expect(pool.stats()).toMatchObject({ queued: 0, running: 0, outside: 0 });
  });

  it("streams what an async generator yields", async () => {
    const seen: number[] = [];
    for await (const value of pool.stream.numbers(1_000)) seen.push(value);
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  });

  it("streams what came before an error, then the error", async () => {
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of pool.stream.thenFails(3)) seen.push(value);
    })();
    await expect(reading).rejects.toMatchObject({ name: "RangeError", message: "no more" });
    expect(seen).toEqual([0, 1, 2]);
  });

  it("holds a stream back, and ends it when its reader leaves", async () => {
    const tell = rt.channel(f64, 1_000);
    const stream = pool.stream.told(tell.sender);
    expect((await stream.next()).value).toBe(0);
    let last = -1;
    await until(() => tell.length >= 17, "the generator runs ahead");
    await stream.return();
    for (let told = await tell.recv(); told !== -1 && told !== CLOSED; told = await tell.recv()) last = told;
    expect(last).toBeLessThan(20); // streamAhead is 16: so many, one in the channel's door and one in hand
    tell.close();
    expect(await pool.call.add(1, 2)).toBe(3);
  });

  it("begins a stream when it is first read", async () => {
    const { accepted } = pool.stats();
    pool.stream.numbers(5);
    await pool.call.nothing();
    expect(pool.stats().accepted).toBe(accepted + 1);
  });

  it("says that a generator is to be called as a stream", async () => {
    const calls = pool.call as unknown as Record<string, (n: number) => Promise<unknown>>;
    await expect(calls.numbers!(3)).rejects.toMatchObject({ code: "ERR_UNSENDABLE", message: expect.stringContaining("pool.stream") });
    const streams = pool.stream as unknown as Record<string, () => AsyncGenerator<unknown>>;
    await expect(streams.nothing!().next()).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
  });
});
