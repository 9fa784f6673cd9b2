// Errors: name, message, code, cause, own properties, AggregateError's errors and the stack of where it was thrown survive two crossings.

import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { AbortError, ChannelClosedError, Runtime, structured, TimeoutError } from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { loop, WATCHDOG_MS } from "./support.ts";

let rt: Runtime;
vi.setConfig({ testTimeout: WATCHDOG_MS });
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2 });
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

class OddError extends Error {
  override name = "OddError";
  constructor(message: string) {
    super(message);
    Object.assign(this, { odd: true });
  }
}

const CLASSES = [Error, TypeError, RangeError, SyntaxError, EvalError, URIError, ReferenceError];
const text = fc.string({ unit: "binary", maxLength: 30 });
const extras = fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), fc.oneof(fc.integer(), text, fc.constant(null)), {
  maxKeys: 3,
  noNullPrototype: true,
});

const errors = fc.letrec<{ any: Error }>((tie) => {
  const inner = tie("any");
  const dressed = fc.record({ code: fc.option(text), extra: extras, cause: fc.option(fc.oneof({ maxDepth: 3 }, text, inner)) });
  return {
    any: fc
      .tuple(
        fc.oneof(
          { maxDepth: 3 },
          fc.tuple(fc.constantFrom(...CLASSES), text).map(([Class, message]) => new Class(message)),
          text.map((message) => new OddError(message)),
          fc.constantFrom(new AbortError("why"), new TimeoutError("late"), new ChannelClosedError("shut")).map((error) => error),
          fc.tuple(fc.array(inner, { maxLength: 3 }), text).map(([list, message]) => new AggregateError(list, message)),
        ),
        dressed,
      )
      .map(([error, { code, extra, cause }]) => {
        for (const [key, value] of Object.entries(extra)) {
          if (!(key in error)) Object.assign(error, { [key]: value });
        }
        if (code !== null && !("code" in error)) Object.assign(error, { code });
        if (cause !== null && !("cause" in error))
          Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
        return error;
      }),
  };
}).any;

function expectSame(got: unknown, sent: unknown): void {
  if (!(sent instanceof Error)) {
    expect(got).toStrictEqual(sent);
    return;
  }
  expect(got).toBeInstanceOf(Error);
  const error = got as Error & { code?: unknown; errors?: unknown[] };
  const own = (one: object) => Object.fromEntries(Object.entries(one));
  expect({ ...own(error), name: error.name, message: error.message, stack: error.stack }).toEqual({
    ...own(sent),
    name: sent.name,
    message: sent.message,
    stack: sent.stack,
  });
  expect(error.code).toEqual((sent as { code?: unknown }).code);
  expect("cause" in error).toBe("cause" in sent);
  expectSame(error.cause, sent.cause);
  expect(error instanceof AggregateError).toBe(sent instanceof AggregateError);
  if (sent instanceof AggregateError) for (const [i, each] of sent.errors.entries()) expectSame(error.errors?.[i], each);
  for (const Class of [...CLASSES, AbortError, TimeoutError, ChannelClosedError]) {
    if (Object.getPrototypeOf(sent) === Class.prototype) expect(Object.getPrototypeOf(error)).toBe(Class.prototype);
  }
}

it("errors arrive whole, by themselves and inside other data", async () => {
  const there = loop(rt, structured<unknown>(), 1, "awaited");
  await fc.assert(
    fc.asyncProperty(errors, async (error) => {
      expectSame(await there.round(error), error);
      const [first, { second }] = (await there.round([error, { second: error }])) as [Error, { second: Error }];
      expectSame(first, error);
      expect(second).toBe(first);
    }),
    { numRuns: 150, seed: 8 },
  );
  expect(await there.end()).toEqual([]);
});

it("an error always can be sent: what of its text cannot is replaced", async () => {
  const there = loop(rt, structured<unknown>(), 1, "awaited");
  const error = Object.assign(new TypeError("lone \ud800"), { detail: "\udfff", cause: "\ud999" });
  const got = (await there.round({ error })) as { error: TypeError & { detail: string } };
  expect(got.error).toBeInstanceOf(TypeError);
  expect([got.error.message, got.error.detail, got.error.cause]).toEqual(["lone \ufffd", '"\\udfff"', '"\\ud999"']);
  expect(await there.end()).toEqual([]);
});
