// Structs of random layouts: every field arrives as it was sent, on threads that have never seen the layout.

import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { bool, f32, f64, i8, i16, i32, i64, Runtime, type StructFields, struct, u8, u16, u32, u64 } from "../../src/index.ts";
import { ECHOES } from "../fixtures/echo.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { roundTrips, WATCHDOG_MS } from "./support.ts";

let rt: Runtime;
vi.setConfig({ testTimeout: WATCHDOG_MS });
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 4 });
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

interface Shape {
  readonly fields: StructFields;
  readonly values: fc.Arbitrary<Record<string, unknown>>;
}
type FieldOf = { readonly codec: StructFields[string]; readonly values: fc.Arbitrary<unknown> };

const whole = (codec: FieldOf["codec"], min: number, max: number): FieldOf => ({
  codec,
  values: fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max)),
});
const LEAVES: FieldOf[] = [
  { codec: f64 as FieldOf["codec"], values: fc.oneof(fc.double(), fc.constantFrom(-0, NaN)) },
  { codec: f32 as FieldOf["codec"], values: fc.float() },
  { codec: bool as unknown as FieldOf["codec"], values: fc.boolean() },
  whole(i8 as FieldOf["codec"], -128, 127),
  whole(u8 as FieldOf["codec"], 0, 255),
  whole(i16 as FieldOf["codec"], -32_768, 32_767),
  whole(u16 as FieldOf["codec"], 0, 65_535),
  whole(i32 as FieldOf["codec"], -(2 ** 31), 2 ** 31 - 1),
  whole(u32 as FieldOf["codec"], 0, 2 ** 32 - 1),
  { codec: i64 as unknown as FieldOf["codec"], values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { codec: u64 as unknown as FieldOf["codec"], values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
];

const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== "__proto__");
const shapes = fc.letrec<{ shape: Shape; field: FieldOf }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...LEAVES),
    tie("shape").map(({ fields, values }) => ({ codec: struct(fields) as unknown as FieldOf["codec"], values })),
  ),
  shape: fc.dictionary(name, tie("field"), { minKeys: 1, maxKeys: 6, noNullPrototype: true }).map((fields) => ({
    fields: Object.fromEntries(Object.entries(fields).map(([key, { codec }]) => [key, codec])),
    values: fc.record(Object.fromEntries(Object.entries(fields).map(([key, { values }]) => [key, values])), { noNullPrototype: true }),
  })),
})).shape;

it("of random layouts arrive as they were sent, through every door", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.constantFrom(...ECHOES), async ({ fields, values }, door) => {
      const expectSame = (got: unknown, sent: unknown) => expect(got).toStrictEqual(sent);
      const check = { values, edges: [], expectSame, runs: 10, doors: [door] };
      expect(await roundTrips(rt, struct(fields) as never, check as never)).toEqual([]);
    }),
    { numRuns: 25, seed: 9 },
  );
});
