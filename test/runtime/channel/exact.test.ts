// The default codec keeps what MessagePack has no form for: −0 and holes in arrays, wherever they stand.

import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Runtime, type Sender, structured } from "../../../src/index.ts";
import { leftovers, NOTHING } from "../../support/heap.ts";

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterEach(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

async function sent(value: unknown): Promise<unknown> {
  const ch = rt.channel(structured<unknown>(), 1);
  try {
    await ch.send(value);
  } finally {
    ch.close();
  }
  return ch.recv();
}

/** An array of this length with these entries and holes between them. */
const sparse = (length: number, entries: Record<number, unknown>): unknown[] => Object.assign(new Array(length), entries);
const HOLES = sparse(5, { 0: 1, 2: -0, 4: undefined });

it.each([
  ["−0 alone", -0],
  ["−0 in an object, an array, a map's value, a set", { a: -0, b: [-0], c: new Map([["k", -0]]), d: new Set([[-0]]) }],
  ["an array with holes", HOLES],
  ["holes only", new Array(3)],
  ["holes inside holes", sparse(3, { 0: HOLES, 2: sparse(2, { 1: HOLES }) })],
])("%s", async (_, value) => {
  expect(await sent(value)).toStrictEqual(value);
});

it("beside dates, bytes and errors, whose own properties are kept too", async () => {
  const error = Object.assign(new RangeError("far"), { by: -0, list: HOLES });
  const value = { at: new Date(5), raw: Uint8Array.of(1), error, zero: -0 };
  const got = (await sent(value)) as typeof value;
  expect(got).toStrictEqual(value);
  expect(Object.is(got.error.by, -0)).toBe(true);
  expect(1 in got.error.list).toBe(false);
});

it("beside handles, which are not looked into", async () => {
  const inner = rt.channel(structured<unknown>(), 1);
  const got = (await sent({ zero: -0, out: inner.sender })) as { zero: number; out: Sender<unknown> };
  expect(Object.is(got.zero, -0)).toBe(true);
  got.out.trySend(1);
  expect(inner.tryRecv()).toBe(1);
  inner.close();
});

it("in a cycle, and in more values than are looked at without remembering them", async () => {
  const value: Record<string, unknown> = { many: Array.from({ length: 5_000 }, (_, i) => ({ i })), zero: -0 };
  value.self = value;
  const got = (await sent(value)) as typeof value;
  expect(got.self).toBe(got);
  expect(Object.is(got.zero, -0)).toBe(true);
  expect(got.many).toEqual(value.many);
});

it("properties of an array beside its values do not cross, with holes or without", async () => {
  const named = Object.assign(sparse(3, { 0: 1, 2: -0 }), { name: "x" });
  expect(await sent(named)).toStrictEqual(sparse(3, { 0: 1, 2: -0 }));
  expect(await sent(Object.assign([1, -0], { name: "x" }))).toStrictEqual([1, -0]);
});

it("what is shared stays shared", async () => {
  const [a, b] = (await sent([HOLES, HOLES])) as [unknown, unknown];
  expect(a).toBe(b);
});

it("what is sent is not changed", async () => {
  const value = { zero: -0, holes: HOLES };
  await sent(value);
  expect(value).toStrictEqual({ zero: -0, holes: HOLES });
});

it("an array with holes that contains itself is refused with a coded error", async () => {
  const value: unknown[] = new Array(2);
  value[1] = value;
  await expect(sent({ value })).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
});

it("any structured value arrives equal", async () => {
  const any = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true, withTypedArray: true });
  await fc.assert(
    fc.asyncProperty(any, async (value) => {
      const got = await sent(value);
      expect(got).toEqual(value);
      expect(Object.is(got, -0)).toBe(Object.is(value, -0));
    }),
    { numRuns: 1_000, seed: 5 },
  );
});
