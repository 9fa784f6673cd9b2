// Channels and their ends: through their codecs and inside structured values they arrive as views on the same handle, and work there.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Channel,
  type Codec,
  channelOf,
  f64,
  i8,
  type Receiver,
  Runtime,
  receiverOf,
  type Sender,
  senderOf,
  struct,
  structured,
  u64,
  utf8,
} from "../../src/index.ts";
import { ECHOES } from "../fixtures/echo.ts";
import { leftovers, NOTHING } from "../support/heap.ts";
import { loop, WATCHDOG_MS } from "./support.ts";

let rt: Runtime;
vi.setConfig({ testTimeout: WATCHDOG_MS });
beforeAll(async () => {
  rt = await Runtime.start({ threads: 2, maxDedicated: 4 });
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const inner = struct({ a: f64, b: struct({ c: i8 }) });
const ROWS: [name: string, codec: Codec<unknown>, value: unknown][] = [
  ["f64", f64 as Codec<unknown>, -0],
  ["u64", u64 as Codec<unknown>, 2n ** 64n - 1n],
  ["utf8", utf8 as Codec<unknown>, "😀"],
  ["structured", structured(), { a: [new Map([[1, undefined]])] }],
  ["struct", inner as Codec<unknown>, { a: 1.5, b: { c: -128 } }],
  ["channelOf(channelOf(f64))", channelOf(channelOf(f64)) as Codec<unknown>, undefined],
];

describe.each(ROWS)("handles of channels of %s", (_, codec, value) => {
  it.each(ECHOES)("come back as views on the same channel, %s", async (door) => {
    const both = loop(rt, channelOf(codec), 1, door);
    const sender = loop(rt, senderOf(codec), 0, door);
    const receiver = loop(rt, receiverOf(codec), 1, door);
    const data = loop(rt, structured<{ list: unknown[] }>(), 0, door);
    const ch = rt.channel(codec, 1);

    const got = (await both.round(ch)) as Channel<unknown>;
    const out = (await sender.round(ch.sender)) as Sender<unknown>;
    const input = (await receiver.round(ch.receiver)) as Receiver<unknown>;
    const { list } = (await data.round({ list: [ch, ch.sender, new Map([["in", ch.receiver]])] })) as { list: unknown[] };
    const [again, outAgain, map] = list as [Channel<unknown>, Sender<unknown>, Map<string, Receiver<unknown>>];
    for (const end of [got, out, input, again, outAgain, map.get("in")!]) {
      expect(end.ring.handle).toBe(ch.ring.handle);
      expect(end.ring.codec.name).toBe(codec.name);
      expect(end.capacity).toBe(1);
    }
    if (value !== undefined) {
      await out.send(value);
      expect(await map.get("in")!.recv()).toEqual(value);
      await outAgain.send(value);
      expect(await got.recv()).toEqual(value);
    }
    again.close();
    for (const there of [both, sender, receiver, data]) expect(await there.end()).toEqual([]);
  });
});
