// Structs: fields of every width arrive whole, through every door and between threads; what does not fit is named by its path.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  bool,
  bytes,
  type Channel,
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
  senderOf,
  struct,
  structured,
  trySelect,
  u8,
  u16,
  u32,
  u64,
  utf8,
} from "../../../src/index.ts";
import { compile, type Field, walk } from "../../../src/runtime/channel/struct-code.ts";
import { isWhole, mark } from "../../fixtures/struct-jobs.ts";
import { leftovers, NOTHING, waitersOf } from "../../support/heap.ts";

const url = new URL("../../fixtures/struct-jobs.js", import.meta.url);
type Jobs = typeof import("../../fixtures/struct-jobs.ts");

const MARK = struct({ at: f64, small: i8, exact: i64, inner: struct({ half: f32, yes: bool }) });
const ALL = struct({ a: i8, b: f64, c: u8, d: i16, e: u16, f: bool, g: i32, h: u32, i: f32, j: i64, k: u64 });
const all = fc.record(
  {
    a: fc.integer({ min: -128, max: 127 }),
    b: fc.double(),
    c: fc.integer({ min: 0, max: 255 }),
    d: fc.integer({ min: -32_768, max: 32_767 }),
    e: fc.integer({ min: 0, max: 65_535 }),
    f: fc.boolean(),
    g: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    h: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    i: fc.float(),
    j: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    k: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  },
  { noNullPrototype: true },
);

describe("on one thread", () => {
  let rt: Runtime;
  beforeEach(async () => {
    rt = await Runtime.start({ threads: 0 });
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("fields of every width arrive as they were sent, at every capacity, whoever came first", async () => {
    await fc.assert(
      fc.asyncProperty(all, fc.constantFrom(0, 1, 3), fc.boolean(), async (value, capacity, isReceiverFirst) => {
        const ch = rt.channel(ALL, capacity);
        const early = isReceiverFirst ? ch.recv() : undefined;
        const sending = ch.send(value);
        expect(await (early ?? ch.recv())).toStrictEqual(value);
        await sending;
        ch.close();
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  it("many wait at once, each with its own cell", async () => {
    const ch = rt.channel(MARK, 0);
    const received = Array.from({ length: 100 }, () => ch.recv());
    for (let n = 0; n < 100; n++) expect(ch.trySend(mark(n))).toBe(true);
    expect(await Promise.all(received)).toEqual(Array.from({ length: 100 }, (_, n) => mark(n)));
    const sent = Array.from({ length: 100 }, (_, n) => ch.send(mark(n)));
    for (let n = 0; n < 100; n++) expect(ch.tryRecv()).toEqual(mark(n));
    await Promise.all(sent);
    ch.close();
  });

  it("a select receives and sends them, whichever case is chosen", async () => {
    const [a, b] = [rt.channel(MARK, 0), rt.channel(MARK, 1)];
    const chosen = select({ a, b });
    await b.send(mark(7));
    expect(await chosen).toEqual({ case: "b", value: mark(7) });
    const sending = select({ a: a.sender.sending(mark(1)), b });
    expect(await a.recv()).toEqual(mark(1));
    expect((await sending).case).toBe("a");
    expect(trySelect({ a, b })).toBeUndefined();
    expect([waitersOf(a as never), waitersOf(b as never)]).toEqual([
      { receivers: 0, senders: 0 },
      { receivers: 0, senders: 0 },
    ]);
    a.close();
    b.close();
  });

  it("a wait that ends early frees its cell", async () => {
    const ch = rt.channel(MARK, 0);
    const before = rt.heapUse().blocks;
    await expect(ch.recv({ timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    await expect(ch.send(mark(1), { timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    await expect(select({ ch }, { timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    const closed = ch.recv();
    ch.close();
    await closed;
    expect(rt.heapUse().blocks).toBe(before);
  });

  it("in bulk: in order, around the ring's end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 7, 64),
        fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 8 }),
        async (capacity, sizes) => {
          const ch = rt.channel(MARK, capacity);
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const sending = (async () => {
            let next = 0;
            for (const size of sizes) await ch.sendMany(Array.from({ length: size }, () => mark(next++)));
            ch.close();
          })();
          const got = [];
          for (let values = await ch.recvMany(13); typeof values !== "symbol"; values = await ch.recvMany(13)) got.push(...values);
          await sending;
          expect(got).toEqual(Array.from({ length: total }, (_, n) => mark(n)));
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  it("a getter that sends in the midst of a send disturbs neither", async () => {
    const ch = rt.channel(MARK, 8);
    const nosy = (n: number) => ({
      ...mark(n),
      get at() {
        if (!ch.trySend(mark(n + 100))) throw new Error("full");
        return n;
      },
    });
    await ch.sendMany([nosy(1), nosy(2)]);
    await ch.send(nosy(3));
    const got = [];
    for (let i = 0; i < 6; i++) got.push(await ch.recv());
    expect(got.every((value) => typeof value !== "symbol" && isWhole(value))).toBe(true);
    expect(got.map((value) => (value as { at: number }).at).sort((a, b) => a - b)).toEqual([1, 2, 3, 101, 102, 103]);
    ch.close();
  });

  it("carries handles, and travels in channels of channels; a layout is opened from the heap", async () => {
    const REQUEST = struct({ id: u32, reply: senderOf(MARK) });
    const requests = rt.channel(REQUEST, 1);
    const replies = rt.channel(MARK, 1);
    await requests.send({ id: 5, reply: replies.sender });
    const request = await requests.recv();
    if (typeof request === "symbol") throw new Error("closed");
    await request.reply.send(mark(5));
    expect(await replies.recv()).toEqual(mark(5));
    const carrier = rt.channel(channelOf(channelOf(REQUEST)), 1);
    const inner = rt.channel(channelOf(REQUEST), 1);
    await carrier.send(inner);
    expect(((await carrier.recv()) as Channel<unknown>).ring.codec.name).toBe("channelOf(struct(id, reply))");
    for (const ch of [requests, replies, carrier, inner]) ch.close();
  });

  it("the same layout declared twice is one; a channel of another is refused", async () => {
    const carrier = rt.channel(senderOf(struct({ x: f64 })), 1);
    const [same, other] = [rt.channel(struct({ x: f64 }), 1), rt.channel(struct({ y: f64 }), 1)];
    expect(carrier.trySend(same.sender)).toBe(true);
    await carrier.recv();
    expect(() => carrier.trySend(other.sender as unknown as Sender<{ x: number }>)).toThrow(/expected a Sender of struct\(x\)/);
    for (const ch of [carrier, same, other]) ch.close();
  });

  it("names the field that does not fit, and sends nothing", () => {
    const ch = rt.channel(MARK, 1);
    const cases: [unknown, RegExp][] = [
      [{ ...mark(1), small: 128 }, /struct value\.small: .*from -128 to 127, got 128/],
      [{ ...mark(1), exact: 1 }, /struct value\.exact: .*bigint/],
      [{ ...mark(1), inner: { half: "a", yes: true } }, /struct value\.inner\.half: .*a number/],
      [{ ...mark(1), inner: undefined }, /struct value\.inner: expected an object, got undefined/],
      [{}, /struct value\.at: .*got undefined/],
      [null, /struct value: expected an object, got null/],
      [3, /struct value: expected an object/],
    ];
    for (const [value, message] of cases) {
      expect(() => ch.trySend(value as never)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARG", message: expect.stringMatching(message) }),
      );
    }
    expect(ch.length).toBe(0);
    ch.close();
  });

  it.each([
    [undefined, /object of field names/],
    [{}, /at least one field/],
    [{ name: utf8 }, /struct: name: expected a codec of fixed size/],
    [{ raw: bytes }, /fixed size/],
    [{ any: structured() }, /fixed size/],
    [{ x: 3 }, /fixed size/],
    [JSON.parse('{"__proto__":1}'), /other than __proto__/],
    [Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`f${i}`, f64])), /at most 1024 bytes/],
  ])("a bad layout %# is refused with a coded error", (fields, message) => {
    expect(() => struct(fields as never)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG", message: expect.stringMatching(message) }),
    );
  });

  it("more layouts than the table holds: a coded error", async () => {
    const many = await Runtime.start({ threads: 0 });
    const declare = (n: number) => many.channel(struct({ [`field${n}`]: f64 }), 0).close();
    for (let n = 0; n < 1_024; n++) declare(n);
    expect(() => declare(1_024)).toThrow(expect.objectContaining({ code: "ERR_TOO_MANY_STRUCTS" }));
    declare(5);
    expect(await leftovers(many)).toEqual(NOTHING);
  });

  it("a capacity too large for the cells is refused with its limit", () => {
    const wide = struct(Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`f${i}`, f64])));
    expect(() => rt.channel(wide, 2 ** 20)).toThrow(/from 0 to 524288/);
  });

  it("where code from strings is forbidden the fields are walked, with the same bytes", () => {
    const fields = (MARK as unknown as { fields: Field[] }).fields;
    const ch = rt.channel(f64, 0);
    const { thread } = ch.ring;
    const [generated, walked] = [compile(fields), walk(fields)];
    const { cell } = thread.workspace;
    const bytesOf = () => [...thread.heap.u8.slice(cell, cell + MARK.strideBytes)];
    generated.write(mark(9), cell, thread);
    const expected = bytesOf();
    thread.heap.u8.fill(0, cell, cell + MARK.strideBytes);
    walked.write(mark(9), cell, thread);
    expect(bytesOf()).toEqual(expected);
    expect(walked.read(cell, thread)).toStrictEqual(generated.read(cell, thread));
    ch.close();
  });
});

describe("on two threads", () => {
  const COUNT = 3_000;
  const numbers = Array.from({ length: COUNT }, (_, n) => n);
  const kinds = ["produce", "produceSync", "produceMany"] as const;
  let rt: Runtime;
  beforeEach(async () => {
    rt = await Runtime.start({ threads: 1 });
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it.each(kinds.flatMap((kind) => [0, 1, 64].map((capacity) => [kind, capacity] as const)))(
    "%s, capacity %d: whole, once, in order",
    async (kind, capacity) => {
      const jobs = rt.module<Jobs>(url);
      const ch = rt.channel(MARK, capacity);
      const consuming = rt.with({ dedicated: true }).go(kind === "produceSync" ? jobs.consumeSync : jobs.consume, ch.receiver);
      await rt.with({ dedicated: true }).go(jobs[kind], ch.sender, 0, COUNT);
      ch.close();
      expect(await consuming).toEqual(numbers);
    },
  );

  it("a select over two channels of them", async () => {
    const jobs = rt.module<Jobs>(url);
    const [a, b] = [rt.channel(MARK, 0), rt.channel(MARK, 2)];
    const consuming = rt.with({ dedicated: true }).go(jobs.consumeBySelect, a.receiver, b.receiver, COUNT);
    const half = COUNT / 2;
    await Promise.all([rt.go(jobs.produce, a.sender, 0, half), rt.go(jobs.produceMany, b.sender, half, half)]);
    const got = await consuming;
    expect(got.filter((n) => n < half)).toEqual(numbers.slice(0, half));
    expect(got.filter((n) => n >= half)).toEqual(numbers.slice(half));
    a.close();
    b.close();
  });
});
