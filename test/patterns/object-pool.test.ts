// Pooling of objects: each cell of the contract. (Pooling of threads: test/workers/pool.)

import { afterEach, describe, expect, it } from "vitest";
import { type ObjectPool, type ObjectPoolOptions, objectPool, Runtime } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";
import { failureOf, onThreads, upTo } from "./support.ts";

const coded = (code: string) => expect.objectContaining({ code });
type Thing = { readonly id: number; isSound: boolean };

describe("pooling of objects", () => {
  const open: ObjectPool<Thing>[] = [];
  const destroyed: number[] = [];
  const make = (options: Partial<ObjectPoolOptions<Thing>> = {}) => {
    let id = 0;
    const pool = objectPool<Thing>({
      create: () => ({ id: id++, isSound: true }),
      destroy: (thing) => void destroyed.push(thing.id),
      ...options,
    });
    open.push(pool);
    return pool;
  };
  afterEach(async () => {
    for (const pool of open.splice(0)) {
      await pool.close();
      const { idle, lent, waiting, created, destroyed: gone } = pool.stats;
      expect([idle, lent, waiting, created]).toEqual([0, 0, 0, gone]);
    }
    destroyed.length = 0;
  });

  it("lends the one that was put back last; makes one when none is idle, up to max; then in turn", async () => {
    const pool = make({ max: 2 });
    const [a, b] = [await pool.get(), await pool.get()];
    const order: number[] = [];
    const waiting = upTo(3).map(async (n) => {
      const loan = await pool.get();
      order.push(n);
      loan.put();
    });
    expect(pool.stats).toMatchObject({ idle: 0, lent: 2, waiting: 3 });
    b.put();
    a.put();
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2]);
    expect(pool.stats).toMatchObject({ idle: 2, lent: 0, waiting: 0, created: 2 });
    const [earlier, later] = [await pool.get(), await pool.get()];
    expect([earlier.use + later.use, earlier.value.id + later.value.id]).toEqual([7, 1]); // two, three waits, and these two
    earlier.put();
    later.put();
    const again = await pool.get();
    expect(again.value.id).toBe(later.value.id);
    again.put();
  });

  it("put twice, or by a stale borrower: an error, and never two borrowers of one object", async () => {
    const pool = make({ max: 1 });
    const first = await pool.get();
    first.put();
    const second = await pool.get();
    expect(second.value).toBe(first.value);
    expect(() => first.put()).toThrow(coded("ERR_NOT_HELD"));
    expect(() => first.discard()).toThrow(coded("ERR_NOT_HELD"));
    first[Symbol.dispose]();
    expect([first.isHeld, second.isHeld, pool.stats.lent]).toEqual([false, true, 1]);
    second[Symbol.dispose]();
    expect(pool.stats).toMatchObject({ idle: 1, lent: 0 });
  });

  it("all borrowed: timeout, signal, context end the wait, and what becomes free goes to the next", async () => {
    const pool = make({ max: 1 });
    const loan = await pool.get();
    expect(await failureOf(pool.get({ timeoutMs: 1 }))).toMatchObject({ code: "ERR_TIMEOUT" });
    const stop = new AbortController();
    const aborted = failureOf(pool.get({ signal: stop.signal }));
    const next = pool.get();
    stop.abort("gone");
    expect(await aborted).toMatchObject({ code: "ABORT_ERR", cause: "gone" });
    await expect(pool.get({ signal: stop.signal })).rejects.toThrow(coded("ABORT_ERR"));
    loan.put();
    (await next).put();
    expect(pool.stats).toMatchObject({ created: 1, waiting: 0 });
  });

  it("a borrower that was given up loses its object, which is destroyed; the place is free again", async () => {
    const pool = make({ max: 1 });
    const stop = new AbortController();
    const loan = await pool.get({ signal: stop.signal });
    const next = pool.get();
    stop.abort();
    expect((await next).value.id).toBe(1);
    expect(() => loan.put()).toThrow(coded("ERR_NOT_HELD"));
    expect([destroyed, pool.stats.lost]).toEqual([[0], 1]);
    (await next).put();
    const kept = new AbortController();
    const back = await pool.get({ signal: kept.signal });
    back.put();
    kept.abort(); // it is not that borrower's any more
    expect(pool.stats).toMatchObject({ idle: 1, lost: 1 });
  });

  it("a borrower that is given up while its loan is on its way has nothing: it is refused, and the object is lent to the next", async () => {
    const pool = make({ max: 1 });
    for (const door of ["get", "use"] as const) {
      const stop = new AbortController();
      const loan = await pool.get();
      const used: number[] = [];
      const asked = door === "get" ? pool.get({ signal: stop.signal }) : pool.use((thing) => used.push(thing.id), { signal: stop.signal });
      const next = pool.get();
      loan.put();
      await Promise.resolve(); // sound: the loan is made, and whoever waits for it has not gone on yet
      stop.abort("gone");
      expect(await failureOf(asked)).toMatchObject({ code: "ABORT_ERR", cause: "gone" });
      expect([(await next).value.id, used, destroyed, pool.stats.lost]).toEqual([0, [], [], 0]);
      (await next).put();
    }
  });

  it("use: whenever its borrower is given up on the way, `fn` is not given what was destroyed", async () => {
    for (const ticks of upTo(8)) {
      const pool = make({ max: 1 });
      const stop = new AbortController();
      const loan = await pool.get();
      const used: number[] = [];
      const asked = pool.use((thing) => used.push(thing.id), { signal: stop.signal });
      loan.put();
      for (const _ of upTo(ticks)) await Promise.resolve();
      const before = used.length;
      stop.abort("gone");
      const [settled] = await Promise.allSettled([asked]);
      expect([ticks, used.length, settled.status]).toEqual([ticks, before, before === 1 ? "fulfilled" : "rejected"]);
    }
  });

  it("close: who waits is refused, put after close destroys, and it waits for that; second call the same", async () => {
    const pool = make({ max: 1 });
    const loan = await pool.get();
    const waiting = failureOf(pool.get());
    let isClosed = false;
    const closing = Promise.all([pool.close(), pool.close()]).then(() => {
      isClosed = true;
    });
    expect(await waiting).toMatchObject({ code: "ERR_CLOSED" });
    await expect(pool.get()).rejects.toThrow(coded("ERR_CLOSED"));
    await expect(pool.ready()).rejects.toThrow(coded("ERR_CLOSED"));
    expect([isClosed, destroyed]).toEqual([false, []]);
    loan.put();
    await closing;
    expect(destroyed).toEqual([0]);
  });

  it("validate: unsound ones are destroyed and replaced; what it throws is told", async () => {
    const errors: unknown[] = [];
    const pool = make({
      validate: (thing) => {
        if (thing.id === 1) throw new Error("cannot tell");
        return thing.isSound;
      },
      onError: (error) => errors.push((error as Error).message),
    });
    const first = await pool.get();
    first.value.isSound = false;
    first.put();
    const second = await pool.get();
    expect([second.value.id, destroyed]).toEqual([1, [0]]);
    second.put();
    const third = await pool.get();
    expect([third.value.id, errors, destroyed]).toEqual([2, ["cannot tell"], [0, 1]]);
    third.discard();
    expect(pool.stats.idle).toBe(0);
  });

  it("maxUses; min by ready(); a failing create goes to the one that waits, and the next one tries again", async () => {
    const pool = make({ maxUses: 2, min: 2 });
    await pool.ready();
    await pool.ready();
    expect(pool.stats).toMatchObject({ idle: 2, created: 2 });
    for (const use of [1, 2]) {
      const loan = await pool.get();
      expect(loan.use).toBe(use);
      loan.put();
    }
    expect(pool.stats).toMatchObject({ idle: 1, destroyed: 1 });
    let tries = 0;
    const failing = make({
      max: 1,
      create: async () => {
        if (++tries < 3) throw Object.assign(new Error("refused"), { code: "E_REFUSED" });
        return { id: tries, isSound: true };
      },
    });
    const [a, b, c] = [failing.get(), failing.get(), failing.get()];
    const failures = await Promise.allSettled([a, b]);
    expect(failures.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    const loan = await c;
    expect(loan.value.id).toBe(3);
    loan.put();
  });

  it("what destroy throws is told, and does not stop a close", async () => {
    const errors: unknown[] = [];
    const pool = make({
      destroy: () => {
        throw new Error("stuck");
      },
      onError: (error) => errors.push((error as Error).message),
    });
    (await pool.get()).put();
    await pool.close();
    expect(errors).toEqual(["stuck"]);
  });

  it("idleMs and loanMs, on the virtual clock", async () => {
    const rt = await Runtime.start({ threads: 0, clock: "virtual" });
    const pool = make({ idleMs: 100, min: 1, max: 3, loanMs: 1_000 });
    const loans = await Promise.all(upTo(3).map(() => pool.get()));
    for (const loan of loans) loan.put();
    await until(() => pool.stats.idle === 1, "those above min are gone");
    expect(pool.stats.destroyed).toBe(2);
    const forgotten = await pool.get();
    await until(() => pool.stats.lost === 1, "it was taken away");
    expect(() => forgotten.put()).toThrow(/lent for more than 1000 ms/);
    await pool.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("use: put back after a value and an error, destroyed when its borrower was aborted or died", async () => {
    const pool = make({ max: 1 });
    expect(await pool.use((thing) => thing.id)).toBe(0);
    await expect(pool.use(() => Promise.reject(new TypeError("no")))).rejects.toThrow("no");
    expect(pool.stats).toMatchObject({ idle: 1, destroyed: 0 });
    await expect(pool.use(() => Promise.reject(Object.assign(new Error("died"), { code: "ERR_THREAD_DIED" })))).rejects.toThrow("died");
    expect(pool.stats).toMatchObject({ idle: 0, destroyed: 1 });
    expect(await pool.use((thing) => thing.id)).toBe(1);
  });

  it("bad input is named", async () => {
    const create = () => 1;
    const bad = [
      5,
      {},
      { create: 5 },
      { create, destroy: 5 },
      { create, validate: 5 },
      { create, onError: 5 },
      { create, max: 0 },
      { create, min: -1 },
    ];
    const more = [
      { create, min: 3, max: 2 },
      { create, idleMs: -1 },
      { create, maxUses: 0 },
      { create, loanMs: 0 },
    ];
    for (const options of [...bad, ...more]) expect(() => objectPool(options as never)).toThrow(coded("ERR_INVALID_ARG"));
    const pool = make();
    for (const options of [5, { timeoutMs: -1 }, { signal: 5 }])
      await expect(pool.get(options as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
    await expect(pool.use(5 as never)).rejects.toThrow(coded("ERR_INVALID_ARG"));
  });
});

onThreads("objects that other threads use", [0, 1], (bench, threads) => {
  it("a task borrows a handle; when its thread dies the object is destroyed, and the next one gets another", async () => {
    const { rt, jobs } = bench;
    const pool = objectPool({ create: () => rt.sync.atomicInt(), destroy: (int) => int.close(), max: 1 });
    for (const n of [1, 2]) expect(await pool.use((int) => rt.go(jobs.addTo, int, n))).toBe(n === 1 ? 1 : 3);
    if (threads > 0) {
      expect(await failureOf(pool.use((int) => rt.go(jobs.dieWith, int)))).toMatchObject({ code: "ERR_THREAD_DIED" });
      expect(await pool.use((int) => rt.go(jobs.addTo, int, 5))).toBe(5);
    }
    await pool.close();
  });

  it("a context ends the wait, and the loan", async () => {
    const { rt } = bench;
    const pool = objectPool({ create: () => ({}), max: 1 });
    const work = rt.background.withCancel();
    const loan = await pool.get({ ctx: work.ctx });
    const waiting = failureOf(pool.get({ ctx: work.ctx }));
    work.cancel(new Error("enough"));
    expect(await waiting).toMatchObject({ code: "ABORT_ERR" });
    await until(() => !loan.isHeld, "it was taken away");
    await pool.close();
    work[Symbol.dispose]();
  });
});
