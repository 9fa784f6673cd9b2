// The virtual clock: time jumps when all are asleep, in the order timers fall due; a seed reproduces an interleaving.

import { afterEach, describe, expect, it } from "vitest";
import { after, type Channel, CLOSED, f64, Runtime, select, tick } from "../../src/index.ts";
import { type Later, later, now, setVirtualClock, VirtualClock } from "../../src/runtime/clock.ts";
import { TimerWheel } from "../../src/runtime/timer-wheel.ts";
import { leftovers, NOTHING } from "../support/heap.ts";

const url = new URL("../fixtures/jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/jobs.ts");

let rt: Runtime | undefined;
afterEach(async () => {
  if (rt) expect(await leftovers(rt)).toEqual(NOTHING);
  rt = undefined;
});
const virtual = async (seed?: number) => {
  rt = await Runtime.start({ threads: 0, clock: "virtual", ...(seed === undefined ? {} : { seed }) });
  return rt;
};

describe("time", () => {
  it("an hour of waiting takes no time, and passes by the instants in their order", async () => {
    const started = performance.now();
    const { background } = await virtual();
    const order: string[] = [];
    const ch = rt!.channel(f64, 0);
    await Promise.all([
      after(3_600_000)
        .recv()
        .then(() => order.push("hour")),
      after(1_000)
        .recv()
        .then(() => order.push("second")),
      ch.recv({ timeoutMs: 60_000 }).catch((error: Error) => order.push(error.name)),
      select({ ch, late: after(5_000) }).then(({ case: which }) => order.push(which)),
      (async () => {
        using timed = background.withTimeout(30_000);
        await select({ ch, stop: timed.ctx.done });
        order.push(`context ${timed.ctx.cancelled}`);
      })(),
    ]);
    expect(order).toEqual(["second", "late", "context true", "TimeoutError", "hour"]);
    expect(performance.now() - started).toBeLessThan(30_000);
    ch.close();
  });

  it("does not jump while anything can run", async () => {
    await virtual();
    let isLate = false;
    const late = after(1)
      .recv()
      .then(() => {
        isLate = true;
      });
    const ch = rt!.channel(f64, 1);
    const receiving = (async () => {
      for await (const _ of ch.receiver) expect(isLate).toBe(false);
    })();
    for (let i = 0; i < 5_000; i++) await ch.send(i);
    expect(isLate).toBe(false);
    ch.close();
    await receiving;
    await late;
  });

  it("a ticker's instants are exactly apart", async () => {
    await virtual();
    const ticker = tick(250);
    const first = await ticker.recv();
    for (const apart of [250, 500, 750]) expect((await ticker.recv()) - first).toBeCloseTo(apart, 6);
  });

  it("a timer that is left when the runtime closes falls due by the real clock", async () => {
    await virtual();
    const left = after(1).recv();
    await rt!.close();
    rt = undefined;
    expect(await left).toBeTypeOf("number");
  });

  it("also after a jump: it has as long to go as when the clock was stopped, and so have a timeout and a timer wheel", async () => {
    await virtual();
    await after(3_600_000).recv();
    const left = after(30).recv();
    const wheel = new TimerWheel();
    const fell: number[] = [];
    for (const ms of [10, 15]) wheel.add(now() + ms, () => fell.push(ms));
    const late = after(3_600_000).recv({ timeoutMs: 20 });
    const expectation = expect(late).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    await rt!.close();
    rt = undefined;
    expect(await left).toBeTypeOf("number");
    await expectation;
    expect(fell).toEqual([10, 15]);
  });

  it("stopped: what a timer that is left sets falls due by it, one that is cancelled does not run", async () => {
    const clock = new VirtualClock(undefined);
    setVirtualClock(clock);
    clock.nowMs += 3_600_000;
    const startMs = clock.nowMs;
    const ran: string[] = [];
    const cancelled = later(() => ran.push("cancelled"), 1, true);
    const done = new Promise<void>((resolve) => {
      later(
        () => {
          expect(now()).toBeGreaterThanOrEqual(startMs);
          later(() => ran.push("cancelled too"), 1, true).cancel();
          later(
            () => {
              ran.push("second");
              expect(now()).toBeGreaterThanOrEqual(startMs);
              resolve();
            },
            5,
            true,
          );
          ran.push("first");
        },
        2,
        true,
      );
    });
    setVirtualClock(undefined);
    cancelled.cancel();
    expect(now()).toBeLessThan(startMs); // but for what it has left the real clock counts again
    await done;
    expect(ran).toEqual(["first", "second"]);
    expect(now()).toBeLessThan(startMs);
  });

  it("stopped: a step that comes then is still taken", async () => {
    const clock = new VirtualClock(1);
    setVirtualClock(clock);
    clock.touch();
    setVirtualClock(undefined);
    await new Promise<void>((resolve) => clock.step(resolve));
  });

  it("of timers due at once, one that another cancels does not run, and no other is lost", async () => {
    setVirtualClock(new VirtualClock(undefined));
    const ran: string[] = [];
    let second: Later | undefined;
    later(() => second?.cancel(), 5);
    second = later(() => ran.push("second"), 5);
    await new Promise<void>((resolve) => {
      later(resolve, 9);
    });
    setVirtualClock(undefined);
    expect(ran).toEqual([]);
  });

  it("tasks run on it too", async () => {
    const jobs = (await virtual()).module<Jobs>(url);
    const gate = rt!.channel(f64, 0);
    const waiting = rt!.go(jobs.waitAt, gate.receiver);
    await after(86_400_000).recv();
    await gate.send(7);
    expect(await waiting).toBe(7);
    gate.close();
  });
});

describe("a seed", () => {
  /** Three senders and two receivers on a small channel: who gets what is a matter of the interleaving. */
  async function play(seed: number): Promise<string> {
    const runtime = await Runtime.start({ threads: 0, clock: "virtual", seed });
    const log: string[] = [];
    const ch: Channel<number> = runtime.channel(f64, 1);
    const other: Channel<number> = runtime.channel(f64, 2);
    const receive = async (name: string) => {
      for (let value = await ch.recv(); value !== CLOSED; value = await ch.recv()) log.push(`${name}${value}`);
    };
    const choose = async () => {
      for (let isOpen = true; ; ) {
        const { case: from, value } = await select({ ch: isOpen ? ch : undefined, other });
        if (value !== CLOSED) log.push(`${from}${value}`);
        else if (from === "other") return;
        else isOpen = false;
      }
    };
    const send = async (from: number) => {
      for (let i = 0; i < 4; i++) await ch.send(from + i);
    };
    const receiving = Promise.all([receive("a"), receive("b"), choose()]);
    await Promise.all([send(10), send(20), send(30), other.sendMany([1, 2, 3, 4, 5, 6, 7, 8])]);
    ch.close();
    other.close();
    await receiving;
    expect(await leftovers(runtime)).toEqual(NOTHING);
    return log.join(" ");
  }

  it("reproduces an interleaving, and another one gives another", async () => {
    const once = await play(1);
    expect(await play(1)).toBe(once);
    const others = new Set<string>();
    for (let seed = 2; seed < 12; seed++) others.add(await play(seed));
    expect(others.size).toBeGreaterThan(5);
  });
});

describe("what is refused", () => {
  it.each([
    { threads: 2, clock: "virtual" },
    { threads: 0, clock: "slow" },
    { threads: 0, seed: 1 },
    { threads: 0, clock: "virtual", seed: -1 },
    { threads: 0, clock: "virtual", seed: 0.5 },
  ])("%o", async (options) => {
    await expect(Runtime.start(options as never)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
  });

  it("a second runtime beside a virtual clock, and a virtual clock beside another runtime", async () => {
    await virtual();
    await expect(Runtime.start({ threads: 0 })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await rt!.close();
    rt = await Runtime.start({ threads: 0 });
    await expect(Runtime.start({ threads: 0, clock: "virtual" })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
  });
});
