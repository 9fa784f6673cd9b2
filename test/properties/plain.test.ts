// Numbers, bool, bigints, text and bytes: what is sent to another thread and sent back is what it was.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bool, bytes, type Codec, f32, f64, i8, i16, i32, i64, Runtime, u8, u16, u32, u64, utf8 } from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { sharedViews } from "../support/shared-views.ts";
import { type Check, loop, roundTrips, WATCHDOG_MS } from "./support.ts";

let rt: Runtime;
vi.setConfig({ testTimeout: WATCHDOG_MS });
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 4 });
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const same = (got: unknown, sent: unknown) => expect(Object.is(got, sent), `${String(got)} is ${String(sent)}`).toBe(true);
const DOUBLES = [0, -0, NaN, Infinity, -Infinity, 5e-324, -5e-324, Number.MAX_VALUE, Number.EPSILON, 2 ** 53 - 1, 2 ** 53, -(2 ** 31) - 1];

interface Row {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly check: Check<unknown>;
}

/** `as`: what a value arrives as, when not as itself. */
function row<T>(name: string, codec: Codec<T>, values: fc.Arbitrary<T>, edges: readonly T[], as = (sent: T) => sent): Row {
  const check: Check<T> = { values, edges, expectSame: (got, sent) => same(got, as(sent)) };
  return { name, codec: codec as Codec<unknown>, check: check as Check<unknown> };
}
function whole(name: string, codec: Codec<number>, min: number, max: number) {
  return row(name, codec, fc.integer({ min, max }), [min, max, min + 1, max - 1, 0, -0, 1], (sent) => sent + 0);
}
function big(name: string, codec: Codec<bigint>, min: bigint, max: bigint) {
  return row(name, codec, fc.bigInt({ min, max }), [min, max, min + 1n, max - 1n, 0n, 1n, 2n ** 32n, 2n ** 53n + 1n]);
}

const TEXTS = [
  "",
  "\0",
  "\ufeffwith a mark",
  "é ß € – 漢字",
  "😀\u{10ffff}\u{10000}",
  "e\u0301",
  "a".repeat(70_000),
  "😀".repeat(9_000),
  "\ud7ff\ue000\uffff",
];
const ROWS: Row[] = [
  row("f64", f64, fc.double(), DOUBLES),
  row("f32", f32, fc.double(), [...DOUBLES, 1e-50, 1e39, 0.1, 16_777_217], Math.fround),
  row("bool", bool, fc.boolean(), [true, false]),
  whole("i8", i8, -128, 127),
  whole("u8", u8, 0, 255),
  whole("i16", i16, -32_768, 32_767),
  whole("u16", u16, 0, 65_535),
  whole("i32", i32, -(2 ** 31), 2 ** 31 - 1),
  whole("u32", u32, 0, 2 ** 32 - 1),
  big("i64", i64, -(2n ** 63n), 2n ** 63n - 1n),
  big("u64", u64, 0n, 2n ** 64n - 1n),
  row("utf8", utf8, fc.string({ unit: "binary", maxLength: 400 }), TEXTS),
];

describe.each(ROWS)("$name", ({ codec, check }) => {
  it("arrives as it was sent, through every door", async () => {
    expect(await roundTrips(rt, codec, check)).toEqual([]);
  });
});

describe("text that is not well formed", () => {
  it("is refused, and what follows it arrives", async () => {
    const there = loop(rt, utf8, 1, "awaited");
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.integer({ min: 0xd800, max: 0xdfff }), fc.string(), async (before, lone, after) => {
        const text = `${before}${String.fromCharCode(lone)} ${after}`;
        await expect(there.round(text)).rejects.toMatchObject({ code: "ERR_UNSENDABLE", message: expect.stringContaining("surrogate") });
        expect(await there.round(after)).toBe(after);
      }),
      { numRuns: 40, seed: 3 },
    );
    expect(await there.end()).toEqual([]);
  });
});

describe("bytes", () => {
  const sameBytes = (got: unknown, sent: Uint8Array) => {
    expect(Object.getPrototypeOf(got)).toBe(Uint8Array.prototype);
    expect(Buffer.compare(got as Uint8Array, sent)).toBe(0);
    expect(sharedViews(got)).toEqual([]);
  };
  const whole = new Uint8Array(200_000).map((_, i) => i * 31);
  const edges = [
    new Uint8Array(0),
    whole,
    whole.subarray(3, 1_000),
    Buffer.from("a buffer"),
    new Uint8Array(new SharedArrayBuffer(9)).fill(7),
  ];

  it("arrive as they were sent, a copy of the receiver's own, through every door", async () => {
    const values = fc.uint8Array({ maxLength: 5_000 });
    expect(await roundTrips(rt, bytes, { values, edges, expectSame: sameBytes })).toEqual([]);
  });

  it("what the sender does to them after the call does not show", async () => {
    const there = loop(rt, bytes, 0, "awaited");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), async (sent) => {
        const copy = sent.slice();
        const round = there.round(sent); // nobody has received it when send() returns
        sent.fill(0xee);
        sameBytes(await round, copy);
      }),
      { numRuns: 60, seed: 4 },
    );
    expect(await there.end()).toEqual([]);
  });
});
