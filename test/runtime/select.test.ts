// select: one case happens, exactly; disabled cases, default, timers, duplicates, facing selects; on one thread and across threads.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { after, type Channel, CLOSED, call, EMPTY, f64, never, Runtime, select, selectSync, tick, trySelect } from "../../src/index.ts";
import { CASE, type HasCase } from "../../src/runtime/operation/operation.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterEach(async () => {
  expect(rt.heapUse().tasks).toBe(0);
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const close = (...channels: Channel<number>[]) => {
  for (const ch of channels) ch.close();
};
const drain = async (...channels: Channel<number>[]) => {
  for (const ch of channels) while ((await ch.recv()) !== CLOSED);
};

describe.each([0, 1, 2, 7, 64])("select at capacity %i", (capacity) => {
  it("takes the case that is ready, and leaves no waiter elsewhere", async () => {
    const a = rt.channel(f64, capacity);
    const b = rt.channel(f64, capacity);
    const sending = b.send(5);
    expect(await select({ a, b })).toEqual({ case: "b", value: 5 });
    await sending;
    expect([waitersOf(a), waitersOf(b)]).toEqual([
      { receivers: 0, senders: 0 },
      { receivers: 0, senders: 0 },
    ]);
    close(a, b);
  });

  it("waits, is woken by one, unlinks the other", async () => {
    const a = rt.channel(f64, capacity);
    const b = rt.channel(f64, capacity);
    const chosen = select({ a, b });
    expect([waitersOf(a).receivers, waitersOf(b).receivers]).toEqual([1, 1]);
    expect(a.trySend(1)).toBe(true);
    expect(await chosen).toEqual({ case: "a", value: 1 });
    expect(waitersOf(b).receivers).toBe(0);
    close(a, b);
  });

  it("a send case: happens when there is room or a receiver, and only then", async () => {
    const out = rt.channel(f64, capacity);
    const stop = rt.channel(f64, 0);
    for (let i = 0; i < capacity; i++) expect((await select({ sent: out.sending(i), stop })).case).toBe("sent");
    const waiting = select({ sent: out.sending(100), stop });
    expect(waitersOf(out).senders).toBe(1);
    await stop.send(0);
    expect((await waiting).case).toBe("stop");
    expect(waitersOf(out).senders).toBe(0);
    out.close();
    const got: unknown[] = [];
    for await (const value of out) got.push(value);
    expect(got).toEqual(Array.from({ length: capacity }, (_, i) => i));
    stop.close();
  });

  it("a closed channel is ready: the end to a receive, an error to a send", async () => {
    const a = rt.channel(f64, capacity);
    const open = rt.channel(f64, 0);
    const waiting = select({ a, open });
    a.close();
    expect(await waiting).toEqual({ case: "a", value: CLOSED });
    await expect(select({ a: a.sending(1), open })).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    open.close();
  });

  it("send and receive of one channel in one select never meet themselves", async () => {
    const ch = rt.channel(f64, capacity);
    const both = select({ sent: ch.sending(7), got: ch });
    if (capacity === 0) {
      expect(waitersOf(ch)).toEqual({ receivers: 1, senders: 1 });
      expect(await ch.recv()).toBe(7);
      expect(await both).toEqual({ case: "sent", value: undefined });
    } else {
      expect((await both).case).toBe("sent");
      expect(await ch.recv()).toBe(7);
    }
    ch.close();
  });

  it("two selects that face each other exchange exactly one value", async () => {
    const a = rt.channel(f64, 0);
    const b = rt.channel(f64, 0);
    for (let i = 0; i < 200; i++) {
      const [x, y] = await Promise.all([select({ give: a.sending(i), take: b }), select({ give: b.sending(-i), take: a })]);
      expect([x.case, y.case].toSorted()).toEqual(["give", "take"]);
      expect(x.case === "take" ? x.value : y.value).toBe(x.case === "take" ? -i : i);
    }
    close(a, b);
  });
});

describe("cases", () => {
  it("disabled ones never happen; all disabled waits until its timeout", async () => {
    const a = rt.channel(f64, 1);
    a.trySend(1);
    expect(await select({ no: undefined, a, nil: null })).toEqual({ case: "a", value: 1 });
    await expect(select({ no: undefined }, { timeoutMs: 1 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    a.close();
  });

  it("a list answers the position", async () => {
    const channels = Array.from({ length: 20 }, () => rt.channel(f64, 1));
    channels[13]!.trySend(3);
    expect(await select(channels)).toEqual({ case: 13, value: 3 });
    close(...channels);
  });

  it("trySelect: the ready case, or undefined, never a waiter", () => {
    const a = rt.channel(f64, 1);
    const b = rt.channel(f64, 0);
    expect(trySelect({ a, b })).toBeUndefined();
    expect([waitersOf(a).receivers, waitersOf(b).receivers]).toEqual([0, 0]);
    a.trySend(4);
    expect(trySelect({ a, b })).toEqual({ case: "a", value: 4 });
    expect(trySelect({ a: a.sending(1) })).toEqual({ case: "a", value: undefined });
    expect(a.tryRecv()).toBe(1);
    close(a, b);
  });

  it("a channel named twice counts once; over many picks both names come up", async () => {
    const ch = rt.channel(f64, 64);
    const seen = new Set<string>();
    for (let i = 0; i < 64; i++) {
      ch.trySend(i);
      const got = await select({ x: ch, y: ch });
      expect(got.value).toBe(i);
      seen.add(got.case);
    }
    expect(seen).toEqual(new Set(["x", "y"]));
    ch.close();
  });

  it("priority takes the first in the order written; random takes each about as often", async () => {
    const channels = { a: rt.channel(f64, 64), b: rt.channel(f64, 64), c: rt.channel(f64, 64) };
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 3_000; i++) {
      for (const ch of Object.values(channels)) ch.trySend(i);
      expect(trySelect(channels, { order: "priority" })?.case).toBe("a");
      channels.a.trySend(i);
      counts[trySelect(channels)!.case]!++;
      for (const ch of Object.values(channels)) while (typeof ch.tryRecv() === "number");
    }
    const chiSquare = Object.values(counts).reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0);
    expect(chiSquare).toBeLessThan(20); // p ≈ 0.00005 for two degrees of freedom
    close(...Object.values(channels));
  });
});

describe("a peer that completes one case while the others are still being linked", () => {
  /** A receive case of `ch` that lets `meanwhile` run just before it is linked. */
  const interrupted = (ch: Channel<number>, meanwhile: () => void): HasCase<unknown> => {
    const made = ch[CASE]();
    const attempt = (node: number, mode: number) => {
      if (mode !== 0) meanwhile();
      return made.attempt(node, mode);
    };
    return { [CASE]: () => ({ ...made, attempt }) };
  };

  it("wins; the case being linked takes nothing, even if it has become ready too", async () => {
    const a = rt.channel(f64, 1);
    const b = rt.channel(f64, 1);
    const both = () => {
      expect(a.trySend(1)).toBe(true);
      expect(b.trySend(2)).toBe(true);
    };
    expect(await select({ a, b: interrupted(b, both) }, { order: "priority" })).toEqual({ case: "a", value: 1 });
    expect([a.tryRecv(), b.tryRecv()]).toEqual([EMPTY, 2]);
    close(a, b);
  });

  it("a case that becomes ready while the others are linked is chosen, and the linked ones take nothing", async () => {
    const a = rt.channel(f64, 1);
    const b = rt.channel(f64, 1);
    const chosen = select({ a, b: interrupted(b, () => expect(b.trySend(2)).toBe(true)) }, { order: "priority" });
    expect(a.trySend(1)).toBe(true);
    expect(await chosen).toEqual({ case: "b", value: 2 });
    expect(a.tryRecv()).toBe(1);
    close(a, b);
  });
});

describe("timers", () => {
  it("after fires once, never does not, tick goes on", async () => {
    const quiet = rt.channel(f64, 0);
    expect((await select({ quiet, late: after(3), never: never() })).case).toBe("late");
    expect(waitersOf(quiet).receivers).toBe(0);
    const clock = tick(2);
    const first = await clock.recv();
    const second = await select({ quiet, clock });
    expect(second.case).toBe("clock");
    expect(second.value as number).toBeGreaterThanOrEqual(first + 2);
    const once = after(0);
    await once.recv();
    await expect(once.recv({ timeoutMs: 2 })).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    quiet.close();
  });

  it("a value that is there wins over a timer that is not due, and a due timer is as ready as a value", async () => {
    const ch = rt.channel(f64, 1);
    ch.trySend(1);
    expect((await select({ ch, late: after(10_000) })).case).toBe("ch");
    ch.trySend(2);
    expect((await select({ due: after(0), ch }, { order: "priority" })).case).toBe("due");
    ch.close();
    await drain(ch);
  });

  it.each([[-1], [NaN], ["5"]])("after(%s): refused", (ms) => {
    expect(() => after(ms as number)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => tick(ms as number)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("a signal ends a select with its reason, whatever it waits for", async () => {
    const ch = rt.channel(f64, 0);
    for (const cases of [{ ch }, { ch, late: after(10_000) }, { late: after(10_000) }, {}]) {
      const controller = new AbortController();
      const waiting = select(cases, { signal: controller.signal });
      controller.abort("enough");
      await expect(waiting).rejects.toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    }
    expect(waitersOf(ch).receivers).toBe(0);
    ch.close();
  });
});

describe("bad input", () => {
  it.each([
    ["no cases", undefined],
    ["a number", 5],
    ["a case that is a number", { a: 5 }],
    ["a case that is a promise", { a: Promise.resolve() }],
  ])("%s", async (_, cases) => {
    await expect(select(cases as never)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    expect(() => trySelect(cases as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("channels of two runtimes; an unknown order; a sync select that would block the only thread", async () => {
    const other = await Runtime.start({ threads: 0 });
    const a = rt.channel(f64, 0);
    const b = other.channel(f64, 0);
    await expect(select({ a, b })).rejects.toMatchObject({ code: "ERR_FOREIGN_HANDLE" });
    await expect(select({ a }, { order: "first" as never })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    const c = rt.channel(f64, 0);
    expect(() => selectSync({ a, c })).toThrow(expect.objectContaining({ code: "ERR_WOULD_DEADLOCK" }));
    expect(waitersOf(a).receivers).toBe(0);
    a.close();
    c.close();
    await other.close();
  });
});

describe("across threads", () => {
  it.each([0, 1, 7])("selects on two threads face each other, capacity %i: every value arrives once", async (capacity) => {
    const threaded = await Runtime.start({ threads: 1 });
    const jobs = threaded.module<typeof import("../fixtures/select-jobs.ts")>(new URL("../fixtures/select-jobs.js", import.meta.url));
    const a = threaded.channel(f64, capacity);
    const b = threaded.channel(f64, capacity);
    const n = 2_000;
    const [x, y] = await Promise.all(
      threaded.gang(call(jobs.exchange, a.sender, b.receiver, n, "async"), call(jobs.exchange, b.sender, a.receiver, n, "sync")),
    );
    const expected = (n * (n - 1)) / 2;
    expect([x, y]).toEqual([
      { sent: n, received: n, total: expected, inOrder: true },
      { sent: n, received: n, total: expected, inOrder: true },
    ]);
    close(a, b);
    expect(await leftovers(threaded)).toEqual(NOTHING);
  });

  it("a thread killed in a select leaves no waiter behind", async () => {
    const threaded = await Runtime.start({ threads: 1 });
    const jobs = threaded.module<typeof import("../fixtures/select-jobs.ts")>(new URL("../fixtures/select-jobs.js", import.meta.url));
    const channels = Array.from({ length: 5 }, () => threaded.channel(f64, 0));
    const waiting = threaded.go(
      jobs.selectForever,
      channels.map((ch) => ch.receiver),
    );
    await until(() => channels.every((ch) => waitersOf(ch).receivers === 1), "it waits in all cases");
    threaded.kill(threaded.threadIds[0]!);
    await expect(waiting).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    for (const ch of channels) expect(waitersOf(ch).receivers).toBe(0);
    close(...channels);
    expect(await leftovers(threaded)).toEqual(NOTHING);
  });
});

it("a channel that is gone is as ready as one that holds a value", async () => {
  const rt = await Runtime.start({ threads: 0 });
  const gone = rt.channel(f64, 1);
  gone.close();
  expect(await gone.recv()).toBe(CLOSED);
  const full = rt.channel(f64, 1);
  full.trySend(1);
  expect(trySelect([gone, full], { order: "priority" })).toEqual({ case: 0, value: CLOSED });
  full[Symbol.dispose]();
  await rt.close();
});
