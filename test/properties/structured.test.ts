// Structured values: whatever is sent to another thread and sent back is what it was, and the receiver's own.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Runtime, structured } from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { sharedViews } from "../support/shared-views.ts";
import { loop, roundTrips, WATCHDOG_MS } from "./support.ts";

let rt: Runtime;
vi.setConfig({ testTimeout: WATCHDOG_MS });
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 4 });
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

/** Prototypes and -0, NaN and undefined, Map, Set, Date and typed arrays, cycles: all as they were. Sends nothing of the sender's own memory. */
function expectSame(got: unknown, sent: unknown): void {
  if (!isDeepStrictEqual(got, sent)) expect(got).toStrictEqual(sent);
  expect(isDeepStrictEqual(got, sent)).toBe(true);
  expect(sharedViews(got)).toEqual([]);
}

const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;
const viewOf = fc.tuple(fc.constantFrom(...VIEWS), fc.array(fc.double(), { maxLength: 12 })).map(([View, list]) => new View(list));
const bigViewOf = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 5 }).map((list) => new BigInt64Array(list));

const tree = fc.letrec((tie) => {
  const any = tie("any");
  return {
    leaf: fc.oneof(
      fc.constantFrom(null, undefined, true, false, 0, -0, NaN, Infinity, -Infinity, "", "__proto__"),
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.string({ unit: "binary", maxLength: 50 }),
      fc.date({ noInvalidDate: true }),
      fc.constantFrom(/x/, /a\/b/giu, /^$/m),
      viewOf,
      bigViewOf,
      fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.buffer),
      fc.uint8Array({ minLength: 3, maxLength: 40 }).map((bytes) => new DataView(bytes.buffer, 1, 2)),
    ),
    any: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      tie("leaf"),
      fc.array(any, { maxLength: 6 }),
      fc.dictionary(fc.string({ unit: "binary", maxLength: 8 }), any, { maxKeys: 6, noNullPrototype: true }),
      fc.array(fc.tuple(any, any), { maxLength: 4 }).map((entries) => new Map(entries)),
      fc.array(any, { maxLength: 4 }).map((members) => new Set(members)),
    ),
  };
}).any;

const shared = { once: 1 };
const EDGES: unknown[] = [
  undefined,
  null,
  -0,
  [-0, 0],
  NaN,
  "x".repeat(20_000),
  Array.from({ length: 9_000 }, (_, i) => i),
  Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key ${i}`, i])),
  { 1: "a number for a key", "": "none", constructor: 1, toString: 2, length: 3, toJSON: 4 },
  [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, -(2n ** 200n)],
  [2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31) - 1, 5e-324],
  new Map<unknown, unknown>([
    [NaN, new Set()],
    [{ key: 1 }, new Map()],
    [undefined, null],
  ]),
  new Float64Array(16).subarray(3, 6).fill(2),
  new Date(8.64e15),
];

describe("any structured value", () => {
  it("arrives as it was sent, through every door", async () => {
    expect(await roundTrips(rt, structured(), { values: tree, edges: EDGES, expectSame })).toEqual([]);
  });

  it("what is one object arrives as one, cycles included", async () => {
    const there = loop(rt, structured<unknown>(), 1, "awaited");
    await fc.assert(
      fc.asyncProperty(fc.array(tree, { maxLength: 4 }), async (parts) => {
        const bytes = new Uint8Array([1, 2]);
        const sent: Record<string, unknown> = { parts, again: parts, shared, bytes, map: new Map<unknown, unknown>([["shared", shared]]) };
        sent.self = sent;
        sent.list = [sent, bytes, [parts]];
        (sent.map as Map<unknown, unknown>).set("self", sent).set(sent.map, sent.list);
        const got = (await there.round(sent)) as typeof sent & { map: Map<unknown, unknown>; list: [unknown, unknown, [unknown]] };
        expectSame(got, sent);
        expect(got.self).toBe(got);
        expect(got.again).toBe(got.parts);
        expect(got.list[0]).toBe(got);
        expect(got.list[1]).toBe(got.bytes);
        expect(got.list[2][0]).toBe(got.parts);
        expect(got.map.get("shared")).toBe(got.shared);
        expect(got.map.get("self")).toBe(got);
        expect(got.map.get(got.map)).toBe(got.list);
      }),
      { numRuns: 60, seed: 5 },
    );
    expect(await there.end()).toEqual([]);
  });

  it("what the sender does to it after the call does not show", async () => {
    const there = loop(rt, structured<unknown>(), 0, "awaited");
    await fc.assert(
      fc.asyncProperty(tree, async (part) => {
        const sent = { part, list: [1, 2], map: new Map([["a", { b: 1 }]]), bytes: new Uint8Array([1, 2, 3]) };
        const copy = structuredClone(sent);
        const round = there.round(sent); // nobody has received it when send() returns
        sent.list.push(3);
        sent.map.get("a")!.b = 2;
        sent.map.clear();
        sent.bytes.fill(9);
        (sent as { part: unknown }).part = "changed";
        const got = await round;
        expectSame(got, copy);
      }),
      { numRuns: 60, seed: 6 },
    );
    expect(await there.end()).toEqual([]);
  });
});

describe("text that is not well formed", () => {
  it.each([
    ["a value", "a\ud800b", "value"],
    ["inside", { list: [1, "\udc00"] }, "value.list[1]"],
    ["in a Map", new Map([["k", "\ud9ff"]]), "value.k"],
  ])("is refused rather than changed: %s", async (_, value, path) => {
    const ch = rt.channel(structured<unknown>(), 1);
    await expect(ch.send(value)).rejects.toMatchObject({ code: "ERR_UNSENDABLE", message: expect.stringContaining(path) });
    expect(ch.length).toBe(0);
    ch.close();
  });
});
