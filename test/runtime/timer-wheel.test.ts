// The timer wheel: order, cancelling, and nothing left behind. Time passes only where the wheel itself must be seen to fire.

import { describe, expect, it } from "vitest";
import { TimerWheel } from "../../src/runtime/timer-wheel.ts";

const now = () => performance.now();

describe("TimerWheel", () => {
  it("runs entries in the order they fall due, whatever order they were added in", async () => {
    const wheel = new TimerWheel();
    const ran: number[] = [];
    const start = now();
    await new Promise<void>((resolve) => {
      wheel.add(start + 30, resolve);
      for (const ms of [9, 3, 15, 1, 12, 6, 3]) wheel.add(start + ms, () => ran.push(ms));
    });
    expect(ran).toEqual([1, 3, 3, 6, 9, 12, 15]);
    expect(wheel.size).toBe(0);
  });

  it("never runs an entry early", async () => {
    const wheel = new TimerWheel();
    const due = now() + 5;
    const ranAt = await new Promise<number>((resolve) => {
      wheel.add(due, () => resolve(now()));
    });
    expect(ranAt).toBeGreaterThanOrEqual(due);
  });

  it("a cancelled entry does not run; cancelling twice or after it ran does nothing", async () => {
    const wheel = new TimerWheel();
    const ran: string[] = [];
    const dropped = wheel.add(now() + 1, () => ran.push("dropped"));
    wheel.cancel(dropped);
    wheel.cancel(dropped);
    const kept = await new Promise<ReturnType<typeof wheel.add>>((resolve) => {
      const entry = wheel.add(now() + 3, () => {
        ran.push("kept");
        resolve(entry);
      });
    });
    wheel.cancel(kept);
    expect([ran, wheel.size]).toEqual([["kept"], 0]);
  });

  it("an entry added by an entry, and one in the past, run", async () => {
    const wheel = new TimerWheel();
    await new Promise<void>((resolve) => {
      wheel.add(now() - 100, () => wheel.add(now() + 1, resolve));
    });
    expect(wheel.size).toBe(0);
  });

  it("an entry that adds itself again as due holds nothing up", async () => {
    const wheel = new TimerWheel();
    let isOver = false;
    const again = () => {
      if (!isOver) wheel.add(now() - 1, again);
    };
    again();
    await new Promise((resolve) => setTimeout(resolve, 5));
    isOver = true;
    await new Promise<void>((resolve) => {
      wheel.add(now(), resolve);
    });
    expect(wheel.size).toBe(0);
  });

  it("more than one turn runs: all of them, once, in their order", async () => {
    const wheel = new TimerWheel();
    const ran: number[] = [];
    const due = now() + 1;
    await new Promise<void>((resolve) => {
      for (let i = 0; i < 9_000; i++) wheel.add(due + (i >= 6_000 ? 1 : 0), () => ran.push(i));
      wheel.add(due + 2, resolve);
    });
    expect(ran).toEqual(Array.from({ length: 9_000 }, (_, i) => i));
    expect(wheel.size).toBe(0);
  });

  it("100,000 made and cancelled leave nothing", () => {
    const wheel = new TimerWheel();
    const entries = Array.from({ length: 100_000 }, (_, i) => wheel.add(now() + 10_000 + (i % 977), () => {}));
    expect(wheel.size).toBe(100_000);
    for (const entry of entries) wheel.cancel(entry);
    expect(wheel.size).toBe(0);
  });

  it("a due time beyond Node's longest timer is kept, not run at once", async () => {
    const wheel = new TimerWheel();
    const far = wheel.add(now() + 2 ** 40, () => expect.unreachable());
    await new Promise<void>((resolve) => {
      wheel.add(now() + 2, resolve);
    });
    expect(wheel.size).toBe(1);
    wheel.cancel(far);
  });
});
