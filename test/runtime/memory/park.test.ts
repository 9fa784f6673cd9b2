// The sleeper, where it can be seen: paths that cost no wait, and a thread that blocks while promises of it wait too.

import { describe, expect, it } from "vitest";
import { f64, Runtime } from "../../../src/index.ts";
import { SharedHeap } from "../../../src/runtime/memory/heap.ts";
import * as L from "../../../src/runtime/memory/layout.ts";
import { Thread } from "../../../src/runtime/memory/thread.ts";
import { leftovers, NOTHING, until, waitersOf } from "../../support/heap.ts";

describe("Parker", () => {
  it("values that need no wait cost no wait and no waitAsync", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const ch = rt.channel(f64, 8);
    const { counts } = ch.ring.thread.parker;
    const before = { ...counts };
    for (let i = 0; i < 1_000; i++) {
      await ch.send(i);
      expect(await ch.recv()).toBe(i);
    }
    expect(counts).toEqual(before);
    ch.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("a thread that blocks is not there for tasks meanwhile", () => {
    const heap = SharedHeap.create(4 * 1024 * 1024, 1);
    const thread = new Thread(heap, L.SLOTS_AT, Thread.open(heap, L.SLOTS_AT));
    const calls: string[] = [];
    thread.duties = {
      onTaskDone: () => calls.push("task"),
      onIdle: () => false,
      onBusy: () => calls.push("busy"),
      isNeeded: () => false,
    };
    expect(thread.parker.block(() => calls.push("looked") > 5, performance.now() + 1)).toBe(false);
    expect(calls.slice(0, 2)).toEqual(["busy", "looked"]);
  });

  it("one waitAsync serves any number of waits", async () => {
    const rt = await Runtime.start({ threads: 0 });
    const ch = rt.channel(f64, 0);
    const { counts } = ch.ring.thread.parker;
    const waiting = Array.from({ length: 5_000 }, () => ch.recv());
    expect(counts.asyncWaits).toBe(1);
    for (let i = 0; i < 5_000; i++) expect(ch.trySend(i)).toBe(true);
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
    expect(counts.asyncWaits).toBeLessThanOrEqual(3);
    ch.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("a thread blocked in a sync door while it awaits elsewhere is woken for both", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const jobs = rt.module<typeof import("../../fixtures/jobs.ts")>(new URL("../../fixtures/jobs.js", import.meta.url));
    for (const order of ["async first", "sync first"]) {
      const awaited = rt.channel(f64, 0);
      const blocking = rt.channel(f64, 0);
      const task = rt.with({ dedicated: true }).go(jobs.bothDoors, awaited.receiver, blocking.receiver);
      await until(() => waitersOf(awaited).receivers === 1 && waitersOf(blocking).receivers === 1, "it waits at both doors");
      const sends = order === "async first" ? [awaited.send(1), blocking.send(2)] : [blocking.send(2), awaited.send(1)];
      await Promise.all(sends);
      expect(await task).toEqual([1, 2]);
      awaited.close();
      blocking.close();
    }
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("a sync wait's timeout ends it while the thread stays usable", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const jobs = rt.module<typeof import("../../fixtures/jobs.ts")>(new URL("../../fixtures/jobs.js", import.meta.url));
    const ch = rt.channel(f64, 0);
    expect(await rt.go(jobs.recvSyncWithin, ch.receiver, 5)).toBe("ERR_TIMEOUT");
    expect(waitersOf(ch)).toEqual({ receivers: 0, senders: 0 });
    const waiting = rt.go(jobs.recvSyncWithin, ch.receiver, 60_000);
    await ch.send(9);
    expect(await waiting).toBe("9");
    ch.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
});
