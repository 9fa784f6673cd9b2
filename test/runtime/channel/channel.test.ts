// Channels on one thread: Go's semantics, state by state. Across threads: test/stress, test/workers.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Channel, CLOSED, channelOf, EMPTY, f64, Receiver, Runtime, receiverOf, Sender, select, senderOf } from "../../../src/index.ts";
import { leftovers, NOTHING, waitersOf } from "../../support/heap.ts";

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterEach(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const CAPACITIES = [0, 1, 2, 7, 64];

describe.each(CAPACITIES)("channel of capacity %i", (capacity) => {
  it("smoke: values come in the order they were sent", async () => {
    const ch = rt.channel(f64, capacity);
    const sending = (async () => {
      for (let i = 0; i < 200; i++) await ch.send(i);
      ch.close();
    })();
    const got: number[] = [];
    for await (const value of ch) got.push(value);
    await sending;
    expect(got).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it("capacity: takes exactly that many without a receiver", () => {
    const ch = rt.channel(f64, capacity);
    for (let i = 0; i < capacity; i++) expect(ch.trySend(i)).toBe(true);
    expect(ch.trySend(-1)).toBe(false);
    expect([ch.length, ch.capacity]).toEqual([capacity, capacity]);
    for (let i = 0; i < capacity; i++) expect(ch.tryRecv()).toBe(i);
    expect(ch.tryRecv()).toBe(EMPTY);
    ch.close();
  });

  it("close: what was accepted drains, then the end, for ever", async () => {
    const ch = rt.channel(f64, capacity);
    for (let i = 0; i < capacity; i++) ch.trySend(i);
    ch.close();
    for (let i = 0; i < capacity; i++) expect(await ch.recv()).toBe(i);
    expect(await ch.recv()).toBe(CLOSED);
    expect(ch.tryRecv()).toBe(CLOSED);
    expect(ch.recvSync()).toBe(CLOSED);
    expect(ch.length).toBe(0);
  });

  it("close wakes receivers", async () => {
    const ch = rt.channel(f64, capacity);
    const waiting = [ch.recv(), ch.recv(), ch.recv()];
    expect(waitersOf(ch)).toEqual({ receivers: 3, senders: 0 });
    ch.close();
    expect(await Promise.all(waiting)).toEqual([CLOSED, CLOSED, CLOSED]);
  });

  it("close wakes senders with an error, and their values are not delivered", async () => {
    const ch = rt.channel(f64, capacity);
    for (let i = 0; i < capacity; i++) ch.trySend(i);
    const waiting = [ch.send(100), ch.send(101)];
    expect(waitersOf(ch)).toEqual({ receivers: 0, senders: 2 });
    ch.close();
    for (const send of waiting) await expect(send).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    const got: unknown[] = [];
    for await (const value of ch) got.push(value);
    expect(got).toEqual(Array.from({ length: capacity }, (_, i) => i));
  });

  it("send on closed, trySend on closed and double close throw", async () => {
    const ch = rt.channel(f64, capacity);
    ch.close();
    await expect(ch.send(1)).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    expect(() => ch.trySend(1)).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_CLOSED" }));
    expect(() => ch.sendSync(1)).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_CLOSED" }));
    expect(() => ch.close()).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_CLOSED" }));
  });

  it("waiting receivers are served in turn, waiting senders too", async () => {
    const ch = rt.channel(f64, capacity);
    const receivers = [ch.recv(), ch.recv(), ch.recv()];
    for (let i = 0; i < 3; i++) expect(ch.trySend(i)).toBe(true);
    expect(await Promise.all(receivers)).toEqual([0, 1, 2]);
    for (let i = 0; i < capacity; i++) ch.trySend(i);
    const senders = [10, 11, 12].map((value) => ch.send(value));
    const got: unknown[] = [];
    for (let i = 0; i < capacity + 3; i++) got.push(ch.tryRecv());
    expect(got).toEqual([...Array.from({ length: capacity }, (_, i) => i), 10, 11, 12]);
    await Promise.all(senders);
    ch.close();
  });

  it("a timeout ends the wait, takes nothing and leaves no waiter", async () => {
    const ch = rt.channel(f64, capacity);
    await expect(ch.recv({ timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_TIMEOUT", name: "TimeoutError" });
    for (let i = 0; i < capacity; i++) ch.trySend(i);
    await expect(ch.send(7, { timeoutMs: 1 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    expect(waitersOf(ch)).toEqual({ receivers: 0, senders: 0 });
    expect(ch.length).toBe(capacity);
    ch.close();
    while ((await ch.recv()) !== CLOSED);
  });

  it("an abort ends the wait with the signal's reason and leaves no waiter", async () => {
    const ch = rt.channel(f64, capacity);
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = [ch.recv({ signal: controller.signal }), ch.recv({ signal: controller.signal })];
    expect(waitersOf(ch).receivers).toBe(2);
    controller.abort(reason);
    expect(waitersOf(ch).receivers).toBe(0);
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: "ABORT_ERR", name: "AbortError", cause: reason });
    await expect(ch.recv({ signal: controller.signal })).rejects.toMatchObject({ code: "ABORT_ERR" });
    ch.close();
  });

  it("a send that was accepted before the abort stays accepted", async () => {
    const ch = rt.channel(f64, capacity);
    const controller = new AbortController();
    const received = ch.recv();
    const sent = ch.send(5, { signal: controller.signal });
    controller.abort();
    await expect(sent).resolves.toBeUndefined();
    expect(await received).toBe(5);
    ch.close();
  });

  it("a value handed over before the abort is delivered, although the promise had not settled yet", async () => {
    const ch = rt.channel(f64, capacity);
    const controller = new AbortController();
    const received = ch.recv({ signal: controller.signal });
    expect(ch.trySend(5)).toBe(true);
    controller.abort();
    expect(await received).toBe(5);
    for (let i = 0; i < capacity; i++) ch.trySend(i);
    const again = new AbortController();
    const sent = ch.send(6, { signal: again.signal });
    const first = ch.tryRecv();
    again.abort();
    await expect(sent).resolves.toBeUndefined();
    const rest: unknown[] = [first];
    for (let i = 0; i < capacity; i++) rest.push(ch.tryRecv());
    expect(rest).toEqual([...Array.from({ length: capacity }, (_, i) => i), 6]);
    ch.close();
  });

  it("a sync door that would wait on the only thread says so, and waits for nothing", () => {
    const ch = rt.channel(f64, capacity);
    expect(() => ch.recvSync()).toThrow(expect.objectContaining({ code: "ERR_WOULD_DEADLOCK" }));
    for (let i = 0; i < capacity; i++) ch.sendSync(i);
    expect(() => ch.sendSync(1)).toThrow(expect.objectContaining({ code: "ERR_WOULD_DEADLOCK" }));
    expect(waitersOf(ch)).toEqual({ receivers: 0, senders: 0 });
    ch.close();
    for (const _ of ch);
  });
});

describe("values", () => {
  it("f64 carries every number as it is", async () => {
    const ch = rt.channel(f64, 8);
    const values = [0, -0, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER, 0.1];
    for (const value of values) await ch.send(value);
    for (const value of values) expect(Object.is(await ch.recv(), value)).toBe(true);
    ch.close();
  });

  it("a channel travels through a channel; both views are the same channel", async () => {
    const inner = rt.channel(f64, 4);
    const outer = rt.channel(channelOf(f64), 1);
    await outer.send(inner);
    const got = await outer.recv();
    if (got === CLOSED) throw new Error("closed");
    expect(got).toBeInstanceOf(Channel);
    await got.send(42);
    expect([inner.length, await inner.recv(), got.capacity]).toEqual([1, 42, 4]);
    got.close();
    expect(await inner.recv()).toBe(CLOSED);
    outer.close();
  });

  it("ends travel too, and a channel of channels of channels", async () => {
    const ends = rt.channel(senderOf(f64), 1);
    const back = rt.channel(receiverOf(f64), 1);
    const deep = rt.channel(channelOf(channelOf(f64)), 1);
    const inner = rt.channel(f64, 1);
    const middle = rt.channel(channelOf(f64), 1);
    await ends.send(inner.sender);
    await back.send(inner.receiver);
    await deep.send(middle);
    await middle.send(inner);
    const sender = await ends.recv();
    const receiver = await back.recv();
    const gotMiddle = await deep.recv();
    if (sender === CLOSED || receiver === CLOSED || gotMiddle === CLOSED) throw new Error("closed");
    expect([sender instanceof Sender, receiver instanceof Receiver]).toEqual([true, true]);
    const gotInner = await gotMiddle.recv();
    if (gotInner === CLOSED) throw new Error("closed");
    await sender.send(3);
    expect(await gotInner.recv()).toBe(3);
    for (const ch of [ends, back, deep, middle, inner]) ch.close();
  });
});

describe("a loop of awaits that are always ready", () => {
  it.each(["send and recv", "for await", "select"])("%s: timers of the thread go on", async (door) => {
    const ch = rt.channel(f64, 4);
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    const end = performance.now() + 10_000;
    while (!fired && performance.now() < end) {
      await ch.send(1);
      if (door === "select") await select({ ch });
      else if (door === "send and recv") await ch.recv();
      else for await (const _ of ch) break;
    }
    expect(fired).toBe(true);
    ch.close();
  });
});

describe("declared one-to-one", () => {
  it("refuses a second sender and a second receiver, and a close by another than the sender", async () => {
    const ch = rt.channel(f64, 2, { ends: "one-to-one" });
    const carrier = rt.channel(channelOf(f64), 1);
    await carrier.send(ch);
    const other = await carrier.recv();
    if (other === CLOSED) throw new Error("closed");
    await ch.send(1);
    await expect(other.send(2)).rejects.toMatchObject({ code: "ERR_SECOND_SENDER" });
    expect(() => other.close()).toThrow(expect.objectContaining({ code: "ERR_SECOND_SENDER" }));
    expect(await ch.recv()).toBe(1);
    await expect(other.recv()).rejects.toMatchObject({ code: "ERR_SECOND_RECEIVER" });
    await ch.send(3);
    const iterating = async () => {
      for await (const value of other) return value;
      return undefined;
    };
    await expect(iterating()).rejects.toMatchObject({ code: "ERR_SECOND_RECEIVER" });
    expect(await ch.recv()).toBe(3);
    ch.close();
    carrier.close();
  });
});

describe("lifetime", () => {
  it("a closed and drained channel is freed at once and its old handles behave as closed", async () => {
    const before = rt.heapUse().channels;
    const old = rt.channel(f64, 4);
    old.trySend(1);
    old.close();
    expect(rt.heapUse().channels).toBe(before + 1);
    expect(old.tryRecv()).toBe(1);
    expect(old.tryRecv()).toBe(CLOSED);
    expect(rt.heapUse().channels).toBe(before);
    const reused = rt.channel(f64, 4);
    expect(reused.ring.address).toBe(old.ring.address);
    expect(() => old.trySend(9)).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_CLOSED" }));
    expect(await old.recv()).toBe(CLOSED);
    expect(() => old.close()).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_CLOSED" }));
    expect(reused.tryRecv()).toBe(EMPTY);
    reused.close();
  });

  it("10,000 open at once, and the heap back where it began afterwards", () => {
    const before = rt.heapUse().usedBytes;
    const channels = Array.from({ length: 10_000 }, (_, i) => rt.channel(f64, i % 65));
    channels.forEach((ch, i) => {
      if (i % 65 > 0) ch.trySend(i);
    });
    channels.forEach((ch, i) => {
      if (i % 65 > 0) expect(ch.tryRecv()).toBe(i);
      ch.close();
    });
    expect(rt.heapUse().usedBytes).toBe(before);
  });

  it("50,000 made, used, closed and dropped touch no more memory than one", () => {
    const use = (count: number) => {
      for (let i = 0; i < count; i++) {
        const ch = rt.channel(f64, 16);
        ch.trySend(i);
        if (ch.tryRecv() !== i) throw new Error(`value ${i} lost`);
        ch.close();
      }
      return rt.heapUse();
    };
    const one = use(1);
    expect(use(50_000)).toEqual(one);
  });
});
