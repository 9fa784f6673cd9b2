// R8 for the runtime, modules and tasks.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, f64, Runtime } from "../../src/index.ts";

const jobsUrl = new URL("../fixtures/jobs.js", import.meta.url);
const any = <T>(value: unknown) => value as T;
const code = (expected: string) => expect.objectContaining({ code: expected });

describe("Runtime.start", () => {
  it.each([
    ["threads -1", { threads: -1 }],
    ["threads 1.5", { threads: 1.5 }],
    ["threads NaN", { threads: NaN }],
    ["threads Infinity", { threads: Infinity }],
    ["threads 10,000", { threads: 10_000 }],
    ["threads a string", { threads: any<number>("2") }],
    ["maxDedicated -1", { threads: 0, maxDedicated: -1 }],
    ["heapBytes 1", { threads: 0, heapBytes: 1 }],
    ["heapBytes 2^40", { threads: 0, heapBytes: 2 ** 40 }],
    ["heapBytes NaN", { threads: 0, heapBytes: NaN }],
    ["resourceLimits a number", { threads: 0, resourceLimits: any<object>(5) }],
    ["options null", any<object>(null)],
    ["options a number", any<object>(2)],
  ])("%s", async (_, options) => {
    await expect(Runtime.start(options)).rejects.toMatchObject({
      code: "ERR_INVALID_ARG",
      message: expect.stringMatching(/expected .*, got /),
    });
  });

  it("Runtime.current without one", () => {
    expect(() => Runtime.current).toThrow(code("ERR_NO_RUNTIME"));
  });
});

describe.each([0, 1])("threads: %i", (threads) => {
  let rt: Runtime;
  beforeAll(async () => {
    rt = await Runtime.start({ threads });
  });
  afterAll(async () => {
    const { heap } = await rt.close();
    expect([heap.tasks, heap.blocks]).toEqual([0, 0]);
  });

  it("module(): no URL, no file", () => {
    expect(() => rt.module("./jobs.js")).toThrow(code("ERR_INVALID_ARG"));
    expect(() => rt.module(any<URL>(undefined))).toThrow(code("ERR_INVALID_ARG"));
    expect(() => rt.module(new URL("./missing.js", import.meta.url))).toThrow(code("ERR_NO_MODULE"));
  });

  it("go(): no reference, a closure, a name the module does not export", async () => {
    const jobs = rt.module<typeof import("../fixtures/jobs.ts")>(jobsUrl);
    expect(() => rt.go(any<() => void>(undefined))).toThrow(code("ERR_NO_FUNCTION"));
    expect(() => rt.go(() => 1)).toThrow(/closures cannot cross threads/);
    expect(() => (jobs.add as (a: number, b: number) => number)(1, 2)).toThrow(code("ERR_NO_FUNCTION"));
    const missing = any<{ misspelt: () => void }>(jobs).misspelt;
    await expect(rt.go(missing)).rejects.toMatchObject({
      code: "ERR_NO_FUNCTION",
      message: expect.stringContaining("its functions are: "),
    });
  });

  it.each([
    ["a function", () => 1, "arguments[2][0]"],
    ["a symbol", Symbol("s"), "arguments[2][0]"],
    ["a promise", Promise.resolve(), "arguments[2][0]"],
    ["a WeakMap", new WeakMap(), "arguments[2][0]"],
    ["deep inside", { a: [{ b: () => 1 }] }, "arguments[2][0].a[0].b"],
  ])("go(): an argument that cannot be sent: %s", (_, value, path) => {
    const jobs = rt.module<typeof import("../fixtures/jobs.ts")>(jobsUrl);
    expect(() => rt.go(jobs.echo, value)).toThrow(code("ERR_UNSENDABLE"));
    expect(() => rt.go(jobs.echo, value)).toThrow(path);
  });

  it("go(): a channel of another runtime", async () => {
    const other = await Runtime.start({ threads: 0 });
    const jobs = rt.module<typeof import("../fixtures/jobs.ts")>(jobsUrl);
    const ch = other.channel(f64, 1);
    expect(() => rt.go(jobs.sum, ch.receiver)).toThrow(code("ERR_FOREIGN_HANDLE"));
    ch.close();
    await other.close();
  });

  it("with(): options of the wrong kind", () => {
    const jobs = rt.module<typeof import("../fixtures/jobs.ts")>(jobsUrl);
    expect(() => rt.with(any(null))).toThrow(code("ERR_INVALID_ARG"));
    expect(() => rt.with({ dedicated: any(1) }).go(jobs.nothing)).toThrow(code("ERR_INVALID_ARG"));
    expect(() => rt.with({ signal: any("x") }).go(jobs.nothing)).toThrow(code("ERR_INVALID_ARG"));
    expect(() => rt.gang(any<ReturnType<typeof call>>(undefined))).toThrow(code("ERR_NO_FUNCTION"));
  });

  it("a module with a syntax error, one that throws at import, one that exports no function", async () => {
    for (const [source, expected] of [
      ["export function f( {", { name: "SyntaxError" }],
      ["throw Object.assign(new Error('at import'), { code: 'E_IMPORT' })", { code: "E_IMPORT" }],
      ["export const f = 5", { code: "ERR_NO_FUNCTION" }],
    ] as const) {
      const broken = rt.module<{ f: () => void }>(`data:text/javascript,${encodeURIComponent(source)}`);
      await expect(rt.go(broken.f)).rejects.toMatchObject(expected);
      await expect(rt.go(broken.f)).rejects.toMatchObject(expected);
    }
  });

  it("close(): bad graceMs leaves it open", async () => {
    for (const graceMs of [-1, NaN, any<number>("1")]) {
      await expect(rt.close({ graceMs })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    }
    const jobs = rt.module<typeof import("../fixtures/jobs.ts")>(jobsUrl);
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
  });

  it("gang(): arguments that cannot be sent start nothing", () => {
    const jobs = rt.module<typeof import("../fixtures/jobs.ts")>(jobsUrl);
    const before = rt.heapUse();
    expect(() =>
      rt.gang(
        call(jobs.add, 1, 2),
        call(jobs.echo, () => 1),
      ),
    ).toThrow(code("ERR_UNSENDABLE"));
    expect(rt.heapUse()).toEqual(before);
  });
});
