// Channels and Node's own idioms: iterables, streams, Web streams, events. Back-pressure both ways, ends that end, nothing left behind.

import { EventEmitter } from "node:events";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  CLOSED,
  eventsTo,
  f64,
  pump,
  type Receiver,
  Runtime,
  readableOf,
  readableStreamOf,
  structured,
  writableOf,
  writableStreamOf,
} from "../../src/index.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterEach(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const NUMBERS = Array.from({ length: 100 }, (_, i) => i);
async function all<T>(input: Receiver<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const value of input) got.push(value);
  return got;
}

describe("pump", () => {
  const sources: [string, () => Iterable<number> | AsyncIterable<number>][] = [
    ["an array", () => NUMBERS],
    ["a generator", () => NUMBERS.values()],
    [
      "an async generator",
      () =>
        (async function* () {
          yield* NUMBERS;
        })(),
    ],
    ["a Node stream", () => Readable.from(NUMBERS)],
    ["a Web stream", () => Readable.toWeb(Readable.from(NUMBERS)) as AsyncIterable<number>],
  ] as [string, () => Iterable<number> | AsyncIterable<number>][];

  it.each(sources)("from %s: every value in order, then the end", async (_, source) => {
    const ch = rt.channel(f64, 3);
    const got = all(ch.receiver);
    expect(await pump(source(), ch.sender)).toBe(100);
    expect(await got).toEqual(NUMBERS);
  });

  it("asks for the next value only when the last was accepted", async () => {
    const ch = rt.channel(f64, 0);
    let asked = 0;
    const pumping = pump(
      (function* () {
        for (;;) yield ++asked;
      })(),
      ch.sender,
    );
    expect(await ch.recv()).toBe(1);
    await until(() => waitersOf(ch as never).senders === 1, "the second value to wait");
    expect(asked).toBe(2);
    ch.close();
    expect(await pumping).toBe(1);
  });

  it("leaves the source when the channel is closed or the wait is ended, and closes only when asked to", async () => {
    for (const ending of ["close", "abort"] as const) {
      const ch = rt.channel(f64, 0);
      const abort = new AbortController();
      let isLeft = false;
      const source = (function* () {
        try {
          for (;;) yield 1;
        } finally {
          isLeft = true;
        }
      })();
      const pumping = pump(source, ch.sender, { signal: abort.signal, close: false });
      await ch.recv();
      if (ending === "close") {
        ch.close();
        await pumping;
      } else {
        abort.abort();
        await expect(pumping).rejects.toMatchObject({ code: "ABORT_ERR" });
        ch.close();
      }
      expect(isLeft).toBe(true);
    }
  });

  it.each(["signal", "ctx"] as const)("ends with its %s while the source gives nothing, and closes the channel", async (by) => {
    const ch = rt.channel(f64, 1);
    using work = rt.background.withCancel();
    const abort = new AbortController();
    const silent = (async function* (): AsyncGenerator<number> {
      await new Promise(() => undefined);
      yield 1;
    })();
    const pumping = pump(silent, ch.sender, by === "ctx" ? { ctx: work.ctx } : { signal: abort.signal });
    if (by === "ctx") work.cancel(new Error("stop"));
    else abort.abort(new Error("stop"));
    await expect(pumping).rejects.toMatchObject({ name: "AbortError", cause: { message: "stop" } });
    expect(await ch.recv()).toBe(CLOSED);
  });

  it("passes on what the source throws, after closing the channel", async () => {
    const ch = rt.channel(f64, 2);
    const failing = (function* () {
      yield 1;
      throw new RangeError("source");
    })();
    await expect(pump(failing, ch.sender)).rejects.toThrow("source");
    expect([await ch.recv(), await ch.recv()]).toEqual([1, CLOSED]);
  });

  it.each([1, null, undefined, {}])("refuses %s", async (source) => {
    const ch = rt.channel(f64, 1);
    await expect(pump(source as never, ch.sender)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    ch.close();
  });
});

describe("Node's streams", () => {
  it("out of a channel, through a transform, into another", async () => {
    const [input, output] = [rt.channel(structured<{ n: number }>(), 4), rt.channel(structured<{ n: number }>(), 4)];
    const double = new Transform({ objectMode: true, transform: (chunk: { n: number }, _, done) => done(null, { n: chunk.n * 2 }) });
    const got = all(output.receiver);
    const piping = pipeline(readableOf(input.receiver), double, writableOf(output.sender));
    await pump(
      NUMBERS.map((n) => ({ n })),
      input.sender,
    );
    await piping;
    expect(await got).toEqual(NUMBERS.map((n) => ({ n: n * 2 })));
  });

  it("a stream nobody reads holds the sender back", async () => {
    const ch = rt.channel(f64, 0);
    const stream = readableOf(ch.receiver);
    const sending = pump(NUMBERS, ch.sender);
    expect((await stream[Symbol.asyncIterator]().next()).value).toBe(0);
    await until(() => waitersOf(ch as never).senders === 1, "the sender to wait");
    stream.destroy();
    ch.close();
    expect(await sending).toBeLessThan(5);
  });

  it("destroyed, it takes nothing more and closes nothing", async () => {
    const ch = rt.channel(f64, 1);
    const stream = readableOf(ch.receiver);
    stream.read(0);
    await until(() => waitersOf(ch as never).receivers === 1, "the stream to wait");
    stream.destroy();
    await until(() => waitersOf(ch as never).receivers === 0, "the wait to end");
    expect(ch.trySend(1)).toBe(true);
    expect(ch.tryRecv()).toBe(1);
    ch.close();
  });

  it("a channel closed by somebody else is the writable's error", async () => {
    const ch = rt.channel(f64, 0);
    const stream = writableOf(ch.sender);
    const failed = new Promise<Error>((resolve) => stream.on("error", resolve));
    stream.write(1);
    ch.close();
    expect(await failed).toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
  });

  it("null, which would end a stream, is its error", async () => {
    const ch = rt.channel(structured<null>(), 1);
    await ch.send(null);
    const stream = readableOf(ch.receiver);
    const failed = new Promise<Error>((resolve) => stream.on("error", resolve));
    stream.resume();
    expect(await failed).toMatchObject({ code: "ERR_INVALID_ARG" });
    ch.close();
  });
});

describe("Web streams", () => {
  it("out of a channel into another", async () => {
    const [input, output] = [rt.channel(f64, 4), rt.channel(f64, 4)];
    const got = all(output.receiver);
    const piping = readableStreamOf(input.receiver).pipeTo(writableStreamOf(output.sender));
    await pump(NUMBERS, input.sender);
    await piping;
    expect(await got).toEqual(NUMBERS);
  });

  it("cancelled, it takes nothing more and closes nothing", async () => {
    const ch = rt.channel(f64, 1);
    const reader = readableStreamOf(ch.receiver).getReader();
    const reading = reader.read();
    await until(() => waitersOf(ch as never).receivers === 1, "the stream to wait");
    await reader.cancel();
    await reading;
    await until(() => waitersOf(ch as never).receivers === 0, "the wait to end");
    expect(ch.trySend(1)).toBe(true);
    ch.tryRecv();
    ch.close();
  });

  it("a channel closed by somebody else is the writable's error", async () => {
    const ch = rt.channel(f64, 0);
    const writer = writableStreamOf(ch.sender).getWriter();
    const writing = writer.write(1);
    writer.closed.catch(() => undefined);
    ch.close();
    await expect(writing).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
  });
});

describe("events", () => {
  it("arrive in order; what finds no room is dropped and counted; stop() listens no more", async () => {
    const [ch, emitter] = [rt.channel(f64, 2), new EventEmitter()];
    using subscription = eventsTo(ch.sender, emitter, "tick");
    for (const n of [1, 2, 3]) emitter.emit("tick", n);
    expect(subscription.dropped).toBe(1);
    expect([await ch.recv(), await ch.recv()]).toEqual([1, 2]);
    subscription.stop();
    emitter.emit("tick", 4);
    expect([ch.length, emitter.listenerCount("tick")]).toEqual([0, 0]);
    ch.close();
  });

  it("with dropOldest the newest stay", async () => {
    const [ch, emitter] = [rt.channel(f64, 2), new EventEmitter()];
    const subscription = eventsTo(ch.sender, emitter, "tick", { dropOldest: ch.receiver });
    for (const n of [1, 2, 3, 4]) emitter.emit("tick", n);
    expect([subscription.dropped, await ch.recv(), await ch.recv()]).toEqual([2, 3, 4]);
    ch.close();
    emitter.emit("tick", 5);
    expect(emitter.listenerCount("tick")).toBe(0);
  });

  it("from what is no emitter are refused", () => {
    const ch = rt.channel(f64, 1);
    expect(() => eventsTo(ch.sender, {} as never, "x")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    ch.close();
  });
});
