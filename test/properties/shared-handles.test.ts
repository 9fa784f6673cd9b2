// Sync primitives and contexts as handles: through channels of their own, as fields of structs, inside structured values, as arguments and results of
// tasks they arrive as views on the same thing, by every door.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  AtomicFlag,
  AtomicFloat,
  AtomicInt,
  Barrier,
  Cond,
  type Context,
  f64,
  Mutex,
  Once,
  Runtime,
  RwMutex,
  Semaphore,
  struct,
  structured,
  syncOf,
  WaitGroup,
} from "../../src/index.ts";
import { handleOfShared, type Shared, type SharedClass } from "../../src/runtime/operation/shared.ts";
import { ECHOES } from "../fixtures/echo.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { loop, WATCHDOG_MS } from "./support.ts";

type Jobs = typeof import("../fixtures/sync-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
vi.setConfig({ testTimeout: WATCHDOG_MS });
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 4 });
  jobs = rt.module<Jobs>(new URL("../fixtures/sync-jobs.js", import.meta.url));
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

type Row = [Class: SharedClass<Shared>, make: () => Shared, use: (one: never) => unknown, seen: (one: never) => unknown];
/** What is done through the view that came back is seen through the one that was sent. */
const row = <T extends Shared>(Class: SharedClass<T>, make: () => T, use: (one: T) => unknown, seen: (one: T) => unknown) =>
  [Class, make, use, seen] as unknown as Row;
const ROWS: readonly Row[] = [
  row(
    Mutex,
    () => rt.sync.mutex(),
    (one) => one.tryLock()!.unlock(),
    (one) => [one.isLocked, one.isAbandoned],
  ),
  row(
    RwMutex,
    () => rt.sync.rwMutex(),
    (one) => one.tryRLock()!.unlock(),
    (one) => one.readers,
  ),
  row(
    Semaphore,
    () => rt.sync.semaphore(3),
    (one) => one.tryAcquire(2)!.release(),
    (one) => [one.permits, one.available],
  ),
  row(
    WaitGroup,
    () => rt.sync.waitGroup(),
    (one) => one.add(1),
    (one) => one.count,
  ),
  row(
    Barrier,
    () => rt.sync.barrier(2),
    (one) => one.parties,
    (one) => one.waiting,
  ),
  row(
    Once,
    () => rt.sync.once(),
    (one) => one.isDone,
    (one) => one.isDone,
  ),
  row(
    Cond,
    () => rt.sync.cond(lock),
    (one) => one.signal(),
    () => 0,
  ),
  row(
    AtomicInt,
    () => rt.sync.atomicInt(7),
    (one) => one.add(1),
    (one) => one.load(),
  ),
  row(
    AtomicFlag,
    () => rt.sync.atomicFlag(),
    (one) => one.set(),
    (one) => one.isSet,
  ),
  row(
    AtomicFloat,
    () => rt.sync.atomicFloat(0.5),
    (one) => one.add(0.25),
    (one) => one.load(),
  ),
];
let lock: Mutex;
beforeAll(() => {
  lock = rt.sync.mutex();
});
afterAll(() => lock.close());

describe.each(ROWS)("%o", (Class, make, use, seen) => {
  it.each(["awaited", "blocking"] as const)("through channels, structs and structured values, %s", async (door) => {
    const one = make();
    const own = loop(rt, syncOf(Class), 1, door);
    const inStruct = loop(rt, struct({ before: f64, one: syncOf(Class), inner: struct({ again: syncOf(Class) }) }), 1, door);
    const inData = loop(rt, structured<{ list: unknown[] }>(), 0, door);
    const views: Shared[] = [(await own.round(one)) as Shared];
    const fields = (await inStruct.round({ before: 1.5, one, inner: { again: one } })) as {
      one: Shared;
      inner: { again: Shared };
      before: number;
    };
    expect(fields.before).toBe(1.5);
    views.push(fields.one, fields.inner.again);
    const { list } = (await inData.round({ list: [one, new Map([["in", one]])] })) as { list: [Shared, Map<string, Shared>] };
    views.push(list[0], list[1].get("in")!);
    const { thread } = one.place;
    for (const view of views) {
      expect(view).toBeInstanceOf(Class);
      expect(handleOfShared(view, thread)).toBe(handleOfShared(one, thread));
      use(view as never);
      expect(seen(view as never)).toEqual(seen(one as never));
    }
    for (const there of [own, inStruct, inData]) expect(await there.end()).toEqual([]);
    views[0]!.close();
    expect(() => one.close()).toThrow(expect.objectContaining({ code: "ERR_SYNC_CLOSED" }));
  });

  it("as argument and result of a task", async () => {
    const one = make();
    const back = (await rt.go(jobs.giveBack<Shared>, one)) as Shared;
    expect(back).toBeInstanceOf(Class);
    use(back as never);
    expect(seen(back as never)).toEqual(seen(one as never));
    back.close();
  });
});

describe("contexts", () => {
  it.each(ECHOES)("through structured values, %s: cancelled here, cancelled there", async (door) => {
    const canceller = rt.background.withCancel();
    const there = loop(rt, structured<{ ctx: Context; list: Context[] }>(), 1, door);
    const got = (await there.round({ ctx: canceller.ctx, list: [canceller.ctx.withValue("key", 1)] })) as { ctx: Context; list: Context[] };
    const views = [got.ctx, got.list[0]!];
    expect(views.map((view) => view.cancelled)).toEqual([false, false]);
    expect(views[1]!.value("key")).toBe(1);
    canceller.cancel(new Error("enough"));
    for (const view of views) {
      expect(view.cancelled).toBe(true);
      expect((view.cause as Error).message).toBe("enough");
    }
    expect(await there.end()).toEqual([]);
    canceller[Symbol.dispose]();
  });

  it("as argument and result of a task", async () => {
    const canceller = rt.background.withCancel();
    const back = await rt.go(jobs.giveBack<Context>, canceller.ctx);
    canceller.cancel();
    expect(back.cancelled).toBe(true);
    canceller[Symbol.dispose]();
  });
});
