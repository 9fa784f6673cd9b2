// The queue: how many may wait, what becomes of those that find it full, who is next. Without threads, where each step is seen.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { f64, type Pool, type PoolOptions, Runtime, type WhenFull } from "../../../src/index.ts";
import { leftovers, NOTHING } from "../../support/heap.ts";

const url = new URL("../../fixtures/pool-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/pool-jobs.ts");

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 0 });
  jobs = rt.module<Jobs>(url);
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

/** A pool of one place, taken by a call that stands at a gate; `order` notes which calls have ended, in their order. */
async function full(options: PoolOptions) {
  const pool = rt.pool(jobs, { threads: 1, ...options });
  const gate = rt.channel(f64, 0);
  const started = rt.channel(f64, 1);
  const first = pool.call.waitAt(gate.receiver, started.sender);
  await started.recv();
  const order: string[] = [];
  const note = (name: string, ended: Promise<unknown>) =>
    ended.then(
      () => order.push(name),
      (error: { code?: string }) => order.push(`${name}: ${error.code}`),
    );
  const finish = async () => {
    await gate.send(1);
    await first;
    await pool.close();
    gate.close();
    started.close();
    return order;
  };
  return { pool, note, order, finish };
}

describe("a full queue", () => {
  it.each([
    ["reject", ["a", "b", "c: ERR_QUEUE_FULL"]],
    ["drop-newest", ["a", "b", "c: ERR_DROPPED"]],
    ["drop-oldest", ["a: ERR_DROPPED", "b", "c"]],
    ["block", ["a", "b", "c"]],
    ["caller-runs", ["a", "b", "c"]],
  ] as [WhenFull, string[]][])("%s", async (whenFull, expected) => {
    const { pool, note, finish } = await full({ maxQueue: 2, whenFull });
    const ended = ["a", "b", "c"].map((name, i) => note(name, pool.call.add(i, 1)));
    const order = await finish();
    await Promise.all(ended);
    expect([...order].sort()).toEqual(expected);
  });

  it("'caller-runs' runs on this thread, while the others wait", async () => {
    const { pool, note, order, finish } = await full({ maxQueue: 0, whenFull: "caller-runs" });
    await note("here", pool.call.echo({ deep: [1] }));
    await note("fails", pool.call.fail("boom"));
    expect(order).toEqual(["here", "fails: ERR_TEST"]);
    expect(pool.stats()).toMatchObject({ ranHere: 2, accepted: 1 });
    await finish();
  });

  it("'caller-runs' says what is wrong as a thread would", async () => {
    const { pool, finish } = await full({ maxQueue: 0, whenFull: "caller-runs" });
    const calls = pool.call as unknown as Record<string, () => Promise<unknown>>;
    await expect(calls.missing!()).rejects.toMatchObject({ code: "ERR_NO_FUNCTION" });
    await expect(pool.call.unsendable()).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
    await expect(pool.stream.numbers(3).next()).rejects.toMatchObject({ code: "ERR_QUEUE_FULL" });
    await finish();
  });

  it("maxQueue 0: what no thread is free for finds it full", async () => {
    const { pool, finish } = await full({ maxQueue: 0 });
    await expect(pool.call.add(1, 1)).rejects.toMatchObject({ code: "ERR_QUEUE_FULL" });
    await finish();
  });

  it("maxQueue Infinity, the default: never full", async () => {
    const { pool, finish } = await full({});
    const calls = Array.from({ length: 5_000 }, (_, i) => pool.call.add(i, 1));
    await finish();
    expect(await Promise.all(calls)).toEqual(calls.map((_, i) => i + 1));
  });

  it("drops the lowest priority there is, the arriving call included", async () => {
    for (const whenFull of ["drop-oldest", "drop-newest"] as const) {
      const { pool, note, finish } = await full({ maxQueue: 2, whenFull, ageingMs: Number.POSITIVE_INFINITY });
      const ended = [
        note("low", pool.with({ priority: -1 }).call.add(0, 0)),
        note("high", pool.with({ priority: 1 }).call.add(0, 0)),
        note("plain", pool.call.add(0, 0)),
        note("lowest", pool.with({ priority: -2 }).call.add(0, 0)),
      ];
      const order = await finish();
      await Promise.all(ended);
      expect(order).toEqual(["low: ERR_DROPPED", "lowest: ERR_DROPPED", "high", "plain"]);
    }
  });

  it("tells of room in turn, and to nobody who has given up", async () => {
    const { pool, note, order, finish } = await full({ maxQueue: 1 });
    await pool.room();
    const waiting = pool.call.add(1, 1);
    const abort = new AbortController();
    const told = [note("first", pool.room()), note("gave up", pool.room({ signal: abort.signal })), note("second", pool.room())];
    abort.abort();
    await told[1];
    expect(order).toEqual(["gave up: ABORT_ERR"]);
    await finish();
    await waiting;
    await Promise.all(told);
    expect(order).toEqual(["gave up: ABORT_ERR", "first", "second"]);
  });

  it.each(["block", "reject", "drop-newest", "drop-oldest", "caller-runs"] as WhenFull[])(
    "%s, under ten producers: nothing is lost in silence",
    async (whenFull) => {
      const pool = rt.pool(jobs, { threads: 2, maxQueue: 4, whenFull });
      const counts: Record<string, number> = {};
      const count = (what: string) => {
        counts[what] = (counts[what] ?? 0) + 1;
      };
      const producer = async (from: number) => {
        const calls: Promise<void>[] = [];
        for (let i = 0; i < 200; i++) {
          calls.push(
            pool.call.add(from, i).then(
              (sum) => count(sum === from + i ? "right" : "wrong"),
              (error: { code: string }) => count(error.code),
            ),
          );
          if (i % 20 === 19) await calls.at(-1);
        }
        await Promise.all(calls);
      };
      await Promise.all(Array.from({ length: 10 }, (_, i) => producer(i * 1_000)));
      const { right, ...errors } = counts;
      const refusal = {
        reject: "ERR_QUEUE_FULL",
        "drop-newest": "ERR_DROPPED",
        "drop-oldest": "ERR_DROPPED",
        block: "",
        "caller-runs": "",
      }[whenFull];
      const refused = errors[refusal] ?? 0;
      expect(Object.keys(errors)).toEqual(refusal === "" ? [] : [refusal]);
      expect(right! + refused).toBe(2_000);
      const stats = pool.stats();
      expect(stats.refused + stats.dropped).toBe(refused);
      expect(stats.succeeded + stats.ranHere).toBe(right);
      expect(stats).toMatchObject({ outside: 0, queued: 0, running: 0, failed: 0 });
      if (whenFull === "caller-runs") expect(stats.ranHere).toBeGreaterThan(0);
      await pool.close();
    },
  );
});

describe("who is next", () => {
  let pool: Pool<typeof jobs>;
  const calls = (priorities: readonly number[], note: (name: string, ended: Promise<unknown>) => Promise<unknown>) =>
    priorities.map((priority, i) => note(`${i}:${priority}`, pool.with({ priority }).call.nothing()));

  it.each([
    [Number.POSITIVE_INFINITY, ["3:9", "1:5", "0:0", "4:0", "2:-1"]],
    [0, ["0:0", "1:5", "2:-1", "3:9", "4:0"]],
    [1_000_000, ["3:9", "1:5", "0:0", "4:0", "2:-1"]],
  ])("by priority, with ageingMs %d", async (ageingMs, expected) => {
    const { note, finish, order, ...rest } = await full({ ageingMs });
    pool = rest.pool;
    const ended = calls([0, 5, -1, 9, 0], note);
    await finish();
    await Promise.all(ended);
    expect(order).toEqual(expected);
  });

  it("one that has waited long enough passes a higher priority", async () => {
    const { note, finish, order, ...rest } = await full({ ageingMs: 1 });
    pool = rest.pool;
    const early = calls([0], note);
    const since = performance.now();
    while (performance.now() < since + 10) await new Promise((resolve) => setImmediate(resolve)); // ten steps of ageing
    const late = note("late", pool.with({ priority: 2 }).call.nothing());
    await finish();
    await Promise.all([...early, late]);
    expect(order).toEqual(["0:0", "late"]);
  });

  it("a higher priority passes what was sent ahead already", async () => {
    const { note, finish, order, ...rest } = await full({ ageingMs: Number.POSITIVE_INFINITY });
    pool = rest.pool;
    const low = calls([0, 0, 0], note);
    await Promise.resolve();
    const high = note("high", pool.with({ priority: 1 }).call.nothing());
    await finish();
    await Promise.all([...low, high]);
    expect(order[0]).toBe("high");
  });

  it("a lane's reserved thread takes no other calls, and the lane shares the rest", async () => {
    const lanes = { fast: { reserved: 1 }, slow: {} };
    pool = rt.pool(jobs, { threads: 2, lanes });
    const gate = rt.channel(f64, 0);
    const slow = [1, 2, 3].map(() => pool.with({ lane: "slow" }).call.waitAt(gate.receiver));
    expect(await pool.with({ lane: "fast" }).call.add(1, 2)).toBe(3); // though every other place is taken
    for (let i = 0; i < 3; i++) await gate.send(i);
    expect(await Promise.all(slow)).toEqual([0, 1, 2]);
    const both = [1, 2].map(() => pool.with({ lane: "fast" }).call.waitAt(gate.receiver));
    await gate.send(1); // two at a time
    await gate.send(2);
    await Promise.all(both);
    gate.close();
    await pool.close();
  });
});
