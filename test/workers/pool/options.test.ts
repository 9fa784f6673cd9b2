// Each option at its default, its least, zero and infinity; threads that are set up, warmed up, recycled, more and fewer.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { call, f64, type PoolOptions, Runtime } from "../../../src/index.ts";
import { leftovers, NOTHING, until } from "../../support/heap.ts";

const url = new URL("../../fixtures/pool-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/pool-jobs.ts");
const INFINITY = Number.POSITIVE_INFINITY;

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 0 });
  jobs = rt.module<Jobs>(url);
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

describe("a wrong option is refused, and says what was expected", () => {
  it.each([
    [{ threads: 0 }, /threads.*whole number from 1/],
    [{ threads: 1.5 }, /threads/],
    [{ threads: INFINITY }, /threads/],
    [{ threads: 10_000 }, /threads.*512/],
    [{ maxQueue: -1 }, /maxQueue.*from 0/],
    [{ maxQueue: Number.NaN }, /maxQueue/],
    [{ whenFull: "explode" }, /whenFull.*block, reject/],
    [{ ageingMs: -1 }, /ageingMs/],
    [{ graceMs: Number.NaN }, /graceMs/],
    [{ lanes: { a: { reserved: -1 } } }, /lanes.a: reserved/],
    [{ threads: 2, lanes: { a: { reserved: 2 } } }, /fewer threads reserved than the pool's 2/],
    [{ queueTimeoutMs: -1 }, /queueTimeoutMs/],
    [{ runTimeoutMs: "soon" }, /runTimeoutMs/],
    [{ totalTimeoutMs: Number.NaN }, /totalTimeoutMs/],
    [{ recycle: { calls: 0 } }, /recycle: calls.*from 1/],
    [{ recycle: { ageMs: -1 } }, /recycle: ageMs/],
    [{ recycle: { heapMb: Number.NaN } }, /recycle: heapMb.*MiB/],
    [{ recycle: null }, /recycle/],
    [{ streamAhead: -1 }, /streamAhead/],
    [{ warmUp: { calls: [], rounds: -1 } }, /rounds/],
    [{ setUp: { fn: () => 1, args: [] } }, /function of rt.module/],
    [null, /pool: options/],
  ])("%o", (options, message) => {
    expect(() => rt.pool(jobs, options as PoolOptions)).toThrow(message);
  });

  it.each([
    [{ priority: 0.5 }, /priority.*whole number/],
    [{ priority: INFINITY }, /priority/],
    [{ lane: "missing" }, /lane.*\(quick\)/],
    [{ signal: {} }, /signal.*AbortSignal/],
    [{ ctx: {} }, /ctx.*Context/],
    [{ transfer: [new Uint8Array(1)] }, /transfer.*ArrayBuffers/],
    [{ runTimeoutMs: -1 }, /runTimeoutMs/],
    [null, /with: options/],
  ])("with %o", async (options, message) => {
    const pool = rt.pool(jobs, { threads: 1, lanes: { quick: {} } });
    expect(() => pool.with(options as never)).toThrow(message);
    await pool.close();
  });

  it("a pool of no module", () => {
    for (const wrong of [{}, null, jobs.add, "jobs"])
      expect(() => rt.pool(wrong)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });
});

describe("how many threads", () => {
  afterEach(() => {
    delete process.env.HEDDLE_POOL_THREADS;
  });

  it("as the environment says, unless the option does", async () => {
    process.env.HEDDLE_POOL_THREADS = "3";
    const three = rt.pool(jobs);
    const two = rt.pool(jobs, { threads: 2 });
    expect([three.size, two.size]).toEqual([3, 2]);
    for (const pool of [three, two]) await pool.close();
    for (const wrong of ["0", "many", "1.5"]) {
      process.env.HEDDLE_POOL_THREADS = wrong;
      expect(() => rt.pool(jobs)).toThrow(/HEDDLE_POOL_THREADS.*whole number from 1/);
    }
  });

  it("by default as many as there are cores to use", async () => {
    const { usableCores } = await import("../../../src/runtime/memory/cores.ts");
    const pool = rt.pool(jobs);
    expect(pool.size).toBe(usableCores());
    await pool.close();
  });

  it("more and fewer, while calls run", async () => {
    const pool = rt.pool(jobs, { threads: 1 });
    const gate = rt.channel(f64, 0);
    const waiting = Array.from({ length: 4 }, () => pool.call.waitAt(gate.receiver));
    await until(() => pool.stats().running === 1 && rt.leftovers().waiters.length > 0, "one runs");
    pool.resize(3);
    await until(() => pool.stats().running === 3, "three run");
    pool.resize(1);
    expect(pool.size).toBe(1);
    for (let i = 0; i < 4; i++) await gate.send(i);
    expect((await Promise.all(waiting)).sort()).toEqual([0, 1, 2, 3]);
    await until(() => pool.stats().open === 1, "two have gone");
    for (const wrong of [0, -1, 1.5, INFINITY]) expect(() => pool.resize(wrong)).toThrow(/threads/);
    gate.close();
    await pool.close();
  });

  it("not fewer than are reserved for lanes", async () => {
    const pool = rt.pool(jobs, { threads: 3, lanes: { a: { reserved: 2 } } });
    expect(() => pool.resize(2)).toThrow(/more than the 2 that are reserved/);
    pool.resize(4);
    await pool.ready();
    await pool.close();
  });
});

describe("timeouts of zero and of infinity", () => {
  it.each(["queueTimeoutMs", "runTimeoutMs", "totalTimeoutMs"])("%s: Infinity is none", async (option) => {
    const pool = rt.pool(jobs, { threads: 1, [option]: 0 });
    expect(await pool.with({ [option]: INFINITY }).call.add(1, 2)).toBe(3);
    await pool.close();
  });

  it.each([
    ["queueTimeoutMs", "ERR_QUEUE_TIMEOUT"],
    ["totalTimeoutMs", "ERR_TOTAL_TIMEOUT"],
  ])("%s: 0 leaves no time at all", async (option, code) => {
    const pool = rt.pool(jobs, { threads: 1 });
    const gate = rt.channel(f64, 0);
    const running = pool.call.waitAt(gate.receiver);
    await expect(pool.with({ [option]: 0 }).call.add(1, 2)).rejects.toMatchObject({ code });
    await gate.send(1);
    await running;
    gate.close();
    await pool.close();
  });

  it("runTimeoutMs: 0 leaves no time to wait for anything", async () => {
    const pool = rt.pool(jobs, { threads: 2 });
    const gate = rt.channel(f64, 0);
    await expect(pool.with({ runTimeoutMs: 0 }).call.waitAt(gate.receiver)).rejects.toMatchObject({ code: "ERR_RUN_TIMEOUT" });
    expect(await pool.call.add(1, 2)).toBe(3);
    gate.close(); // without threads nobody could be killed: it ends now
    await pool.close();
  });
});

describe("the threads of a pool", () => {
  it("are set up before the first call and torn down after the last", async () => {
    const torn = rt.channel(f64, 4);
    const pool = rt.pool(jobs, {
      threads: 1,
      setUp: call(jobs.setUp, "set up"),
      warmUp: { calls: [call(jobs.setUp, "warm")], rounds: 2 },
      tearDown: call(jobs.tearDown, torn.sender),
    });
    await pool.ready();
    expect(await pool.call.whatWasSetUp()).toEqual(["set up", "warm", "warm"]);
    expect(torn.length).toBe(0);
    await pool.close();
    expect(torn.length).toBe(1);
    await torn.recv();
    torn.close();
  });

  it("are recycled after so many calls, exactly", async () => {
    const torn = rt.channel(f64, 100);
    const pool = rt.pool(jobs, { threads: 1, recycle: { calls: 3 }, tearDown: call(jobs.tearDown, torn.sender) });
    for (let i = 0; i < 7; i++) expect(await pool.call.add(i, 1)).toBe(i + 1);
    await until(() => torn.length === 2, "two have gone");
    expect(await Promise.all(Array.from({ length: 20 }, (_, i) => pool.call.add(i, 1)))).toHaveLength(20);
    await pool.close();
    expect(torn.length).toBe(9); // of 27 calls
    torn.close();
    for (let left = torn.length; left > 0; left--) await torn.recv();
  });

  it("are recycled when they are old, and not at Infinity", async () => {
    const torn = rt.channel(f64, 100);
    const pool = rt.pool(jobs, { threads: 1, recycle: { ageMs: 0 }, tearDown: call(jobs.tearDown, torn.sender) });
    const young = rt.pool(jobs, { threads: 1, recycle: { ageMs: INFINITY, calls: INFINITY, heapMb: INFINITY } });
    await Promise.all([pool.ready(), young.ready()]);
    expect(await young.call.add(1, 1)).toBe(2);
    for (let i = 0; i < 5; i++) expect(await pool.call.add(i, 1)).toBe(i + 1);
    expect(torn.length).toBe(4); // ageMs: 0, a fresh one for every call
    for (const one of [pool, young]) await one.close();
    for (let left = torn.length; left > 0; left--) await torn.recv();
    torn.close();
  });

  it("are recycled when they hold too much memory", async () => {
    const own = await Runtime.start({ threads: 1 });
    const module = own.module<Jobs>(url);
    const pool = own.pool(module, { threads: 1, recycle: { heapMb: 64 } });
    const before = await pool.call.whereAmI();
    await pool.call.hold(16_000); // 128 MB
    let after = before;
    for (let i = 0; after === before && i < 200; i++) after = await pool.call.whereAmI();
    expect(after).not.toBe(before);
    await pool.close();
    expect((await own.close()).deaths).toEqual([]);
  });

  it("copy what they are sent, and detach it here when it is transferred", async () => {
    const pool = rt.pool(jobs, { threads: 1 });
    const bytes = new Uint8Array([1, 2, 3]);
    const echoed = pool.with({ transfer: [bytes.buffer] }).call.echo(bytes);
    expect(bytes.byteLength).toBe(0);
    expect(await echoed).toEqual(new Uint8Array([1, 2, 3]));
    await pool.close();
  });

  it("streamAhead 0: nothing is made before it is asked for", async () => {
    const pool = rt.pool(jobs, { threads: 1, streamAhead: 0 });
    const tell = rt.channel(f64, 100);
    const stream = pool.stream.told(tell.sender);
    expect((await stream.next()).value).toBe(0);
    expect((await stream.next()).value).toBe(1);
    expect(tell.length).toBeLessThan(5);
    await stream.return();
    await until(() => pool.stats().running === 0, "the generator has ended");
    for (let left = tell.length; left > 0; left--) await tell.recv();
    tell.close();
    await pool.close();
  });
});
