// R8 for channels and waits: every public call with bad input gets a coded error that says what was expected and what came, and nothing is lost.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Codec, channelOf, f64, Runtime } from "../../../src/index.ts";

let rt: Runtime;
let other: Runtime;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 0 });
  other = await Runtime.start({ threads: 0 });
});
afterAll(async () => {
  await rt.close();
  await other.close();
});

const any = <T>(value: unknown) => value as T;

describe("channel()", () => {
  it.each([
    ["capacity -1", -1],
    ["capacity 1.5", 1.5],
    ["capacity NaN", NaN],
    ["capacity Infinity", Infinity],
    ["capacity 2^40", 2 ** 40],
    ["capacity a string", any<number>("8")],
    ["capacity null", any<number>(null)],
  ])("%s", (_, capacity) => {
    expect(() => rt.channel(f64, capacity)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it.each([["undefined"], [null], [{}], ["f64"]])("codec %s", (codec) => {
    expect(() => rt.channel(any<Codec<number>>(codec), 1)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("ends misspelt", () => {
    expect(() => rt.channel(f64, 1, { ends: any("1-1") })).toThrow(/expected 'many-to-many' or 'one-to-one', got "1-1"/);
    expect(() => rt.channel(f64, 1, any("one-to-one"))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("more than the heap holds names ceiling, option and largest users", async () => {
    const small = await Runtime.start({ threads: 0, heapBytes: 4 * 1024 * 1024 });
    const kept = small.channel(f64, 1_000);
    const fill = () => {
      for (;;) small.channel(f64, 10_000);
    };
    expect(fill).toThrow(expect.objectContaining({ code: "ERR_HEAP_EXHAUSTED" }));
    expect(fill).toThrow(/ceiling is 4194304 bytes \(option heapBytes\).*largest users: \d+ blocks of/);
    expect(kept.trySend(1)).toBe(true);
    expect(kept.tryRecv()).toBe(1);
    await small.close();
  });

  it("handles nested too deep", () => {
    let codec = f64 as Codec<never>;
    expect(() => {
      for (let i = 0; i < 9; i++) codec = channelOf(codec) as unknown as Codec<never>;
    }).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });
});

describe("send", () => {
  it.each([
    ["string", "1"],
    ["undefined", undefined],
    ["null", null],
    ["bigint", 1n],
    ["object", {}],
  ])("a %s through f64: refused, nothing sent", async (_, value) => {
    const ch = rt.channel(f64, 1);
    await expect(ch.send(any(value))).rejects.toMatchObject({
      code: "ERR_INVALID_ARG",
      message: expect.stringContaining("expected a number, got"),
    });
    expect(() => ch.trySend(any(value))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => ch.sendSync(any(value))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(ch.length).toBe(0);
    ch.close();
  });

  it("a channel of another runtime: ERR_FOREIGN_HANDLE", async () => {
    const carrier = rt.channel(channelOf(f64), 1);
    const foreign = other.channel(f64, 1);
    await expect(carrier.send(foreign)).rejects.toMatchObject({ code: "ERR_FOREIGN_HANDLE" });
    expect(carrier.length).toBe(0);
    carrier.close();
    foreign.close();
  });

  it("a channel of the wrong kind, or no channel", async () => {
    const carrier = rt.channel(channelOf(f64), 1);
    const nested = rt.channel(channelOf(f64), 1);
    await expect(carrier.send(any(nested))).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await expect(carrier.send(any({ ring: 1 }))).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    carrier.close();
    nested.close();
  });
});

describe("wait options", () => {
  it.each([
    ["timeoutMs -1", { timeoutMs: -1 }],
    ["timeoutMs NaN", { timeoutMs: NaN }],
    ["timeoutMs a string", { timeoutMs: "5" }],
    ["signal a string", { signal: "abort" }],
    ["signal null", { signal: null }],
    ["signal an object", { signal: {} }],
    ["options a number", 5],
    ["options null", null],
  ])("%s", async (_, options) => {
    const ch = rt.channel(f64, 1);
    await expect(ch.recv(any(options))).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await expect(ch.send(1, any(options))).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    expect(() => ch.recvSync(any(options))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => ch.sendSync(1, any(options))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(ch.length).toBe(0);
    ch.close();
  });

  it("Infinity and undefined are no timeout", async () => {
    const ch = rt.channel(f64, 1);
    const waiting = ch.recv({ timeoutMs: Infinity, signal: undefined });
    await ch.send(1, { timeoutMs: undefined });
    expect(await waiting).toBe(1);
    ch.close();
  });
});

describe("a closed runtime", () => {
  it("refuses every call by name, and settles what waited", async () => {
    const closed = await Runtime.start({ threads: 0 });
    const ch = closed.channel(f64, 1);
    const waiting = ch.recv();
    const report = await closed.close();
    await expect(waiting).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect(report.leftovers).toMatchObject({ channels: [{ capacity: 1, length: 0, madeBy: 0 }], waits: 1 });
    await expect(ch.send(1)).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await expect(ch.recv()).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect(() => ch.tryRecv()).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    expect(() => ch.close()).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    expect(() => closed.channel(f64, 1)).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    expect(await closed.close()).toBe(report);
  });
});
