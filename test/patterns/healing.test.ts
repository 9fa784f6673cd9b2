// Self-healing: each cell of the contract.

import { describe, expect, it, vi } from "vitest";
import { type AtomicInt, bridge, type Context, f64, type Pulse, type Sender, type StewardOptions, steward } from "../../src/index.ts";
import { Outputs } from "../../src/patterns/healing/healed.ts";
import { until } from "../support/heap.ts";
import { all, failureOf, onThreads, upTo } from "./support.ts";

type Jobs = typeof import("../fixtures/ward-jobs.ts");
type Ward = import("../fixtures/ward-jobs.ts").Ward;
const coded = (code: string) => expect.objectContaining({ code });
const BACK_OFF = { minMs: 1, maxMs: 2 };

onThreads("self-healing", [0, 1], (bench, threads) => {
  const jobs = () => bench.rt.module<Jobs>(new URL("../fixtures/ward-jobs.js", import.meta.url));
  const setUp = (how: Ward["how"], times: number, options: StewardOptions = {}) => {
    const { sync } = bench.rt;
    const words = [sync.atomicInt(), sync.atomicInt(), sync.atomicInt(), sync.atomicInt()] as const;
    const [at, begun, running, most] = words;
    const boss = steward(bench.rt, { everyMs: 20, missed: 5, restarts: 10, backOff: BACK_OFF, graceMs: 1_000, ...options });
    const done = async () => {
      await boss.stop();
      for (const word of words as readonly AtomicInt[]) word.close();
    };
    return { boss, begun, running, most, done, ward: { at, begun, running, most, how, times } satisfies Ward };
  };

  it("a ward that returns is done: its output ends, and nothing is started again", async () => {
    const { boss, ward, begun, done } = setUp("nothing", 0);
    const flow = boss.ward(jobs().countToTen, ward);
    expect([begun.load(), flow.runs, flow.health]).toEqual([0, 0, undefined]); // not before somebody asks
    expect(await all(flow)).toEqual(upTo(10));
    expect([begun.load(), flow.runs, flow.health!.state, boss.which()]).toEqual([1, 1, "ended", []]);
    await done();
  });

  it("crashes: one unbroken output over all runs", async () => {
    for (const how of threads > 0 ? (["throw", "exit"] as const) : (["throw"] as const)) {
      const { boss, ward, most, done } = setUp(how, 2);
      const flow = boss.ward(jobs().countToTen, ward);
      expect(await all(flow)).toEqual(upTo(10));
      expect([flow.runs, how === "throw" ? most.load() : 1]).toEqual([3, 1]);
      await done();
    }
  });

  it("a ward that closes its heartbeat is stopped, waited for, and started again; nothing spins", async () => {
    const events: string[] = [];
    const { boss, ward, most, done } = setUp("close", 1, { onEvent: (event) => events.push(event.type) });
    expect(await all(boss.ward(jobs().countToTen, ward))).toEqual(upTo(10));
    expect(most.load()).toBe(1); // never two at a time
    expect(events).toEqual(["started", "exited", "restarting", "started", "exited"]);
    await done();
  });

  it("blocked is no illness, unless it is for too long", async () => {
    const patient = setUp("silent", 1);
    const waiting = patient.boss.ward(jobs().countToTen, patient.ward);
    const reading = all(waiting);
    await until(() => waiting.health?.state === "blocked", "it is blocked");
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(waiting.runs).toBe(1);
    await patient.done();
    expect(await reading).toEqual([0, 1, 2]); // stopped: an end
    const exits: unknown[] = [];
    const strict = setUp("silent", 1, { blockedMs: 10, onEvent: (event) => event.type === "exited" && exits.push(event.exit) });
    const flow = strict.boss.ward(jobs().countToTen, strict.ward);
    expect(await all(flow)).toEqual(upTo(10));
    expect([flow.runs, strict.most.load()]).toEqual([2, 1]);
    const blocked = { code: "ERR_UNHEALTHY", message: expect.stringMatching(/blocked/) };
    expect(exits).toEqual([{ kind: "failed", error: expect.objectContaining(blocked) }, { kind: "normal" }]);
    await strict.done();
  });

  it("restart storm: it gives up, with what it ended of, and no more starts than allowed", async () => {
    const { boss, begun, done } = setUp("throw", 0, { restarts: 3 });
    const flow = boss.ward(jobs().failAtStart, begun);
    const error = await failureOf(all(flow));
    expect(error).toMatchObject({ code: "ERR_RESTART_LIMIT", cause: { code: "E_NO_START" } });
    expect([begun.load(), flow.runs]).toEqual([4, 4]);
    expect(await boss.exited).toMatchObject({ kind: "failed", error });
    expect(await failureOf(all(boss.ward(jobs().failAtStart, begun)))).toBe(error);
    await done();
  });

  it("leaving the output stops the ward, and settles when it has ended; the others go on", async () => {
    const { boss, ward, begun, done } = setUp("nothing", 0);
    const endless = boss.ward(jobs().forEver, begun);
    for await (const n of endless) if (n === 5) break;
    expect([endless.health!.state, boss.which()]).toEqual(["ended", []]);
    expect(await all(boss.ward(jobs().countToTen, ward))).toEqual(upTo(10));
    await done();
  });

  it("a steward is a ward: the one below gives up and is started again; the output goes on", async () => {
    const { boss, ward, done } = setUp("throw", 4, { restarts: 5 });
    const below = boss.steward({ everyMs: 20, restarts: 1, backOff: BACK_OFF });
    const flow = below.ward(jobs().countToTen, ward);
    expect(await all(flow)).toEqual(upTo(10));
    expect(flow.runs).toBe(5);
    expect(boss.which().map(({ type }) => type)).toEqual(["supervisor"]);
    await done();
  });

  it("one for all: the end of one starts the others again", async () => {
    const { boss, ward, begun, done } = setUp("throw", 1, { strategy: "one-for-all" });
    const other = boss.ward(jobs().forEver, begun);
    await other.next();
    const words = setUp("throw", 1);
    expect(await all(boss.ward(jobs().countToTen, words.ward))).toEqual(upTo(10));
    await until(() => other.runs === 2, "the other was started again");
    await other.return();
    await words.done();
    expect(ward.times).toBe(1);
    await done();
  });

  it("one for all: one that is left while another ends is not started again", async () => {
    const boss = steward(bench.rt, { restarts: 10, backOff: BACK_OFF, strategy: "one-for-all" });
    let end: (() => void) | undefined;
    let fail!: (error: Error) => void;
    let tries = 0;
    const slow = boss.ward(async (out: Sender<number>, pulse: Pulse, ctx: Context) => {
      pulse.beat();
      await out.send(0);
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve, { once: true }));
      await new Promise<void>((resolve) => (end = resolve));
    });
    const torn = boss.ward(async (out: Sender<number>) => {
      await out.send(++tries);
      if (tries === 1) await new Promise((_, reject) => (fail = reject));
    });
    await slow.next();
    await torn.next();
    const leaving = slow.return();
    await until(() => end !== undefined, "it is being stopped");
    fail(new Error("torn"));
    await until(() => torn.health?.state === "ended", "the other has ended");
    end!();
    await leaving;
    expect(await all(torn)).toEqual([2]);
    expect([slow.runs, boss.which()]).toEqual([1, []]);
    await boss.stop();
  });

  it("a run's channel is let go once it was read to its end", async () => {
    const outputs = new Outputs<number>();
    const outs = upTo(3).map(() => bench.rt.channel(f64, 1));
    for (const [n, out] of outs.entries()) {
      await out.send(n);
      out.close();
      outputs.begin(out, {} as never);
    }
    const given = outs.map((out) => vi.spyOn(out, Symbol.dispose));
    const flow = bridge(outputs.channels());
    expect([(await flow.next()).value, (await flow.next()).value]).toEqual([0, 1]);
    await flow.return();
    outputs.dispose();
    expect(given.map((spy) => spy.mock.calls.length)).toEqual([0, 1, 1]);
  });

  it("signal: its wards stop, their outputs end with its error; bad input is named", async () => {
    const stop = new AbortController();
    const { boss, begun, done } = setUp("throw", 0, { signal: stop.signal });
    const flow = boss.ward(jobs().forEver, begun);
    await flow.next();
    const reading = failureOf(all(flow));
    stop.abort("over");
    expect(await reading).toMatchObject({ code: "ABORT_ERR", cause: "over" });
    expect((await boss.exited).kind).toBe("stopped");
    const bad = [
      5,
      { blockedMs: -1 },
      { graceMs: -1 },
      { restart: "temporary" },
      { fallback: 1 },
      { capacity: -1 },
      { restarts: -1 },
      { everyMs: 0 },
    ];
    for (const options of bad) expect(() => steward(bench.rt, options as never)).toThrow(coded("ERR_INVALID_ARG"));
    expect(() => boss.ward(5 as never)).toThrow(coded("ERR_INVALID_ARG"));
    await done();
  });

  it("an output that nobody reads to its end leaves nothing behind when the steward stops", async () => {
    const { boss, begun, done } = setUp("throw", 0);
    const flow = boss.ward(jobs().forEver, begun);
    await flow.next();
    await boss.stop();
    await flow.return();
    await done();
  });

  if (threads === 0) return;

  describe("on threads", () => {
    it("a ward that hangs and ignores its context loses its thread, and is started again", async () => {
      const exits: unknown[] = [];
      const { boss, ward, done } = setUp("spin", 1, {
        graceMs: 20,
        onEvent: (event) => {
          if (event.type === "exited") exits.push(event.exit);
        },
      });
      const flow = boss.ward(jobs().countToTen, ward);
      expect(await all(flow)).toEqual(upTo(10));
      expect(flow.runs).toBe(2);
      expect(exits[0]).toMatchObject({
        kind: "failed",
        error: { code: "ERR_UNHEALTHY", message: expect.stringMatching(/hung, in a loop or a native call/) },
      });
      await done();
    });

    it("fallback: once it has died too often it runs on the calling thread", async () => {
      const { boss, ward, done } = setUp("exit", 2, { restarts: 1, fallback: "threads-0" });
      const flow = boss.ward(jobs().countToTen, ward);
      expect(await all(flow)).toEqual(upTo(10));
      expect(flow.runs).toBe(3);
      await done();
    });
  });
});
