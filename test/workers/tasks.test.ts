// Tasks: starting, results, errors whole, modules, nesting; the same on threads and with `threads: 0`.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { f64, Runtime } from "../../src/index.ts";
import { NOTHING } from "../support/heap.ts";

const url = new URL("../fixtures/jobs.js", import.meta.url);

describe.each([0, 1, 2])("tasks, threads: %i", (threads) => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<typeof import("../fixtures/jobs.ts")>>;
  beforeAll(async () => {
    rt = await Runtime.start({ threads });
    jobs = rt.module<typeof import("../fixtures/jobs.ts")>(url);
  });
  afterAll(async () => {
    const report = await rt.close();
    expect({
      channels: report.leftovers.channels.length,
      waits: report.leftovers.waits,
      tasks: report.heap.tasks,
      blocks: report.heap.blocks,
    }).toEqual(NOTHING);
  });

  it("smoke: a result, undefined, and where it ran", async () => {
    expect(await rt.go(jobs.add, 1, 2)).toBe(3);
    expect(await rt.go(jobs.nothing)).toBeUndefined();
    expect((await rt.go(jobs.whereAmI)).isMainThread).toBe(threads === 0);
  });

  it.each([
    ["null", null],
    ["text beyond the BMP", "𝕳eddle \u0000"],
    ["nested plain data", { a: [1, { b: "c" }], d: true, e: null }],
    ["Date, Map, Set", { date: new Date(5), map: new Map([["k", { v: 1 }]]), set: new Set([1, "2"]) }],
    ["bytes", new Uint8Array([0, 1, 255])],
    ["typed arrays", [new Float64Array([1.5, NaN]), new Int32Array([-1]), new BigInt64Array([5n])]],
    ["bigint", [0n, -(2n ** 200n), 2n ** 64n]],
    ["special numbers", [NaN, Infinity, -Infinity, 2 ** 53]],
  ])("carries %s", async (_, value) => {
    expect(await rt.go(jobs.echo, value)).toEqual(value);
  });

  it("carries a value of 3 MB and cycles", async () => {
    const big = new Uint8Array(3_000_000).map((_, i) => i * 7);
    expect(Buffer.compare((await rt.go(jobs.echo, big)) as Uint8Array, big)).toBe(0);
    const ring: { self?: unknown; name: string } = { name: "ring" };
    ring.self = ring;
    const got = (await rt.go(jobs.echo, ring)) as typeof ring;
    expect(got.self).toBe(got);
  });

  it("received bytes are a copy, not a view on shared memory", async () => {
    const got = (await rt.go(jobs.echo, new Uint8Array([1, 2, 3]))) as Uint8Array;
    expect(got.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("an error arrives with its name, class, code, cause, properties and own stack", async () => {
    const error = await rt.go(jobs.boom).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ name: "RangeError", message: "boom", code: "E_BOOM", detail: { at: [1, 2] } });
    expect((error as Error).cause).toBeInstanceOf(TypeError);
    expect((error as Error).stack).toMatch(/boom.*\n.*jobs\.ts/);
  });

  it("AggregateError keeps its errors", async () => {
    const error = (await rt.go(jobs.boomLater).catch((caught: unknown) => caught)) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors.map((one: Error) => [one.name, one.message])).toEqual([
      ["Error", "first"],
      ["TypeError", "second"],
    ]);
  });

  it.each([
    ["null", null],
    ["a string", "no"],
    ["a number", 0],
    ["an object", { code: 5 }],
  ])("a thrown value that is no Error: %s", async (_, value) => {
    const settled = await rt.go(jobs.throwValue, value).then(
      () => "resolved",
      (thrown: unknown) => ({ thrown }),
    );
    expect(settled).toEqual({ thrown: value });
  });

  it("a result that cannot be sent: ERR_UNSENDABLE with the path", async () => {
    await expect(rt.go(jobs.returnsFunction)).rejects.toMatchObject({
      code: "ERR_UNSENDABLE",
      message: expect.stringContaining("the result of returnsFunction.nested[0]"),
    });
  });

  it("2,000 tasks at once, each its own result", async () => {
    const results = await Promise.all(Array.from({ length: 2_000 }, (_, i) => rt.go(jobs.add, i, i)));
    expect(results).toEqual(Array.from({ length: 2_000 }, (_, i) => 2 * i));
  });

  it("thousands of light tasks wait beside each other", async () => {
    const gate = rt.channel(f64, 0);
    const tasks = Array.from({ length: 3_000 }, () => rt.go(jobs.waitAt, gate.receiver));
    for (let i = 0; i < 3_000; i++) await gate.send(i);
    const got = await Promise.all(tasks);
    expect(got.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
    gate.close();
  });

  it("tasks start tasks", async () => {
    expect(await rt.go(jobs.nest, 5)).toBe(32);
  });

  it("a channel made by a task, passed by a second to a third, carries values between any two", async () => {
    const first = rt.channel((await import("../../src/index.ts")).channelOf(f64), 0);
    const second = rt.channel((await import("../../src/index.ts")).channelOf(f64), 0);
    const making = rt.go(jobs.makeAndSend, first.sender);
    const passing = rt.go(jobs.forward, first.receiver, second.sender);
    const made = await second.recv();
    if (typeof made === "symbol") throw new Error("closed");
    await Promise.all([making, passing]);
    const got = [await made.recv(), await made.recv(), await made.recv(), await made.recv()];
    expect((got as number[]).toSorted()).toEqual([1, 2, 3, 4]);
    for (const ch of [made, first, second]) ch.close();
  });

  it("a signal aborted before the start: refused; while it waits in the queue: it never runs; while it runs: its promise rejects", async () => {
    const aborted = AbortSignal.abort("why");
    expect(() => rt.with({ signal: aborted }).go(jobs.nothing)).toThrow(expect.objectContaining({ code: "ABORT_ERR", cause: "why" }));
    const controller = new AbortController();
    const gate = rt.channel(f64, 0);
    const started = rt.channel(f64, 1);
    const running = rt.with({ signal: controller.signal }).go(jobs.waitAt, gate.receiver, started.sender);
    await started.recv();
    controller.abort("later");
    await expect(running).rejects.toMatchObject({ code: "ABORT_ERR", cause: "later" });
    await gate.send(1);
    gate.close();
    started.close();
  });
});
