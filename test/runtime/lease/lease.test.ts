// Leased queues on one thread: what is accepted, handed out, given back, set aside; ends and counts; every form of value; bad input.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  bytes,
  CLOSED,
  type Codec,
  EMPTY,
  f64,
  i64,
  type Lease,
  LeasedQueue,
  Runtime,
  struct,
  structured,
  syncOf,
  utf8,
} from "../../../src/index.ts";
import { sharedNow, virtualClock } from "../../../src/runtime/clock.ts";
import * as L from "../../../src/runtime/memory/layout.ts";
import { slotAt } from "../../../src/runtime/memory/thread.ts";
import { until } from "../../support/heap.ts";
import { takersOf } from "../../support/lease.ts";

const coded = (code: string) => expect.objectContaining({ code });

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterEach(async () => {
  const { heap, leftovers } = await rt.close();
  expect({ jobs: heap.jobs, queues: heap.leasedQueues, blocks: heap.blocks, waits: leftovers.waits }).toEqual({
    jobs: 0,
    queues: 0,
    blocks: 0,
    waits: 0,
  });
});

const take = <T>(queue: LeasedQueue<T>): Lease<T> => {
  const lease = queue.tryTake();
  if (lease === CLOSED || lease === EMPTY) throw new Error(`expected a lease, got ${String(lease)}`);
  return lease;
};
const taken = async <T>(promise: Promise<Lease<T> | typeof CLOSED>): Promise<Lease<T>> => {
  const lease = await promise;
  if (lease === CLOSED) throw new Error("expected a lease, got the end");
  return lease;
};
/** Takes and acknowledges all there is. */
const drain = <T>(queue: LeasedQueue<T>): T[] => {
  const values: T[] = [];
  for (let lease = queue.tryTake(); lease !== CLOSED && lease !== EMPTY; lease = queue.tryTake()) {
    values.push(lease.value);
    expect(lease.ack()).toBe(true);
  }
  return values;
};

describe("a job", () => {
  it("is handed out first in, first out, counted where it is, and gone when it is acknowledged", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 4 });
    for (const value of [1, 2, 3]) expect(queue.trySend(value)).toBe(true);
    expect([queue.queued, queue.leased, queue.dead, queue.capacity]).toEqual([3, 0, 0, 4]);
    const lease = take(queue);
    expect([lease.value, lease.attempt, lease.isHeld, lease.causes]).toEqual([1, 1, true, []]);
    expect([queue.queued, queue.leased]).toEqual([2, 1]);
    expect(lease.ack()).toBe(true);
    expect(lease.ack()).toBe(false);
    expect(lease.nack()).toBe(false);
    expect([queue.queued, queue.leased]).toEqual([2, 0]);
    queue.close();
    expect(drain(queue)).toEqual([2, 3]);
    expect(queue.tryTake()).toBe(CLOSED);
  });

  it("that is given back comes before all others, with its attempt and the causes", () => {
    const queue = rt.leasedQueue(utf8, { capacity: 4, attempts: 3 });
    queue.trySend("a");
    queue.trySend("b");
    expect(take(queue).nack(new RangeError("no"))).toBe(true);
    const again = take(queue);
    expect([again.value, again.attempt]).toEqual(["a", 2]);
    expect(again.causes).toEqual([expect.objectContaining({ name: "RangeError", message: "no" })]);
    again.nack();
    const last = take(queue);
    expect(last.attempt).toBe(3);
    expect(last.causes).toEqual([expect.objectContaining({ message: "no" }), coded("ERR_NOT_ACKNOWLEDGED")]);
    expect(last.ack()).toBe(true);
    queue.close();
    expect(drain(queue)).toEqual(["b"]);
  });

  it("whose attempts are used up goes to the dead letters with its value and causes", () => {
    const queue = rt.leasedQueue(structured<{ n: number }>(), { capacity: 1, attempts: 2 });
    queue.trySend({ n: 7 });
    for (const why of ["first", "second"]) take(queue).nack(new Error(why));
    expect([queue.queued, queue.leased, queue.dead]).toEqual([0, 0, 1]);
    expect(queue.tryTake()).toBe(EMPTY);
    const letter = take(queue.deadLetters!);
    expect([letter.value, letter.attempt]).toEqual([{ n: 7 }, 1]);
    expect(letter.causes).toEqual([expect.objectContaining({ message: "first" }), expect.objectContaining({ message: "second" })]);
    queue.close();
    expect(letter.ack()).toBe(true);
    expect(queue.deadLetters!.tryTake()).toBe(CLOSED);
  });

  it("that was set aside is given back there for ever, or goes on to the next queue of dead letters", () => {
    const last = rt.leasedQueue(f64, { capacity: 1, attempts: Number.POSITIVE_INFINITY });
    const middle = rt.leasedQueue(f64, { capacity: 1, attempts: 1, deadLetters: last });
    const first = rt.leasedQueue(f64, { capacity: 1, attempts: 1, deadLetters: middle });
    expect(last.deadLetters).toBeUndefined();
    first.trySend(5);
    take(first).nack();
    take(middle).nack();
    for (let attempt = 1; attempt <= 20; attempt++) {
      const lease = take(last);
      expect([lease.value, lease.attempt, lease.causes.length]).toEqual([5, attempt, Math.min(attempt + 1, 16)]);
      lease.nack();
    }
    for (const queue of [last, middle, first]) queue.close(); // the later ones end with those that feed them
    expect(drain(last)).toEqual([5]);
  });

  it("is given back when its lease is disposed of, and when a loop is left", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 2, attempts: Number.POSITIVE_INFINITY });
    queue.trySend(1);
    {
      using lease = take(queue);
      expect(lease.value).toBe(1);
    }
    for await (const lease of queue) {
      expect(lease.attempt).toBe(2);
      break;
    }
    const failing = async () => {
      for await (const lease of queue) throw new Error(`attempt ${lease.attempt}`);
    };
    await expect(failing()).rejects.toThrow("attempt 3");
    const lease = take(queue);
    expect([lease.attempt, lease.causes.length]).toEqual([4, 3]);
    {
      using held = lease;
      held.ack();
    }
    queue.close();
    expect(drain(queue)).toEqual([]);
  });
});

it("a job in the making is dropped by its maker, or by anybody once that is retired", () => {
  const queue = rt.leasedQueue(f64, { capacity: 1 });
  const { slot, epoch, heap } = queue.place.thread;
  const { fn } = heap;
  const other = slotAt(1);
  const answered = (at: number) => heap.u32[(at + L.SLOT_RESULT) >> 2]!;
  expect(fn.slotOpen(other)).toBe(L.OK);
  const otherEpoch = answered(other);
  expect([fn.leaseJob(slot, epoch, 0), fn.leaseJob(other, otherEpoch, 0)]).toEqual([L.OK, L.OK]);
  const [mine, theirs] = [answered(slot), answered(other)];
  expect([fn.leaseDrop(slot, epoch, theirs), fn.leaseDrop(other, otherEpoch, mine)]).toEqual([L.NONE, L.NONE]);
  expect([fn.leaseDrop(slot, epoch, mine), fn.leaseDrop(slot, epoch, mine)]).toEqual([L.OK, L.NONE]);
  expect(fn.fence(other)).toBe(L.OK);
  expect(fn.leaseDrop(slot, epoch, theirs)).toBe(L.OK);
  expect(fn.slotClose(other)).toBe(L.OK);
  queue.close();
});

describe("a full queue", () => {
  it("holds producers back in turn, and what comes back needs no room", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 1, attempts: 9 });
    expect(queue.trySend(1)).toBe(true);
    expect(queue.trySend(2)).toBe(false);
    const sent: number[] = [];
    const waiting = [2, 3].map((value) => queue.send(value).then(() => sent.push(value)));
    const lease = take(queue); // room for 2
    await until(() => sent.length === 1, "one was accepted");
    lease.nack();
    expect([queue.queued, queue.leased]).toEqual([2, 0]);
    expect(queue.trySend(9)).toBe(false);
    expect(take(queue).ack()).toBe(true);
    expect([queue.queued, sent]).toEqual([1, [2]]);
    expect(drain(queue)).toEqual([2, 3]);
    await Promise.all(waiting);
    queue.close();
  });

  it("refuses those who wait when it is closed, and forgets their jobs", async () => {
    const queue = rt.leasedQueue(utf8, { capacity: 1 });
    queue.trySend("kept");
    const refused = queue.send("refused");
    const given = queue.send("given up", { timeoutMs: 1 });
    await expect(given).rejects.toEqual(coded("ERR_TIMEOUT"));
    queue.close();
    await expect(refused).rejects.toEqual(coded("ERR_CHANNEL_CLOSED"));
    expect(() => queue.trySend("late")).toThrow(coded("ERR_CHANNEL_CLOSED"));
    await expect(queue.send("late")).rejects.toEqual(coded("ERR_CHANNEL_CLOSED"));
    expect(() => queue.close()).toThrow(coded("ERR_CHANNEL_CLOSED"));
    expect(drain(queue)).toEqual(["kept"]);
  });
});

describe("a consumer that waits", () => {
  it("is handed the next job, in turn, and can give up", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 4 });
    const abort = new AbortController();
    const first = queue.take();
    const second = queue.take({ signal: abort.signal });
    const third = queue.take({ timeoutMs: 60_000 });
    abort.abort(new Error("enough"));
    await expect(second).rejects.toEqual(coded("ABORT_ERR"));
    queue.trySend(1);
    queue.trySend(2);
    const [one, two] = [await taken(first), await taken(third)];
    expect([one.value, two.value, one.ack(), two.ack()]).toEqual([1, 2, true, true]);
    await expect(queue.take({ timeoutMs: 1 })).rejects.toEqual(coded("ERR_TIMEOUT"));
    queue.close();
    expect(await queue.take()).toBe(CLOSED);
  });

  it("sees the end when nothing is queued and nothing leased, since what is leased may come back", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 4 });
    queue.trySend(1);
    const lease = take(queue);
    queue.close();
    expect(queue.tryTake()).toBe(EMPTY);
    const waiting = [queue.take(), queue.take(), queue.take()];
    lease.nack();
    const again = await taken(waiting[0]!);
    expect([again.attempt, takersOf(queue)]).toEqual([2, 2]);
    expect(again.ack()).toBe(true);
    expect(await Promise.all(waiting.slice(1))).toEqual([CLOSED, CLOSED]);
  });

  it("of dead letters sees the end when the queue they come from has ended", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 4, attempts: 1 });
    const letters: number[] = [];
    const reading = (async () => {
      for await (const letter of queue.deadLetters!) {
        letters.push(letter.value);
        letter.ack();
      }
    })();
    expect(() => queue.deadLetters!.trySend(9)).toThrow(coded("ERR_CHANNEL_CLOSED"));
    for (const value of [1, 2, 3]) queue.trySend(value);
    take(queue).nack();
    take(queue).ack();
    queue.close();
    take(queue).nack();
    await reading;
    expect(letters).toEqual([1, 3]);
  });
});

it("a lease with a limit ends by the clock that all threads share", async () => {
  const queue = rt.leasedQueue(f64, { capacity: 1, leaseMs: 3_600_000 });
  await queue.send(1);
  const before = sharedNow();
  const lease = take(queue);
  const after = sharedNow();
  const { thread, address } = queue.place;
  thread.call("take", (fn) => fn.leaseLook(address, thread.slot, thread.epoch, 0));
  const endMs = thread.heap.f64[(thread.slot + L.SLOT_VALUE) >> 3]!;
  expect(endMs - 3_600_000).toBeGreaterThanOrEqual(before);
  expect(endMs - 3_600_000).toBeLessThanOrEqual(after);
  expect(lease.ack()).toBe(true);
  queue.close();
});

describe("a lease with a limit", () => {
  beforeEach(async () => {
    await rt.close();
    rt = await Runtime.start({ threads: 0, clock: "virtual" });
  });

  it("is over when somebody wants the job after its time, and its ack does not count", async () => {
    const queue = rt.leasedQueue(utf8, { capacity: 4, leaseMs: 100, attempts: 2 });
    await queue.send("slow");
    const slow = take(queue);
    expect(queue.tryTake()).toBe(EMPTY);
    const again = await taken(queue.take()); // the clock jumps to when the lease expires
    expect([again.value, again.attempt]).toEqual(["slow", 2]);
    expect(again.causes).toEqual([coded("ERR_TIMEOUT")]);
    expect(slow.ack()).toBe(false);
    expect(slow.isHeld).toBe(false);
    const waiting = queue.take();
    const letter = await taken(queue.deadLetters!.take());
    expect([letter.value, letter.causes.length, letter.ack()]).toEqual(["slow", 2, true]);
    expect(again.ack()).toBe(false);
    queue.close();
    expect(await waiting).toBe(CLOSED);
  });

  it("that ends while its value is decoded knows its own attempt and causes", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 4, leaseMs: 10 });
    await queue.send(1);
    let second: Lease<number> | undefined;
    const decode = vi.spyOn(f64, "decode").mockImplementationOnce(() => {
      virtualClock()!.nowMs += 20;
      second = take(queue);
      return 1;
    });
    const first = take(queue);
    decode.mockRestore();
    expect([first.attempt, first.causes]).toEqual([1, []]);
    expect([second!.attempt, second!.causes]).toEqual([2, [coded("ERR_TIMEOUT")]]);
    expect([first.ack(), second!.ack()]).toEqual([false, true]);
    queue.close();
  });

  it("counts until somebody else has the job", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 4, leaseMs: 10 });
    const idle = rt.leasedQueue(f64, { capacity: 1 });
    await queue.send(1);
    const lease = take(queue);
    await expect(idle.take({ timeoutMs: 50 })).rejects.toEqual(coded("ERR_TIMEOUT"));
    expect(lease.ack()).toBe(true);
    queue.close();
    idle.close();
  });

  it("may be given back by its holder after its time, once", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 4, leaseMs: 10 });
    await queue.send(1);
    const lease = take(queue);
    const again = await taken(queue.take());
    expect([lease.nack(), queue.queued, queue.leased]).toEqual([false, 0, 1]);
    expect(again.ack()).toBe(true);
    queue.close();
  });
});

describe("values", () => {
  const forms: [string, Codec<unknown>, unknown][] = [
    ["a word", f64 as Codec<unknown>, -0],
    ["a cell", i64 as Codec<unknown>, -(2n ** 63n)],
    ["a struct", struct({ a: f64, b: i64 }) as Codec<unknown>, { a: 1.5, b: 7n }],
    ["text", utf8 as Codec<unknown>, "ä€𝄞"],
    ["bytes", bytes as Codec<unknown>, new Uint8Array([1, 2, 3])],
    ["a large value", bytes as Codec<unknown>, new Uint8Array(100_000).fill(7)],
    ["undefined", structured() as Codec<unknown>, undefined],
    ["a structure", structured() as Codec<unknown>, { map: new Map([[1, new Date(5)]]), error: new TypeError("x") }],
  ];
  for (const [name, codec, value] of forms) {
    it(`${name} arrives whole, at the second attempt too`, () => {
      const queue = rt.leasedQueue(codec, { capacity: 1 });
      queue.trySend(value);
      const first = take(queue);
      expect(first.value).toEqual(value);
      first.nack();
      const second = take(queue);
      expect(second.value).toEqual(value);
      second.ack();
      queue.close();
    });
  }

  it("a queue travels through channels and in structures", async () => {
    const queue = rt.leasedQueue(f64, { capacity: 1 });
    const handles = rt.channel(syncOf(LeasedQueue), 1);
    const mixed = rt.channel(structured<{ queue: LeasedQueue<number> }>(), 1);
    await handles.send(queue as LeasedQueue<unknown>);
    await mixed.send({ queue });
    const one = (await handles.recv()) as LeasedQueue<number>;
    const two = (await mixed.recv()) as { queue: LeasedQueue<number> };
    one.trySend(4);
    const lease = take(two.queue);
    expect([lease.value, queue.leased]).toEqual([4, 1]);
    lease.ack();
    queue.close();
    expect([one.queued, one.capacity, one.tryTake()]).toEqual([0, 0, CLOSED]); // the record is gone; the view behaves as ended
    expect(() => one.trySend(1)).toThrow(coded("ERR_CHANNEL_CLOSED"));
    for (const channel of [handles, mixed]) channel.close();
  });
});

describe("bad input", () => {
  it("is refused by what was expected and what came", async () => {
    const make = (codec: unknown, options: unknown) => () => rt.leasedQueue(codec as typeof f64, options as { capacity: number });
    for (const options of [undefined, null, 1, {}, { capacity: 0 }, { capacity: 1.5 }, { capacity: Number.NaN }, { capacity: 2 ** 31 }]) {
      expect(make(f64, options)).toThrow(coded("ERR_INVALID_ARG"));
    }
    for (const attempts of [0, -1, 1.5, Number.NaN, "3"]) expect(make(f64, { capacity: 1, attempts })).toThrow(coded("ERR_INVALID_ARG"));
    for (const leaseMs of [0, -1, Number.NaN, "3"]) expect(make(f64, { capacity: 1, leaseMs })).toThrow(coded("ERR_INVALID_ARG"));
    for (const deadLetters of [null, 1, {}, () => {}]) expect(make(f64, { capacity: 1, deadLetters })).toThrow(coded("ERR_INVALID_ARG"));
    expect(make(undefined, { capacity: 1 })).toThrow(coded("ERR_INVALID_ARG"));
    const texts = rt.leasedQueue(utf8, { capacity: 1, attempts: Number.POSITIVE_INFINITY });
    expect(make(f64, { capacity: 1, deadLetters: texts })).toThrow(coded("ERR_INVALID_ARG"));
    expect(make(utf8, { capacity: 1, attempts: Number.POSITIVE_INFINITY, deadLetters: texts })).toThrow(coded("ERR_INVALID_ARG"));
    expect(() => texts.trySend(1 as never)).toThrow(coded("ERR_INVALID_ARG"));
    await expect(texts.send("a\ud800")).rejects.toEqual(coded("ERR_UNSENDABLE"));
    await expect(texts.take({ timeoutMs: -1 })).rejects.toEqual(coded("ERR_INVALID_ARG"));
    expect(() => texts.takeSync()).toThrow(coded("ERR_WOULD_DEADLOCK"));
    texts.close();
    expect(make(utf8, { capacity: 1, deadLetters: texts })).toThrow(coded("ERR_CHANNEL_CLOSED"));
    const other = await Runtime.start({ threads: 0 });
    const foreign = other.leasedQueue(f64, { capacity: 1 });
    expect(make(f64, { capacity: 1, deadLetters: foreign })).toThrow(coded("ERR_FOREIGN_HANDLE"));
    await other.close();
    expect(() => foreign.trySend(1)).toThrow(coded("ERR_CLOSED"));
  });

  it("a heap that is full refuses the job and keeps what it has", async () => {
    const small = await Runtime.start({ threads: 0, heapBytes: 4 * 1024 * 1024 });
    const queue = small.leasedQueue(bytes, { capacity: 1_000, attempts: 2 });
    let accepted = 0;
    expect(() => {
      for (;;) if (queue.trySend(new Uint8Array(60_000).fill(accepted))) accepted++;
    }).toThrow(coded("ERR_HEAP_EXHAUSTED"));
    expect(accepted).toBeGreaterThan(10);
    expect(take(queue).nack(new Error("x".repeat(300_000)))).toBe(true); // no room for the cause: it comes back all the same
    const again = take(queue);
    expect([again.attempt, again.value[0]]).toEqual([2, 0]);
    again.ack();
    queue.close();
    expect(drain(queue).map((value) => value[0])).toEqual(Array.from({ length: accepted - 1 }, (_, i) => i + 1));
    const { heap } = await small.close();
    expect([heap.jobs, heap.leasedQueues, heap.blocks]).toEqual([0, 0, 0]);
  });
});
