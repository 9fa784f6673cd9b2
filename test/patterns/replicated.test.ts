// Replicated requests: each cell of the contract.

import { describe, expect, it, vi } from "vitest";
import { after, type Context, f64, Runtime, replicated } from "../../src/index.ts";
import { usableCores } from "../../src/runtime/memory/cores.ts";
import type { Script } from "../fixtures/replica-jobs.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";
import { failureOf, onThreads, sorted, upTo } from "./support.ts";

type Jobs = typeof import("../fixtures/replica-jobs.ts");

onThreads("replicated requests", [0, 2], (bench, threads) => {
  const setUp = (...acts: Script["acts"]) => {
    const { rt } = bench;
    const log = rt.channel(f64, 64);
    const jobs = rt.module<Jobs>(new URL("../fixtures/replica-jobs.js", import.meta.url));
    const logged = () => {
      const all: number[] = [];
      for (let n = log.tryRecv(); typeof n === "number"; n = log.tryRecv()) all.push(n);
      return all;
    };
    const done = () => {
      logged();
      log.close();
    };
    return { rt, jobs, logged, done, script: { acts, log: log.sender } };
  };

  it("the first success is the answer; losers are cancelled and have stopped when `ended` says so; what they cost is told", async () => {
    const { rt, jobs, script, logged, done } = setUp("wait", "answer", "wait");
    const search = replicated(rt, jobs.act, { replicas: 3 });
    const asked = search.request(script);
    expect(await asked.result).toBe(1);
    const reports = await asked.ended;
    expect(reports.map(({ replica, place }) => [replica, place])).toEqual(
      expect.arrayContaining([
        [0, "lost"],
        [1, "won"],
        [2, "lost"],
      ]),
    );
    for (const { outcome, place } of reports) expect(place === "won" ? ["finished"] : ["stopped", "cancelled"]).toContain(outcome);
    const said = logged();
    for (const loser of [0, 2]) expect(said.includes(loser)).toBe(said.includes(loser - 100)); // whoever began has seen its end
    expect(search.stats).toMatchObject({ requests: 1, extra: 2, won: [0, 1, 0], failed: 0, withheld: 0 });
    expect(search.stats.lostMs).toBeGreaterThan(0);
    await search.close();
    expect(() => search.request(script)).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    await search.close();
    done();
  });

  it("the first failure does not win, and brings the next replica at once; all fail: one error with all of them", async () => {
    const { rt, jobs, script, logged, done } = setUp("fail", "fail", "answer");
    const asked = replicated(rt, jobs.act, { replicas: 3, hedge: 2 ** 31 - 1 }).request(script);
    expect(await asked.result).toBe(2);
    expect(logged()).toEqual([0, 1, 2]);
    await asked.ended;
    const failing = replicated(rt, jobs.act, { replicas: 2 });
    const failed = failing.request(script);
    const error = await failureOf(failed.result);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ code: "ERR_REPLICAS_FAILED", message: "all 2 replicas failed", cause: { code: "E_REPLICA" } });
    expect(error.errors!.length).toBe(2);
    expect((await failed.ended).map(({ place }) => place)).toEqual(["failed", "failed"]);
    expect(failing.stats).toMatchObject({ failed: 1, won: [0, 0] });
    done();
  });

  it("an answer in time: no hedge is started; one replica is a plain call", async () => {
    const { rt, jobs, script, logged, done } = setUp("answer", "answer");
    for (const options of [{ hedge: 2 ** 31 - 1 }, { replicas: 1 }]) {
      const asked = replicated(rt, jobs.act, options).request(script);
      expect([await asked.result, (await asked.ended).length, logged()]).toEqual([0, 1, [0]]);
    }
    done();
  });

  it("ctx and signal end a request: it rejects at once, and its replicas stop", async () => {
    const { rt, jobs, script, logged, done } = setUp("wait", "wait");
    const stop = new AbortController();
    const search = replicated(rt, jobs.act);
    const asked = search.requestUntil({ signal: stop.signal }, script);
    const seen: number[] = [];
    await until(() => seen.push(...logged()) >= 2, "both run");
    stop.abort("gone");
    expect(await failureOf(asked.result)).toMatchObject({ code: "ABORT_ERR", cause: "gone" });
    expect((await asked.ended).map(({ place, outcome }) => [place, outcome])).toEqual([
      ["lost", "stopped"],
      ["lost", "stopped"],
    ]);
    expect(sorted(logged())).toEqual([-100, -99]);
    expect(() => search.requestUntil({ signal: stop.signal }, script)).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
    done();
  });

  it("of a list of functions each is a replica of its own; those of this thread too", async () => {
    const { rt } = bench;
    const fails = async (_: number): Promise<number> => {
      throw new Error("no");
    };
    const asked = replicated(rt, [fails, async (n: number) => 2 * n]).request(21);
    expect(await asked.result).toBe(42);
    await asked.ended;
  });

  it("bad input is named", () => {
    const { rt } = bench;
    const fn = () => 1;
    const bad = [
      { replicas: 0 },
      { hedge: -1 },
      { hedge: { percentile: 0, firstMs: 1 } },
      { maxExtra: -1 },
      { onlyIdle: 1 },
      { graceMs: -1 },
      { dedicated: 1 },
      5,
    ];
    for (const options of bad)
      expect(() => replicated(rt, fn, options as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    for (const wrong of [5, [], [5], undefined])
      expect(() => replicated(rt, wrong as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => replicated(rt, [fn, fn], { replicas: 3 })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  if (threads === 0) {
    it("its runtime is closed while it runs: it still has its result and its end; a word that cannot be made is its replica's failure", async () => {
      vi.stubGlobal("process", Object.assign(Object.create(process) as typeof process, { threadCpuUsage: () => ({ user: 0, system: 0 }) }));
      try {
        const rt = await Runtime.start({ threads: 0 });
        let answer!: (value: number) => void;
        const waits = () => new Promise<number>((resolve) => (answer = resolve));
        const search = replicated(rt, waits, { replicas: 1, dedicated: true });
        const asked = search.request();
        await rt.close();
        answer(5);
        expect(await asked.result).toBe(5);
        expect(await asked.ended).toEqual([expect.objectContaining({ place: "won", cpuMs: undefined })]);
        const refused = search.request();
        expect(await failureOf(refused.result)).toMatchObject({ code: "ERR_REPLICAS_FAILED", cause: { code: "ERR_CLOSED" } });
        expect((await refused.ended).map(({ place }) => place)).toEqual(["failed"]);
      } finally {
        vi.unstubAllGlobals();
      }
    });

    it("CPU time is what losers cost where Node tells it", async () => {
      let used = 0;
      const threadCpuUsage = () => {
        used += 1_000_000;
        return { user: used, system: 0 };
      };
      vi.stubGlobal("process", Object.assign(Object.create(process) as typeof process, { threadCpuUsage }));
      try {
        const { rt, jobs, script, done } = setUp("wait", "answer");
        const search = replicated(rt, jobs.act, { dedicated: true });
        const asked = search.request(script);
        await asked.result;
        const lost = (await asked.ended).find(({ place }) => place === "lost")!;
        expect(lost.cpuMs).toBeGreaterThanOrEqual(1_000);
        expect(search.stats.lostMs).toBe(lost.cpuMs);
        done();
      } finally {
        vi.unstubAllGlobals();
      }
    });
    return;
  }

  it("only on idle threads: while every core has a dedicated task nothing is hedged", async () => {
    const { rt, jobs, script, done } = setUp("answer", "answer");
    const [gate, open] = [rt.channel(f64, 0), rt.channel(f64, 0)];
    const started = rt.channel(f64, 64);
    const many = Math.min(usableCores(), 15);
    const busy = upTo(many).map((n) =>
      rt.with({ dedicated: true }).go(bench.jobs.gated, { n, gate: gate.receiver, started: started.sender }),
    );
    const search = replicated(rt, jobs.act, { hedge: 2, onlyIdle: true, dedicated: true });
    const asked = search.request({ ...script, gate: open.receiver });
    await until(() => search.stats.withheld > 1, "a hedge was due, twice");
    expect(search.stats.extra).toBe(0);
    gate.close();
    await Promise.all(busy);
    open.close();
    await asked.result;
    await asked.ended;
    started.close();
    while (typeof started.tryRecv() === "number");
    done();
  });

  it("a loser that ignores its context loses its thread after graceMs", async () => {
    const { rt, jobs, script, logged, done } = setUp("deaf", "answer");
    const gate = rt.channel(f64, 0);
    const asked = replicated(rt, jobs.act, { dedicated: true, graceMs: 5 }).request({ ...script, gate: gate.receiver });
    const seen: number[] = [];
    await until(() => seen.push(...logged()) >= 2, "both run");
    gate.close();
    expect(await asked.result).toBe(1);
    expect((await asked.ended).map(({ place, outcome }) => [place, outcome])).toEqual([
      ["won", "finished"],
      ["lost", "killed"],
    ]);
    done();
  });
});

describe("hedging, on the virtual clock", () => {
  /** 1,000 requests to replicas that answer in 5 to 15 ms, but one in twenty takes a second. */
  async function ask(options: Parameters<typeof replicated>[2]) {
    const rt = await Runtime.start({ threads: 0, clock: "virtual" });
    let state = 42;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    const search = replicated(
      rt,
      async (ms: number, ctx: Context) => {
        await after(ctx.value("replica") === 0 ? ms : 10).recv({ ctx });
        return ms;
      },
      { replicas: 2, ...options },
    );
    const { now } = await import("../../src/runtime/clock.ts");
    const latencies: number[] = [];
    for (const _ of upTo(1_000)) {
      const start = now();
      const asked = search.request(random() < 0.05 ? 1_000 : 5 + 10 * random());
      await asked.result;
      latencies.push(now() - start);
      await asked.ended;
    }
    latencies.sort((a, b) => a - b);
    const { stats } = search;
    expect(await leftovers(rt)).toEqual(NOTHING);
    return { p50: latencies[500]!, p99: latencies[990]!, stats };
  }

  it("a fixed and a live delay cut the tail, at the extra cost they are worth; the cap holds; only idle threads", async () => {
    const plain = await ask({ replicas: 1 });
    const fixed = await ask({ hedge: 30 });
    const live = await ask({ hedge: { percentile: 90, firstMs: 30 } });
    const capped = await ask({ hedge: 30, maxExtra: 0.02 });
    expect([plain.p99 > 900, fixed.p99 < 60, live.p99 < 60]).toEqual([true, true, true]);
    expect([plain.stats.extra, fixed.stats.extra > 30 && fixed.stats.extra < 80, live.stats.extra < 150]).toEqual([0, true, true]);
    expect(capped.stats.extra).toBeLessThanOrEqual(20);
    expect(capped.stats.withheld).toBeGreaterThan(0);
    expect(fixed.stats.won[1]).toBe(fixed.stats.extra);
  });

  it("a replica that a failure has started is not started again when its delay is over", async () => {
    const rt = await Runtime.start({ threads: 0, clock: "virtual" });
    const search = replicated(
      rt,
      async (ctx: Context) => {
        await after(ctx.value("replica") === 0 ? 10 : 100).recv({ ctx });
        if (ctx.value("replica") === 0) throw new Error("no");
        return ctx.value("replica");
      },
      { hedge: 30 },
    );
    const asked = search.request();
    expect(await asked.result).toBe(1);
    expect((await asked.ended).map(({ replica }) => replica)).toEqual([0, 1]);
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
});
