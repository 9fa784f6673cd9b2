// The faults of the book's figures of ch. 5, and that they are not ours.

import { afterEach, beforeEach, expect, it } from "vitest";
import { type Context, f64, type Pulse, type Receiver, Runtime, rateLimit, type Sender, steward } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";
import * as book from "./book-figures2.ts";
import { all, failureOf } from "./support.ts";

let rt: Runtime;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 0 });
});
afterEach(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

it("the book's multi-limiter takes from the first tier when the second then times out; ours takes from none", async () => {
  const make = (burst: number) => rt.sync.limiter({ perSecond: 0, burst });
  const slow = rt.sync.limiter({ perSecond: 0.001, burst: 1 });
  const [theirs, own] = [make(5), make(5)];
  expect(slow.allow()).toBe(true);
  expect(await failureOf(book.multiLimiter(theirs, slow).wait({ timeoutMs: 1 }))).toMatchObject({ code: "ERR_TIMEOUT" });
  const brief = rt.background.withTimeout(60_000);
  expect(await failureOf(all(rateLimit([1], [own, slow], { ctx: brief.ctx })))).toMatchObject({ code: "ERR_TIMEOUT" });
  expect([theirs.tokens, own.tokens]).toEqual([4, 5]);
  brief[Symbol.dispose]();
  for (const limiter of [slow, theirs, own]) limiter.close();
});

it("the book's steward spins when a ward closes its heartbeat; ours stops it, waits, and starts it again", async () => {
  const turns = { count: 0 };
  const done = rt.channel(f64);
  const opened: { close(): void }[] = [done];
  const closesItsHeartbeat = (ends: Receiver<number>) => {
    const heartbeat = rt.channel(f64);
    heartbeat.close();
    opened.push({ close: () => void ends.ring.close() });
    return heartbeat.receiver;
  };
  await book.steward(rt, done.receiver, 60_000, closesItsHeartbeat, turns);
  expect(turns.count).toBeGreaterThan(1_000); // at once, without a pulse and without a restart
  for (const one of opened) one.close();

  let runs = 0;
  const ward = async (out: Sender<number>, pulse: Pulse, ctx: Context) => {
    await out.send(++runs);
    if (runs > 1) return;
    pulse.beat();
    pulse.close();
    if (!ctx.signal.aborted) await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
  };
  const boss = steward(rt, { everyMs: 20, backOff: { minMs: 1 } });
  expect(await all(boss.ward(ward))).toEqual([1, 2]);
  await boss.stop();
});

it("the book's steward starts a ward beside the one that has not stopped yet; ours waits for it", async () => {
  let running = 0;
  let most = 0;
  const enter = () => {
    most = Math.max(most, ++running);
  };
  const lateMs = 50;
  const linger = async () => {
    const end = performance.now() + lateMs;
    await until(() => performance.now() > end, "it has cleaned up");
    running--;
  };
  const done = rt.channel(f64);
  const wards: Promise<unknown>[] = [];
  const channels: { close(): void }[] = [];
  const slowToStop = (ends: Receiver<number>) => {
    enter();
    wards.push(ends.recv().then(linger));
    const heartbeat = rt.channel(f64); // it never beats
    channels.push(heartbeat, { close: () => void ends.ring.close() });
    return heartbeat.receiver;
  };
  const watching = book.steward(rt, done.receiver, 5, slowToStop, { count: 0 });
  await until(() => wards.length >= 3, "it has started three");
  done.close();
  await watching;
  for (const one of channels) one.close();
  await Promise.all(wards);
  expect(most).toBeGreaterThan(1);

  most = 0;
  let runs = 0;
  const ward = async (out: Sender<number>, pulse: Pulse, { signal }: Context) => {
    enter();
    await out.send(++runs);
    if (runs < 3) {
      pulse.close();
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    }
    await linger();
  };
  const boss = steward(rt, { everyMs: 10, restarts: 5, backOff: { minMs: 1, maxMs: 1 } });
  expect(await all(boss.ward(ward))).toEqual([1, 2, 3]);
  expect(most).toBe(1);
  await boss.stop();
});
