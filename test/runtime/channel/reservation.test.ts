// reserve and commit: a sender writes in place; what is not sent stays the sender's until it is given back. Batches and large values beside it.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes, CLOSED, f64, Runtime, type Sender, utf8 } from "../../../src/index.ts";
import { leftovers, NOTHING } from "../../support/heap.ts";

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0, heapBytes: 8 << 20 });
});
afterEach(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

describe("a reservation", () => {
  it.each([0, 1, 65_536])("of %d bytes arrives as it was written, through try, async and sync doors", async (length) => {
    const ch = rt.channel(bytes, 3);
    for (const [i, door] of (["tryCommit", "commit", "commitSync"] as const).entries()) {
      const room = ch.reserve(length);
      expect(room.bytes.byteLength).toBe(length);
      room.bytes.fill(i + 1);
      const answer = await room[door]();
      expect(answer).toBe(door === "tryCommit" ? true : undefined);
    }
    for (let i = 0; i < 3; i++) {
      const received = (await ch.recv()) as Uint8Array;
      expect(received).toEqual(filled(length, i + 1));
      expect(received.buffer).toBeInstanceOf(ArrayBuffer);
    }
    ch.close();
  });

  it("is written where the receiver reads: the view is shared memory", () => {
    const ch = rt.channel(bytes, 1);
    using room = ch.reserve(8);
    expect(room.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    ch.close();
  });

  it.each([1, 7, 100, 65_536])("of %d bytes lies at a multiple of 8, where a copy goes word by word", (length) => {
    const ch = rt.channel(bytes, 1);
    using room = ch.reserve(length);
    expect(room.bytes.byteOffset % 8).toBe(0);
    ch.close();
  });

  it("of which less was needed is cut short", async () => {
    const ch = rt.channel(bytes, 1);
    const room = ch.reserve(100);
    room.bytes.fill(7);
    room.truncate(3);
    expect(room.bytes.byteLength).toBe(3);
    expect(() => room.truncate(4)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    await room.commit();
    expect(await ch.recv()).toEqual(filled(3, 7));
    ch.close();
  });

  it("stays open when a commit finds no room, times out, is aborted or finds the channel closed", async () => {
    const ch = rt.channel(bytes, 1);
    ch.trySend(filled(1, 1));
    const room = ch.reserve(2);
    room.bytes.fill(9);
    expect(room.tryCommit()).toBe(false);
    await expect(room.commit({ timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    const abort = new AbortController();
    const waiting = room.commit({ signal: abort.signal });
    expect(() => room.bytes).toThrow(expect.objectContaining({ code: "ERR_RESERVATION_OVER" }));
    expect(() => room.discard()).toThrow(expect.objectContaining({ code: "ERR_RESERVATION_OVER" }));
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORT_ERR" });
    await ch.recv();
    expect(room.bytes).toEqual(filled(2, 9));
    ch.close();
    await expect(room.commit()).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    room.discard();
  });

  it("waits for room, and arrives", async () => {
    const ch = rt.channel(bytes, 0);
    const room = ch.reserve(4);
    room.bytes.set([1, 2, 3, 4]);
    const committed = room.commit();
    expect(await ch.recv()).toEqual(Uint8Array.of(1, 2, 3, 4));
    await committed;
    expect(() => room.bytes).toThrow(expect.objectContaining({ code: "ERR_RESERVATION_OVER" }));
    room.discard();
    ch.close();
  });

  it("discarded or left by its block gives its room back, once", () => {
    const ch = rt.channel(bytes, 1);
    const before = rt.heapUse().blocks;
    const room = ch.reserve(1_000);
    {
      using other = ch.reserve(1_000);
      expect(other.bytes.byteLength).toBe(1_000);
    }
    room.discard();
    room.discard();
    expect(rt.heapUse().blocks).toBe(before);
    expect(() => room.tryCommit()).toThrow(expect.objectContaining({ code: "ERR_RESERVATION_OVER" }));
    ch.close();
  });

  it.each([-1, 0.5, Number.NaN, "8", undefined])("of %s bytes is refused", (length) => {
    const ch = rt.channel(bytes, 1);
    expect(() => ch.reserve(length as number)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    ch.close();
  });

  it("only on channels of bytes", () => {
    const ch = rt.channel(utf8, 1);
    expect(() => (ch.sender as unknown as Sender<Uint8Array>).reserve(8)).toThrow(/expected a channel of bytes, got .*utf8/);
    ch.close();
  });
});

describe("received into memory of the caller's", () => {
  it.each([0, 1, 100])("%d bytes: a view on the target, from which nothing else is touched", async (length) => {
    const ch = rt.channel(bytes, 1);
    const target = filled(100, 255);
    await ch.send(filled(length, 7));
    const got = (await ch.recvInto(target)) as Uint8Array;
    expect(got.buffer).toBe(target.buffer);
    expect(got).toEqual(filled(length, 7));
    expect(target.subarray(length)).toEqual(filled(100 - length, 255));
    ch.close();
    expect(await ch.recvInto(target)).toBe(CLOSED);
  });

  it("where it does not fit: whole, in memory of its own", async () => {
    const ch = rt.channel(bytes, 1);
    const target = new Uint8Array(2);
    const waiting = ch.recvInto(target);
    await ch.send(filled(3, 7));
    expect(await waiting).toEqual(filled(3, 7));
    expect(target).toEqual(new Uint8Array(2));
    ch.close();
  });

  it("a wait that ends early takes nothing; bad input is refused", async () => {
    const ch = rt.channel(bytes, 1);
    await expect(ch.recvInto(new Uint8Array(1), { timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    await expect(ch.recvInto([] as never)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    expect(() => ch.recvIntoSync(undefined as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    const text = rt.channel(utf8, 1);
    await expect((text as never as typeof ch).recvInto(new Uint8Array(1))).rejects.toThrow(/a channel of bytes, got .*utf8/);
    ch.close();
    text.close();
  });
});

describe("a value larger than the heap", () => {
  it("is refused by name, limit and option, and nothing is lost", async () => {
    const ch = rt.channel(bytes, 2);
    await ch.send(filled(1, 1));
    const refused = expect.objectContaining({
      code: "ERR_HEAP_EXHAUSTED",
      message: expect.stringMatching(/bytes value.*ceiling is 8388608 bytes \(option heapBytes\)/),
    });
    expect(() => ch.trySend(filled(9 << 20, 2))).toThrow(refused);
    await expect(ch.send(filled(9 << 20, 2))).rejects.toEqual(refused);
    expect(() => ch.reserve(9 << 20)).toThrow(/ceiling is 8388608 bytes \(option heapBytes\)/);
    await ch.send(filled(2, 3));
    expect([await ch.recv(), await ch.recv()]).toEqual([filled(1, 1), filled(2, 3)]);
    ch.close();
  });

  it("and one larger than the ring's slots travels whole", async () => {
    const ch = rt.channel(bytes, 1);
    const large = Uint8Array.from({ length: 3 << 20 }, (_, i) => i * 7);
    await ch.send(large);
    expect(Buffer.compare((await ch.recv()) as Uint8Array, large)).toBe(0);
    ch.close();
  });
});

describe("batches", () => {
  it("are what is there, at most as many as asked for, until the end", async () => {
    const ch = rt.channel(f64, 10);
    await ch.sendMany([1, 2, 3, 4, 5]);
    ch.close();
    const got: number[][] = [];
    for await (const batch of ch.batches(2)) got.push(batch);
    expect(got).toEqual([[1, 2], [3, 4], [5]]);
    expect(await ch.recv()).toBe(CLOSED);
  });

  it("left early take nothing more", async () => {
    const ch = rt.channel(f64, 10);
    await ch.sendMany([1, 2, 3]);
    for (const batch of ch.batchesSync(2)) {
      expect(batch).toEqual([1, 2]);
      break;
    }
    expect(ch.length).toBe(1);
    ch.tryRecv();
    ch.close();
  });

  it.each([0, -1, 1.5, "2"])("of %s are refused", async (max) => {
    const ch = rt.channel(f64, 1);
    await expect(ch.batches(max as number).next()).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    expect(() => ch.batchesSync(max as number).next()).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    ch.close();
  });
});
