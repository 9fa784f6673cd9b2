// The book's figures show their faults, and ours, put to the same proof, do not.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLOSED, f64, Runtime } from "../../src/index.ts";
import * as ours from "../../src/patterns/index.ts";
import { until, waitersOf } from "../support/heap.ts";
import * as book from "./book-figures.ts";
import { all } from "./support.ts";

const turns = async (n = 50) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
  book.goroutines.count = 0;
});
afterEach(async () => {
  await rt.close({ graceMs: 0 }); // what hangs in a figure ends here
});

/** A channel that holds some values and is closed. */
async function filled(...values: number[]) {
  const ch = rt.channel(f64, 8);
  await ch.sendMany(values);
  ch.close();
  return ch;
}

describe("take", () => {
  it("the book's makes up zeros once the source has closed; ours ends", async () => {
    expect(await all(book.take(rt, rt.channel(f64).receiver, (await filled(7)).receiver, 4))).toEqual([7, 0, 0, 0]);
    expect(await all(ours.take(await filled(7), 4))).toEqual([7]);
  });

  it("the book's does not see done while the source is idle; ours does", async () => {
    const [done, idle] = [rt.channel(f64), rt.channel(f64)];
    let hasEnded = false;
    void all(book.take(rt, done.receiver, idle.receiver, 4)).then(
      () => {
        hasEnded = true;
      },
      () => undefined,
    );
    done.close();
    await turns();
    expect([hasEnded, waitersOf(idle).receivers]).toEqual([false, 1]);

    const stop = new AbortController();
    const own = rt.channel(f64);
    const got = all(ours.take(own, 4, { signal: stop.signal })).catch((error: Error) => error.name);
    await until(() => waitersOf(own).receivers === 1, "it waits");
    stop.abort();
    expect([await got, waitersOf(own).receivers]).toEqual(["AbortError", 0]);
  });
});

describe("or", () => {
  it("the book's starts a tree of goroutines and loses the winner's value; ours starts nothing and has it", async () => {
    const hundred = () => Array.from({ length: 100 }, () => rt.channel(f64));
    const channels = hundred();
    const before = rt.heapUse().channels;
    const any = book.or(
      rt,
      channels.map((ch) => ch.receiver),
    )!;
    await turns();
    expect([book.goroutines.count > 30, rt.heapUse().channels - before > 30]).toEqual([true, true]);
    await channels[77]!.send(42);
    expect(await any.recv()).toBe(CLOSED); // something happened

    const others = hundred();
    const open = rt.heapUse().channels;
    const own = ours.or(others);
    await until(() => others.every((ch) => waitersOf(ch).receivers === 1), "it waits");
    expect(rt.heapUse().channels).toBe(open);
    await others[77]!.send(42);
    expect(await own.done).toEqual({ case: 77, why: "value", value: 42 });
  });
});

describe("fan-in", () => {
  it("the book's hangs on a source that never closes, even when done; ours ends", async () => {
    const [done, open] = [rt.channel(f64), rt.channel(f64)];
    let hasEnded = false;
    void all(book.fanIn(rt, done.receiver, [open.receiver])).then(
      () => {
        hasEnded = true;
      },
      () => undefined,
    );
    done.close();
    await turns();
    expect([hasEnded, waitersOf(open).receivers]).toEqual([false, 1]);

    const stop = new AbortController();
    const own = rt.channel(f64);
    const got = all(ours.fanIn([own], { signal: stop.signal })).catch((error: Error) => error.name);
    await until(() => waitersOf(own).receivers === 1, "it waits");
    stop.abort();
    expect([await got, waitersOf(own).receivers]).toEqual(["AbortError", 0]);
  });
});

describe("bridge", () => {
  it("the book's goes on through an inner channel after done, and drops its values; ours takes none", async () => {
    const done = rt.channel(f64);
    const outer = rt.channel(book.outerOf, 1);
    const inner = await filled(1, 2, 3, 4);
    await outer.send(inner);
    const got = book.bridge(rt, done.receiver, outer);
    await until(() => inner.length === 3, "one value is in hand");
    done.close();
    await until(() => inner.length === 0, "all the rest is taken");
    expect(await all(got)).toEqual([]); // nobody got any of them

    const own = await filled(1, 2, 3, 4);
    const stop = new AbortController();
    const flow = ours.bridge([own], { signal: stop.signal });
    expect((await flow.next()).value).toBe(1);
    stop.abort();
    await flow.next().catch((error: Error) => expect(error.name).toBe("AbortError"));
    expect(own.length).toBe(3);
  });
});
