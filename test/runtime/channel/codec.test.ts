// Codecs: every value of a codec's kind arrives as it was sent, through a fresh view on the handle too; nothing else is taken.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bool,
  bytes,
  CLOSED,
  type Codec,
  channelOf,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  Runtime,
  type Sender,
  select,
  structured,
  u8,
  u16,
  u32,
  u64,
  utf8,
} from "../../../src/index.ts";

let rt: Runtime;
beforeAll(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterAll(async () => {
  expect((await rt.close()).leftovers).toEqual({ channels: [], waits: 0 });
});

const whole = (min: number, max: number) => fc.integer({ min, max });
const KINDS: [string, Codec<unknown>, fc.Arbitrary<unknown>, unknown[]][] = [
  ["f64", f64, fc.double(), ["1", null, 1n, true]],
  ["f32", f32, fc.float(), ["1", null, 1n]],
  ["bool", bool, fc.boolean(), [0, 1, "true", undefined]],
  ["i8", i8, whole(-128, 127), [-129, 128, 0.5, NaN, Infinity, "1", 1n]],
  ["u8", u8, whole(0, 255), [-1, 256, 0.5, NaN, true]],
  ["i16", i16, whole(-32_768, 32_767), [-32_769, 32_768, 0.5]],
  ["u16", u16, whole(0, 65_535), [-1, 65_536]],
  ["i32", i32, whole(-(2 ** 31), 2 ** 31 - 1), [-(2 ** 31) - 1, 2 ** 31]],
  ["u32", u32, whole(0, 2 ** 32 - 1), [-1, 2 ** 32]],
  ["i64", i64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), [2n ** 63n, -(2n ** 63n) - 1n, 1, "1"]],
  ["u64", u64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), [-1n, 2n ** 64n, 0]],
  ["utf8", utf8, fc.string({ unit: "binary", maxLength: 300 }), [1, null, new Uint8Array(1)]],
] as unknown as [string, Codec<unknown>, fc.Arbitrary<unknown>, unknown[]][];

describe.each(KINDS)("codec %s", (name, codec, values, refused) => {
  it("carries every value of its kind, through the ring and through a rendezvous", async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.constantFrom(0, 3), async (value, capacity) => {
        const ch = rt.channel(codec, capacity);
        const received = ch.recv();
        await ch.send(value);
        ch.close();
        return Object.is(await received, value);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it("a view opened from the handle carries the same codec", async () => {
    const carrier = rt.channel(channelOf(codec), 1);
    const ch = rt.channel(codec, 1);
    await carrier.send(ch);
    const opened = await carrier.recv();
    if (opened === CLOSED) throw new Error("closed");
    expect(opened.ring.codec.name).toBe(name);
    carrier.close();
    ch.close();
  });

  it.each(refused.map((value) => [value]))("refuses %s with a coded error, sends nothing", async (value) => {
    const ch = rt.channel(codec, 1);
    await expect(ch.send(value)).rejects.toMatchObject({ code: "ERR_INVALID_ARG", message: expect.stringContaining(name) });
    expect(ch.length).toBe(0);
    ch.close();
  });
});

describe("blocks", () => {
  it("bytes arrive as the receiver's own copy, of any length, 0 included", async () => {
    const ch = rt.channel(bytes, 4);
    for (const length of [0, 1, 15, 16, 17, 4_096, 70_000]) {
      const sent = new Uint8Array(length).map((_, i) => i * 31);
      await ch.send(sent);
      const got = (await ch.recv()) as Uint8Array;
      expect(Buffer.compare(got, sent)).toBe(0);
      expect(got.buffer).toBeInstanceOf(ArrayBuffer);
      sent.fill(9);
      if (length > 0) expect(got[0]).toBe(0);
    }
    ch.close();
  });

  it("a lone surrogate is refused, nothing is sent and nothing kept", async () => {
    const before = rt.heapUse().blocks;
    const ch = rt.channel(utf8, 1);
    await expect(ch.send("\ud800")).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
    ch.close();
    expect(rt.heapUse().blocks).toBe(before);
  });

  it.each([0, 1, 7])("what is not sent is not kept, capacity %i: full, timeout, abort, close, a select's other case", async (capacity) => {
    const before = rt.heapUse();
    const ch = rt.channel(utf8, capacity);
    const other = rt.channel(f64, 1);
    for (let i = 0; i < capacity; i++) await ch.send(`value ${i}`);
    expect(ch.trySend("no room")).toBe(false);
    await expect(ch.send("too late", { timeoutMs: 1 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    const controller = new AbortController();
    const aborted = ch.send("aborted", { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(() => ch.sendSync("would block")).toThrow(expect.objectContaining({ code: "ERR_WOULD_DEADLOCK" }));
    other.trySend(1);
    expect((await select({ sent: ch.sending("not chosen"), other })).case).toBe("other");
    const closed = ch.send("refused");
    ch.close();
    await expect(closed).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    await expect(ch.send("refused")).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    await expect(select({ sent: ch.sending("refused") })).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    const got: unknown[] = [];
    for await (const value of ch) got.push(value);
    expect(got).toEqual(Array.from({ length: capacity }, (_, i) => `value ${i}`));
    other.close();
    expect(await other.recv()).toBe(CLOSED);
    expect(rt.heapUse().blocks).toBe(before.blocks);
  });

  it("order holds between waiting senders and the ring", async () => {
    const ch = rt.channel(utf8, 2);
    const sends = Array.from({ length: 10 }, (_, i) => ch.send(String(i)));
    const got: unknown[] = [];
    for (let i = 0; i < 10; i++) got.push(await ch.recv());
    await Promise.all(sends);
    expect(got.join("")).toBe("0123456789");
    ch.close();
  });
});

describe("structured", () => {
  it.each([
    ["plain data", { a: [1, "two", { three: null }], u: undefined }],
    ["Date, Map, Set, RegExp", [new Date(7), new Map([[{ k: 1 }, new Set([1])]]), /x/gi]],
    ["typed arrays", [new Float64Array([-0, NaN]), new Uint8Array(3), new DataView(new ArrayBuffer(2))]],
    ["bigint", [2n ** 80n, -1n]],
  ])("carries %s", async (_, value) => {
    const ch = rt.channel(structured<unknown>(), 1);
    await ch.send(value);
    expect(await ch.recv()).toEqual(value);
    ch.close();
  });

  it("carries errors whole, inside other data too", async () => {
    const ch = rt.channel(structured<{ error: unknown }>(), 1);
    const cause = Object.assign(new TypeError("cause"), { code: "E_CAUSE" });
    const error = Object.assign(new AggregateError([new RangeError("one")], "all", { cause }), { code: "E_ALL", extra: { n: 1 } });
    await ch.send({ error });
    const got = ((await ch.recv()) as { error: AggregateError & { code: string } }).error;
    expect(got).toBeInstanceOf(AggregateError);
    expect(got).toMatchObject({
      name: "AggregateError",
      message: "all",
      code: "E_ALL",
      extra: { n: 1 },
      cause: { name: "TypeError", code: "E_CAUSE" },
    });
    expect([got.errors[0] instanceof RangeError, got.stack === error.stack]).toEqual([true, true]);
    ch.close();
  });

  it("carries channels and their ends", async () => {
    const ch = rt.channel(structured<{ back: Sender<number> }>(), 1);
    const back = rt.channel(f64, 1);
    await ch.send({ back: back.sender });
    await ((await ch.recv()) as { back: Sender<number> }).back.send(5);
    expect(await back.recv()).toBe(5);
    ch.close();
    back.close();
  });

  it("refuses what cannot cross, with the path", async () => {
    const ch = rt.channel(structured<unknown>(), 1);
    await expect(ch.send({ list: [1, { f: () => 1 }] })).rejects.toMatchObject({
      code: "ERR_UNSENDABLE",
      message: expect.stringContaining("value.list[1].f"),
    });
    await expect(ch.send(new Map([["k", Symbol("s")]]))).rejects.toMatchObject({
      code: "ERR_UNSENDABLE",
      message: expect.stringContaining("value.k"),
    });
    ch.close();
  });
});
