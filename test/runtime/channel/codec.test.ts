// Codecs: every value of a codec's kind arrives as it was sent, through a fresh view on the handle too; nothing else is taken.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bool, CLOSED, type Codec, channelOf, f32, f64, i8, i16, i32, Runtime, u8, u16, u32 } from "../../../src/index.ts";

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
