// Every pattern while threads that have its work in hand are killed: nobody hangs, nothing is lost beyond what the contract says, the heap is empty in the
// end. On the compiled runtime; see the fixture.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type * as Heddle from "../../src/index.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";
import { all, sorted, upTo } from "./support.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const KILLS = 24;

let api: typeof Heddle;
let rt: Heddle.Runtime;
let jobs: Heddle.ModuleRef<typeof import("../fixtures/pattern-kills.js")>;

beforeAll(async () => {
  const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", ".cache/pattern-kills"];
  expect(spawnSync(process.execPath, tsc, { cwd: root, encoding: "utf8" }).stdout).not.toMatch(/^src\//m);
  api = (await import(new URL("../../.cache/pattern-kills/src/index.js", import.meta.url).href)) as typeof Heddle;
  rt = await api.Runtime.start({ threads: 2, maxDedicated: 8 });
  jobs = rt.module(new URL("../fixtures/pattern-kills.js", import.meta.url));
}, 240_000);

afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const killed = new Set<number>();

/** Kills the next thread that says it has work in hand. A thread may say so before the supervising one has heard that it is ready. */
async function killNext(inHand: Heddle.Channel<number>): Promise<void> {
  for (;;) {
    const threadId = (await inHand.recv()) as number;
    if (killed.has(threadId)) continue; // said before it was killed
    killed.add(threadId);
    await until(() => rt.kill(threadId, "chaos"), `thread ${threadId} is killed`);
    return;
  }
}

/** A gate that stays shut while `kills` threads with work in hand are killed, and is then open for good. */
function shutWhile(kills: number) {
  const gate = rt.channel(api.f64, 0);
  const inHand = rt.channel(api.f64, 256);
  return {
    arms: { gate: gate.receiver, inHand: inHand.sender },
    async killing() {
      for (let kill = 0; kill < kills; kill++) await killNext(inHand);
      gate.close();
    },
    async done() {
      inHand.close();
      await all(inHand);
    },
  };
}

it("fan-out, retry: every item exactly once, in order", async () => {
  const { arms, killing, done } = shutWhile(KILLS);
  const items = upTo(40).map((n) => ({ n, ...arms }));
  const flow = api.fanOut(rt, items, jobs.hold, { width: 3, prefetch: 2, ordered: true, onError: { retry: Number.POSITIVE_INFINITY } });
  const [got] = await Promise.all([all(flow), killing()]);
  expect(got).toEqual(upTo(40));
  expect(flow.stats).toMatchObject({ deaths: KILLS, retried: KILLS, failed: 0, workers: 0 });
  await done();
}, 240_000);

it("fan-out, skip: what was in a dead thread's hands is missing, all else comes exactly once; with batches too", async () => {
  for (const batch of [1, 3]) {
    const { arms, killing, done } = shutWhile(KILLS);
    const items = upTo(200).map((n) => ({ n, ...arms }));
    const flow = api.fanOut(rt, items, jobs.hold, { width: 3, batch, onError: "skip" });
    const [got] = await Promise.all([all(flow), killing()]);
    const { deaths, failed } = flow.stats;
    expect(deaths).toBe(KILLS);
    expect(batch === 1 ? failed === KILLS : failed <= KILLS).toBe(true);
    expect(new Set(got).size).toBe(got.length);
    expect(got.length).toBe(200 - failed);
    await done();
  }
}, 240_000);

it("fan-out, keyed: order within each key is kept among what is not lost", async () => {
  const { arms, killing, done } = shutWhile(KILLS);
  const items = upTo(60).map((n) => ({ n, ...arms }));
  const flow = api.fanOut(rt, items, jobs.hold, { width: 3, key: ({ n }) => n % 4, onError: { retry: Number.POSITIVE_INFINITY } });
  const [got] = await Promise.all([all(flow), killing()]);
  for (let key = 0; key < 4; key++) expect(got.filter((n) => n % 4 === key)).toEqual(upTo(15).map((i) => 4 * i + key));
  expect(flow.stats.deaths).toBe(KILLS);
  await done();
}, 240_000);

it("fan-out, fail: each death ends it at once, and everything it had started", async () => {
  for (let kill = 0; kill < 20; kill++) {
    const { arms, killing, done } = shutWhile(1);
    const flow = api.fanOut(
      rt,
      upTo(5).map((n) => ({ n, ...arms })),
      jobs.hold,
      { width: 2 },
    );
    const [got] = await Promise.allSettled([all(flow), killing()]);
    expect(got).toMatchObject({ status: "rejected", reason: { code: "ERR_THREAD_DIED" } });
    expect(flow.stats.workers).toBe(0);
    await done();
  }
}, 240_000);

it("pipeline: two stages on threads, each with kills, every item exactly once, in order", async () => {
  const { arms, killing, done } = shutWhile(KILLS);
  const options = { width: 2, ordered: true, onError: { retry: Number.POSITIVE_INFINITY } };
  const line = api
    .pipeline(rt, upTo(60))
    .map((n) => ({ n, every: 3, ...arms }))
    .map(jobs.holdSome, options)
    .map((n) => ({ n, every: 5, ...arms }))
    .map(jobs.holdSome, options);
  const [got] = await Promise.all([all(line), killing()]);
  expect(got).toEqual(upTo(60));
  expect(line.stats.reduce((sum, stage) => sum + stage.deaths, 0)).toBe(KILLS);
  await done();
}, 240_000);

it("error group: each death is its task's error, light and dedicated; the others are untouched; the first one cancels the rest", async () => {
  for (const dedicated of [false, true]) {
    const { arms, killing, done } = shutWhile(KILLS);
    const group = api.errorGroup(rt, { mode: "collect", limit: dedicated ? 4 : 2, dedicated });
    for (const n of upTo(100)) group.go(jobs.hold, { n, ...arms });
    const [outcomes] = await Promise.all([group.wait<PromiseSettledResult<number>>(), killing()]);
    const failed = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(failed.length).toBeGreaterThanOrEqual(KILLS);
    for (const { reason } of failed) expect(reason).toMatchObject({ code: "ERR_THREAD_DIED" });
    for (const [n, outcome] of outcomes.entries()) if (outcome.status === "fulfilled") expect(outcome.value).toBe(n);
    await done();
  }
  for (let kill = 0; kill < 20; kill++) {
    const { arms, killing, done } = shutWhile(1);
    const group = api.errorGroup(rt, { dedicated: true });
    for (const n of upTo(3)) group.go(jobs.hold, { n, ...arms });
    const [waited] = await Promise.allSettled([group.wait(), killing()]);
    expect(waited).toMatchObject({ status: "rejected", reason: { code: "ERR_THREAD_DIED" } });
    expect(group.running).toBe(0);
    await done();
  }
}, 240_000);

/** Producers on threads; each is killed while it sends, and its channel closed when that is known. Answers the channels, and when all are closed. */
function doomedProducers(count: number) {
  const inHand = rt.channel(api.f64, 64);
  const channels = upTo(count).map(() => rt.channel(api.f64, 2));
  const ended = (async () => {
    for (const channel of channels) {
      const task = rt.with({ dedicated: true }).go(jobs.produce, channel.sender, inHand.sender);
      const [died] = await Promise.allSettled([task, killNext(inHand)]);
      expect(died).toMatchObject({ status: "rejected", reason: { code: "ERR_THREAD_DIED" } });
      channel.close();
    }
    inHand.close();
    await all(inHand);
  })();
  return { channels, ended };
}

/** A producer's values: 0, 1, 2 … without a gap. */
const isWhole = (values: readonly number[]) => values.every((value, i) => value === i) && values.length >= 3;

it("fan-in: producers die in mid-send; what they had accepted comes in order, and the end comes", async () => {
  const { channels, ended } = doomedProducers(KILLS);
  const marked = channels.map(async function* (channel, i) {
    for await (const value of channel) yield { i, value };
  });
  const got = await all(api.fanIn(marked));
  await ended;
  for (const i of upTo(KILLS)) expect(isWhole(got.filter((one) => one.i === i).map(({ value }) => value))).toBe(true);
  const plain = doomedProducers(4);
  expect((await all(api.fanIn(plain.channels))).length).toBeGreaterThanOrEqual(12);
  await plain.ended;
}, 240_000);

it("bridge: producers of inner channels die in mid-send; it goes on with the next", async () => {
  const { channels, ended } = doomedProducers(KILLS);
  const outer = rt.channel(api.channelOf(api.f64), KILLS);
  await outer.sendMany(channels);
  outer.close();
  const got = await all(api.bridge(outer));
  await ended;
  expect(got.filter((value) => value === 0).length).toBe(KILLS);
  const starts = got.flatMap((value, at) => (value === 0 ? [at] : []));
  for (const [i, at] of starts.entries()) expect(isWhole(got.slice(at, starts[i + 1] ?? got.length))).toBe(true);
}, 240_000);

it("tee: readers die with values in hand; their taps go, the others see every value", async () => {
  const split = api.tee(api.range(Number.POSITIVE_INFINITY));
  const here = split.tap();
  const inHand = rt.channel(api.f64, 64);
  const got: number[] = [];
  const reading = (async () => {
    for await (const value of here) got.push(value);
  })();
  for (let kill = 0; kill < KILLS; kill++) {
    const out = rt.channel(api.f64, 1);
    const task = rt.with({ dedicated: true }).go(jobs.consume, out.receiver, inHand.sender);
    const into = split.tap().into(out.sender);
    const [died] = await Promise.allSettled([task, killNext(inHand)]);
    expect(died).toMatchObject({ status: "rejected", reason: { code: "ERR_THREAD_DIED" } });
    out.close();
    await expect(into).rejects.toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    while (typeof out.tryRecv() === "number");
  }
  const before = got.length;
  await until(() => got.length > before + 10, "values go on");
  await split.close();
  await reading;
  expect(got).toEqual(upTo(got.length));
  inHand.close();
  await all(inHand);
}, 240_000);

it("or: a thread that waits is killed; its waiters vanish, and the signal goes to who is left", async () => {
  const inHand = rt.channel(api.f64, 64);
  const signals = upTo(3).map(() => rt.channel(api.f64, 0));
  for (let kill = 0; kill < KILLS; kill++) {
    const task = rt.with({ dedicated: true }).go(
      jobs.waitForAny,
      signals.map((signal) => signal.receiver),
      inHand.sender,
    );
    await until(() => signals.every((signal) => waitersOf(signal).receivers === 1), "it waits");
    const [died] = await Promise.allSettled([task, killNext(inHand)]);
    expect(died).toMatchObject({ status: "rejected", reason: { code: "ERR_THREAD_DIED" } });
    expect(signals.map((signal) => waitersOf(signal).receivers)).toEqual([0, 0, 0]);
  }
  const left = api.or(signals);
  await signals[1]!.send(5);
  expect(await left.done).toEqual({ case: 1, why: "value", value: 5 });
  for (const signal of signals) signal.close();
  inHand.close();
  expect(sorted(await all(inHand))).toEqual([]);
}, 240_000);
