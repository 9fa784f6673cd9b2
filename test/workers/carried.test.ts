// What travels with tasks beside their arguments: values of AsyncLocalStorage, and buffers that are given away.

import { AsyncLocalStorage } from "node:async_hooks";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { carried, type PoolOptions, Runtime } from "../../src/index.ts";
import { requestId, tenant } from "../fixtures/seeing-jobs.ts";
import { endClean, jobsOf } from "../support/seeing.ts";

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

type Told = typeof import("../fixtures/carried-service.ts");

describe.each([0, 2])("carried, threads: %i", (threads) => {
  it("a value travels with a task and with what the task starts; one that is not set does not", async () => {
    const rt = await Runtime.start({ threads });
    const jobs = jobsOf(rt);
    const nothing = [undefined, undefined];
    expect(await rt.go(jobs.whatTravelled, true)).toEqual([nothing, nothing, [nothing, nothing]]);
    const both = ["r-1", { name: "acme" }];
    const seen = await requestId.run("r-1", () => tenant.run({ name: "acme" }, () => rt.go(jobs.whatTravelled, true)));
    expect(seen).toEqual([both, both, [both, both]]);
    const one = ["r-2", undefined];
    expect(await requestId.run("r-2", () => rt.go(jobs.whatTravelled, false))).toEqual([one, one]);
    await endClean(rt);
  });

  it("tasks side by side keep their own", async () => {
    const rt = await Runtime.start({ threads });
    const jobs = jobsOf(rt);
    const ids = Array.from({ length: 50 }, (_, i) => `r-${i}`);
    const seen = await Promise.all(ids.map((id) => requestId.run(id, () => rt.go(jobs.whatTravelled, false))));
    expect(seen).toEqual(ids.map((id) => Array(2).fill([id, undefined])));
    await endClean(rt);
  });

  it("a value that cannot be sent is ERR_UNSENDABLE, and nothing was started", async () => {
    const rt = await Runtime.start({ threads });
    const cannot = carried("test-cannot-be-sent", new AsyncLocalStorage<() => void>());
    const go = () => rt.go(jobsOf(rt).add, 1, 2);
    expect(() => cannot.run(() => {}, go)).toThrow(expect.objectContaining({ code: "ERR_UNSENDABLE" }));
    await endClean(rt);
  });

  it("transfer detaches buffers here; the task has their bytes", async () => {
    const rt = await Runtime.start({ threads });
    const jobs = jobsOf(rt);
    const [given, kept] = [new ArrayBuffer(64), new ArrayBuffer(32)];
    expect(await rt.with({ transfer: [given, given] }).go(jobs.byteLength, given)).toBe(64);
    expect(await rt.go(jobs.byteLength, kept)).toBe(32);
    expect([given.byteLength, kept.byteLength]).toEqual([0, 32]);
    expect(await rt.with({ transfer: [] }).go(jobs.byteLength, kept)).toBe(32);
    await endClean(rt);
  });
});

describe.each([0, 2])("carried with calls of pools and services, threads: %i", (threads) => {
  const url = new URL("../fixtures/carried-service.js", import.meta.url);
  const nothing = [undefined, undefined];
  const start = async (options: PoolOptions = {}) => {
    const rt = await Runtime.start({ threads });
    return { rt, pool: rt.pool(rt.module<Told>(url), { threads: 1, ...options }) };
  };

  it("a value travels with a call, by whatever way its arguments do; one that is not set does not", async () => {
    const { rt, pool } = await start();
    const ids = Array.from({ length: 20 }, (_, i) => `r-${i}`);
    const seen = await Promise.all(
      ids.map((id) => (id === "r-7" ? pool.call.whatTravelled() : requestId.run(id, () => pool.call.whatTravelled()))),
    );
    expect(seen).toEqual(ids.map((id) => Array(2).fill(id === "r-7" ? nothing : [id, undefined])));
    const both = await tenant.run({ name: "acme" }, () => requestId.run("r-x", () => pool.call.told([{ of: "an object" }])));
    expect(both).toEqual([[{ of: "an object" }], "r-x", { name: "acme" }]);
    await pool.close();
    await endClean(rt);
  });

  it("with a stream, for each of its values", async () => {
    const { rt, pool } = await start();
    const values = await requestId.run("r-s", () => all(pool.stream.whatTravelledEach(3)));
    expect(values).toEqual(Array(3).fill(Array(2).fill(["r-s", undefined])));
    await pool.close();
    await endClean(rt);
  });

  it("with a call the caller runs itself", async () => {
    const { rt, pool } = await start({ maxQueue: 0, whenFull: "caller-runs" });
    const ids = ["r-1", "r-2", "r-3"];
    const seen = await Promise.all(ids.map((id) => requestId.run(id, () => pool.call.told([id]))));
    expect(seen).toEqual(ids.map((id) => [[id], id, undefined]));
    expect(pool.stats().ranHere).toBeGreaterThan(0);
    await pool.close();
    await endClean(rt);
  });

  it("a value that cannot be sent is ERR_UNSENDABLE, and nothing was called", async () => {
    const { rt, pool } = await start();
    const cannot = carried("test-cannot-be-sent", new AsyncLocalStorage<() => void>());
    await expect(
      cannot.run(
        () => {},
        () => pool.call.whatTravelled(),
      ),
    ).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
    expect(pool.stats()).toMatchObject({ accepted: 0 });
    await pool.close();
    await endClean(rt);
  });

  it("with a call of a service, also one that waited for its start, whoever started it", async () => {
    const rt = await Runtime.start({ threads });
    const service = requestId.run("of whoever starts it", () => rt.supervise().service<Told>(url));
    const early = [service.call.whatTravelled(), requestId.run("r-1", () => service.call.whatTravelled())];
    expect(service.waiting).toBe(2);
    expect(await Promise.all(early)).toEqual([Array(2).fill(nothing), Array(2).fill(["r-1", undefined])]);
    expect(await requestId.run("r-2", () => service.call.told([{}]))).toEqual([[{}], "r-2", undefined]);
    const each = await requestId.run("r-3", () => all(service.call.whatTravelledEach(2)));
    expect(each).toEqual(Array(2).fill(Array(2).fill(["r-3", undefined])));
    await service.stop();
    const report = await rt.close();
    expect(report.leftovers).toEqual({ channels: [], waits: 0 });
  });
});

describe("bad input", () => {
  it.each([
    ["carried: an empty name", () => carried("", new AsyncLocalStorage())],
    ["carried: no storage", () => carried("x", {} as never)],
  ])("%s", (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("transfer: what is no list, no buffer, detached already, or a MessagePort", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const { port1 } = new MessageChannel();
    const detached = new ArrayBuffer(8);
    structuredClone(detached, { transfer: [detached] });
    for (const [transfer, code] of [
      ["x", "ERR_INVALID_ARG"],
      [[new Uint8Array(4)], "ERR_INVALID_ARG"],
      [[new SharedArrayBuffer(4)], "ERR_INVALID_ARG"],
      [[detached], "ERR_DETACHED"],
      [[port1], "ERR_UNSENDABLE"],
    ] as const) {
      expect(() => rt.with({ transfer: transfer as never }).go(jobsOf(rt).add, 1, 2)).toThrow(expect.objectContaining({ code }));
    }
    port1.close();
    await endClean(rt);
  });
});
