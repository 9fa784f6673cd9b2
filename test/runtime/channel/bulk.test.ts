// Bulk doors: all values, in order, whatever the batch and the capacity; what was accepted before a failure is said.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLOSED, call, f64, i32, Runtime, utf8 } from "../../../src/index.ts";

const url = new URL("../../fixtures/jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/jobs.ts");

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterEach(async () => {
  expect((await rt.close()).leftovers).toEqual({ channels: [], waits: 0 });
});

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("sendMany and recvMany", () => {
  it("random batches through random capacities: every value once, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 2, 7, 64, 1_000),
        fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        async (capacity, batches, max) => {
          const ch = rt.channel(f64, capacity);
          const total = batches.reduce((sum, n) => sum + n, 0);
          const sending = (async () => {
            let next = 0;
            for (const size of batches) {
              await ch.sendMany(numbers(size).map((i) => next + i));
              next += size;
            }
            ch.close();
          })();
          const got: number[] = [];
          for (let values = await ch.recvMany(max); values !== CLOSED; values = await ch.recvMany(max)) {
            if (values.length < 1 || values.length > max) return false;
            got.push(...values);
          }
          await sending;
          return got.length === total && got.every((value, i) => value === i);
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  it("a typed array, more than one call moves, and a codec of blocks", async () => {
    const ch = rt.channel(f64, 10_000);
    await ch.sendMany(Float64Array.from(numbers(9_000)));
    expect(await ch.recvMany(20_000)).toEqual(numbers(9_000));
    ch.close();
    const text = rt.channel(utf8, 3);
    const sending = text.sendMany(["a", "b", "c", "d", "e"]);
    expect(await text.recvMany(2)).toEqual(["a", "b"]);
    expect(await text.recvMany(9)).toEqual(["c", "d"]);
    await sending;
    expect(await text.recvMany(9)).toEqual(["e"]);
    text.close();
  });

  it("says how many were accepted before a failure", async () => {
    const ch = rt.channel(i32, 4);
    await expect(ch.sendMany(numbers(9), { timeoutMs: 1 })).rejects.toMatchObject({ code: "ERR_TIMEOUT", sent: 4 });
    expect(await ch.recvMany(9)).toEqual([0, 1, 2, 3]);
    await expect(ch.sendMany([1, 2, 0.5, 3])).rejects.toMatchObject({ code: "ERR_INVALID_ARG", sent: 0 });
    await expect(ch.sendMany([1], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORT_ERR", sent: 0 });
    expect(ch.length).toBe(0);
    const closing = ch.sendMany(numbers(9));
    ch.close();
    await expect(closing).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED", sent: 4 });
    expect(await ch.recvMany(9)).toEqual([0, 1, 2, 3]);
    expect(await ch.recvMany(9)).toBe(CLOSED);
    await expect(ch.sendMany([1])).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED", sent: 0 });
    await ch.sendMany([]);
  });

  it("bad input", async () => {
    const ch = rt.channel(f64, 1);
    for (const max of [0, -1, 1.5, NaN, Infinity, "3"]) {
      await expect(ch.recvMany(max as number)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
      expect(() => ch.recvManySync(max as number)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    }
    for (const values of [undefined, 5, {}]) await expect(ch.sendMany(values as never)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    ch.close();
  });

  it("sync doors across threads, both ends in batches", async () => {
    const threaded = await Runtime.start({ threads: 1 });
    const jobs = threaded.module<Jobs>(url);
    for (const capacity of [0, 1, 7, 1_024]) {
      const ch = threaded.channel(f64, capacity);
      const [, total] = threaded.gang(call(jobs.sendBatches, ch.sender, 20_000, 64), call(jobs.sumBatches, ch.receiver, 64));
      expect(await total).toEqual({ total: (20_000 * 19_999) / 2, count: 20_000, inOrder: true });
    }
    expect((await threaded.close()).leftovers).toEqual({ channels: [], waits: 0 });
  });
});
