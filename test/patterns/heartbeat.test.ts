// Heartbeat: each cell of the contract.

import { expect, it, vi } from "vitest";
import { type AtomicInt, type Context, f64, type Health, heartbeat, type Pulse, queue, Runtime } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";
import { all, failureOf, onThreads, upTo } from "./support.ts";

type Jobs = typeof import("../fixtures/beating-jobs.ts");
const jobsOf = (rt: Runtime) => rt.module<Jobs>(new URL("../fixtures/beating-jobs.js", import.meta.url));

onThreads("heartbeat", [0, 1], (bench, threads) => {
  it("pulses per unit of work stand beside the results, none of which is lost; the progress is the last that was told", async () => {
    const { rt } = bench;
    const out = rt.channel(f64, 0);
    const beating = heartbeat(rt, { everyMs: 1_000 }).go(jobsOf(rt).count, 50, out.sender);
    expect(beating.health).toMatchObject({ state: "starting", beats: 0, missed: 0, progress: undefined });
    for (const i of upTo(50)) expect(await out.recv()).toBe(i);
    expect(await beating.result).toBe(50);
    expect(beating.health).toEqual({ ...beating.health, state: "ended", beats: 50, progress: 49, missed: 0 });
    expect(await beating.ended).toBe("finished");
    out.close();
  });

  it("the first pulse says that work has begun; a task that ends without one says that too", async () => {
    const { rt } = bench;
    const gate = rt.channel(f64, 0);
    const beating = heartbeat(rt).go(jobsOf(rt).beatAtEach, gate.receiver);
    await gate.send(7);
    expect(await beating.first).toBe(true);
    expect(beating.health).toMatchObject({ state: "healthy", beats: 1, progress: 7 });
    gate.close();
    expect(await beating.result).toBe("done");
    const silent = heartbeat(rt).go(jobsOf(rt).silent, 4);
    expect([await silent.first, await silent.result]).toEqual([false, 4]);
  });

  it("nobody listens, or slowly: the task is not held up; what is listened to is the newest", async () => {
    const { rt } = bench;
    const unheard = heartbeat(rt).go(jobsOf(rt).beatOften, 10_000);
    expect(await unheard.result).toBe(10_000);
    const slow = heartbeat(rt, { everyMs: 10 }).go(jobsOf(rt).beatOften, 10_000);
    const seen = await all(slow.pulses());
    expect(seen.length).toBeLessThan(1_000);
    expect(seen.at(-1)).toMatchObject({ state: "ended", beats: 10_000, progress: { done: 10_000 } });
    expect(await slow.result).toBe(10_000);
  });

  it("pulses(): left early, the task goes on", async () => {
    const { rt } = bench;
    const gate = rt.channel(f64, 4);
    const beating = heartbeat(rt, { everyMs: 10 }).go(jobsOf(rt).beatAtEach, gate.receiver);
    await gate.send(1);
    for await (const { beats } of beating.pulses()) if (beats === 1) break;
    await gate.send(2);
    gate.close();
    expect(await beating.result).toBe("done");
  });

  it("alive but blocked: its event loop turns and no pulse comes; a pulse makes it healthy again", async () => {
    const { rt } = bench;
    const gate = rt.channel(f64, 0);
    const changes: Health[] = [];
    const beat = heartbeat(rt, { everyMs: 20, missed: 2 });
    const beating = beat.watched((health) => changes.push(health), jobsOf(rt).beatAtEach, gate.receiver);
    await gate.send(1);
    await until(() => beating.health.state === "blocked", "it is blocked");
    const { missed, sinceMs, doing, doingSinceMs } = beating.health;
    expect(missed).toBeGreaterThanOrEqual(2);
    expect(sinceMs).toBeLessThan(performance.now());
    expect(doing).toMatch(/^waiting to receive/);
    expect(doingSinceMs).toBeGreaterThan(sinceMs - 1_000);
    await gate.send(2);
    await until(() => beating.health.state === "healthy", "it is healthy");
    gate.close();
    await beating.result;
    expect(changes.map(({ state }) => state)).toEqual(expect.arrayContaining(["healthy", "blocked", "ended"]));
  });

  it("by interval: a task that awaits is healthy without a pulse of its own", async () => {
    const { rt } = bench;
    const gate = rt.channel(f64, 0);
    const beating = heartbeat(rt, { everyMs: 20, missed: 100, by: "interval" }).go(jobsOf(rt).beatAtEach, gate.receiver);
    await until(() => beating.health.state === "healthy", "it is healthy");
    expect(beating.health.beats).toBe(0);
    gate.close();
    await beating.result;
  });

  it("it closes its pulse: seen at once, and not taken for an end", async () => {
    const { rt } = bench;
    const gate = rt.channel(f64, 0);
    const beating = heartbeat(rt, { everyMs: 10 }).go(jobsOf(rt).closePulse, gate.receiver);
    await until(() => beating.health.state === "closed", "it is closed");
    expect(beating.health.beats).toBeLessThanOrEqual(1);
    gate.close();
    await beating.result;
    expect(beating.health.state).toBe("ended");
  });

  it("an error arrives whole, after the end; a function of this thread beats too", async () => {
    const { rt } = bench;
    const failing = heartbeat(rt).go(jobsOf(rt).fail);
    expect(await failureOf(failing.result)).toMatchObject({ name: "RangeError", code: "E_TORN", message: "torn" });
    expect(await failing.ended).toBe("failed");
    const here = heartbeat(rt).go(async (n: number, pulse: Pulse<string>) => {
      pulse.beat("half");
      return 2 * n;
    }, 4);
    expect(await here.result).toBe(8);
    expect(here.health).toMatchObject({ state: "ended", beats: 1, progress: "half" });
  });

  it("ctx and signal stop it; ended already: refused; bad input is named", async () => {
    const { rt } = bench;
    const stop = new AbortController();
    const beating = heartbeat(rt, { signal: stop.signal }).go(async (pulse: Pulse, ctx: Context) => {
      pulse.beat();
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      return "seen";
    });
    stop.abort("over");
    expect(await beating.result).toBe("seen");
    expect(await beating.ended).toBe("stopped");
    expect(() => heartbeat(rt, { signal: stop.signal })).toThrow(expect.objectContaining({ code: "ABORT_ERR" }));
    const bad = [{ everyMs: 0 }, { missed: 0 }, { by: "x" }, { startMs: 1 }, { dedicated: 1 }, { graceMs: -1 }, 5];
    for (const options of bad) expect(() => heartbeat(rt, options as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => heartbeat(rt).go(5 as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it("what onChange throws is uncaught, and costs neither the result nor the words", async () => {
    const { rt } = bench;
    const uncaught: unknown[] = [];
    const thrown: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (fn: () => void) => thrown.push(fn));
    try {
      const beating = heartbeat(rt).watched(
        () => {
          throw new Error("listener");
        },
        async (n: number, pulse: Pulse) => {
          pulse.beat();
          return n;
        },
        7,
      );
      expect([await beating.result, await beating.ended]).toEqual([7, "finished"]);
    } finally {
      vi.unstubAllGlobals();
    }
    for (const fn of thrown) {
      try {
        fn();
      } catch (error) {
        uncaught.push((error as Error).message);
      }
    }
    expect(uncaught).toContain("listener");
  });

  if (threads === 0) return;

  it("blocked in a sync wait, and on what; hung in a loop that cannot run timers: told apart", async () => {
    const { rt } = bench;
    const jobs = jobsOf(rt);
    const gate = rt.channel(f64, 0);
    const beat = heartbeat(rt, { everyMs: 20, missed: 2, by: "interval" });
    const blocked = beat.go(jobs.beatAndBlock, gate.receiver);
    const hung = beat.go(jobs.beatAndSpin);
    await until(() => blocked.health.state === "blocked" && hung.health.state === "hung", "both are told");
    expect(blocked.health.doing).toMatch(/^waiting to receive from .*channel/);
    expect(hung.health.doing).toBe("in a loop or a native call");
    gate.close();
    await blocked.result;
    expect(await hung.stop()).toBe("stopped");
    expect(await failureOf(hung.result)).toMatchObject({ code: "ABORT_ERR" });
  });

  it("stopped, it ignores its context: its thread is killed after graceMs; a death is told", async () => {
    const { rt } = bench;
    const deaf = heartbeat(rt, { graceMs: 10 }).go(jobsOf(rt).beatAndSpinForEver);
    expect(await deaf.first).toBe(true);
    expect(await deaf.stop("enough")).toBe("killed");
    expect(await failureOf(deaf.result)).toMatchObject({ code: "ABORT_ERR" });
    const dying = heartbeat(rt).go(jobsOf(rt).die);
    expect(await failureOf(dying.result)).toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await dying.ended).toBe("died");
  });
});

it("its runtime is closed while it runs: it still has its result and its end", async () => {
  const rt = await Runtime.start({ threads: 0 });
  let pulse!: Pulse<string>;
  let answer!: (value: number) => void;
  const waits = (given: Pulse<string>) => {
    pulse = given;
    return new Promise<number>((resolve) => (answer = resolve));
  };
  const beating = heartbeat(rt).go(waits);
  await rt.close();
  pulse.beat("too late");
  pulse.close();
  expect([await beating.first, beating.health.state]).toEqual([false, "starting"]);
  answer(5);
  expect([await beating.result, await beating.ended, beating.health.state]).toEqual([5, "finished", "ended"]);
});

it("a heap that is full: a task that beats, or a queue, is made whole or not at all", async () => {
  const rt = await Runtime.start({ threads: 0, heapBytes: 2 << 20 });
  const held: AtomicInt[] = [];
  const fill = () => {
    for (;;) held.push(rt.sync.atomicInt());
  };
  const full = expect.objectContaining({ code: "ERR_HEAP_EXHAUSTED" });
  const jobs = queue<number>(rt, { capacity: 4 });
  expect(fill).toThrow(full);
  jobs[Symbol.dispose](); // room for a leased queue, and then for some of the counters only
  for (const _ of upTo(8)) held.push(rt.sync.atomicInt());
  const { syncs, leasedQueues, channels } = rt.heapUse();
  expect(() => queue(rt, { capacity: 4 })).toThrow(full);
  expect(rt.heapUse()).toMatchObject({ syncs, leasedQueues, channels });
  expect(fill).toThrow(full);
  for (const word of held.splice(-2)) word.close();
  const before = rt.heapUse().syncs;
  expect(() => heartbeat(rt).go(() => 1)).toThrow(full);
  expect(rt.heapUse().syncs).toBe(before);
  for (const word of held) word.close();
  expect(await leftovers(rt)).toEqual(NOTHING);
});
