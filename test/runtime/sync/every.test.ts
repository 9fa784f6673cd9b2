// What holds for every sync primitive that can be waited at: the same tests by the same names, on one thread and with threads.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { f64, Mutex, Runtime } from "../../../src/index.ts";
import type { Shared } from "../../../src/runtime/operation/shared.ts";
import { SUBJECTS } from "../../fixtures/sync-subjects.ts";
import { until } from "../../support/heap.ts";
import { closeAll, kill, NOTHING_LEFT, waitingAt } from "../../support/sync.ts";

const coded = (code: string) => expect.objectContaining({ code });
const jobsUrl = new URL("../../fixtures/sync-subjects.js", import.meta.url);
type Jobs = typeof import("../../fixtures/sync-subjects.ts");

let rt: Runtime;
let made: Shared[];
const main = () => made[0]!;
const isWaiting = (n: number) => until(() => waitingAt(main()) === n, `${n} wait`);

describe.each([0, 2])("threads: %i", (threads) => {
  beforeAll(async () => {
    rt = await Runtime.start({ threads, maxDedicated: 2 });
  });
  afterAll(async () => {
    expect(await closeAll(rt, [])).toEqual(NOTHING_LEFT);
  });

  describe.each(Object.entries(SUBJECTS))("%s", (name, subject) => {
    beforeEach(() => {
      made = subject.make(rt);
    });
    afterEach(async () => {
      if (subject.isOnce) await subject.wait(made);
      else for (const one of made) (one as unknown as { close(): void }).close();
      expect(rt.heapUse().syncs).toBe(0);
    });

    it("smoke: who waits goes on when it may", async () => {
      const unblock = await subject.block(made);
      let through = false;
      const waiting = subject.wait(made).then(() => {
        through = true;
      });
      await isWaiting(1);
      expect(through).toBe(false);
      await unblock();
      await waiting;
      expect(waitingAt(main())).toBe(0);
    });

    it("first come, first served", async () => {
      if (name === "barrier") return;
      const unblock = await subject.block(made);
      const order: number[] = [];
      const waiting = [0, 1, 2].map((n) => subject.wait(made).then(() => void order.push(n)));
      await isWaiting(3);
      for (let i = 0; i < (name === "condition" ? 3 : 1); i++) await unblock();
      await Promise.all(waiting);
      expect(order).toEqual([0, 1, 2]);
    });

    it("close wakes who waits", async () => {
      if (subject.isOnce) return;
      const unblock = await subject.block(made);
      const waiting = Array.from({ length: name === "barrier" ? 1 : 2 }, () => subject.wait(made));
      const ends = Promise.allSettled(waiting);
      await isWaiting(waiting.length);
      (main() as unknown as { close(): void }).close();
      for (const end of await ends) expect(end).toMatchObject({ status: "rejected", reason: { code: "ERR_SYNC_CLOSED" } });
      await expect(subject.wait(made)).rejects.toThrow(coded("ERR_SYNC_CLOSED"));
      expect(() => (main() as unknown as { close(): void }).close()).toThrow(coded("ERR_SYNC_CLOSED"));
      if (name !== "barrier" && name !== "condition") await unblock(); // what is held can still be given back
      made = made.slice(1);
    });

    it("a timeout ends the wait and nothing else", async () => {
      const unblock = await subject.block(made);
      await expect(subject.wait(made, { timeoutMs: 1 })).rejects.toThrow(coded("ERR_TIMEOUT"));
      await expect(subject.wait(made, { timeoutMs: 0 })).rejects.toThrow(coded("ERR_TIMEOUT"));
      expect(waitingAt(main())).toBe(0);
      const waiting = subject.wait(made, { timeoutMs: 20_000 });
      await isWaiting(1);
      await unblock();
      await waiting;
    });

    it("a signal ends the wait; an aborted one refuses it", async () => {
      const unblock = await subject.block(made);
      const controller = new AbortController();
      const reason = new Error("enough");
      const waiting = subject.wait(made, { signal: controller.signal });
      await isWaiting(1);
      controller.abort(reason);
      await expect(waiting).rejects.toMatchObject({ code: "ABORT_ERR", cause: reason });
      await expect(subject.wait(made, { signal: controller.signal })).rejects.toThrow(coded("ABORT_ERR"));
      expect(waitingAt(main())).toBe(0);
      const last = subject.wait(made);
      await isWaiting(1);
      await unblock();
      await last;
    });

    it("bad input is refused with a code", async () => {
      const unblock = await subject.block(made);
      for (const options of [1, "soon", null, { timeoutMs: -1 }, { timeoutMs: "1" }, { signal: {} }]) {
        await expect(subject.wait(made, options as never), String(options)).rejects.toThrow(coded("ERR_INVALID_ARG"));
      }
      expect(waitingAt(main())).toBe(0);
      const waiting = subject.wait(made);
      await isWaiting(1);
      await unblock();
      await waiting;
    });

    it("the blocking door does not block this thread", async () => {
      const unblock = await subject.block(made);
      expect(() => subject.waitSync(made)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_WOULD_(DEADLOCK|BLOCK_SUPERVISOR)$/) }),
      );
      expect(waitingAt(main())).toBe(0);
      const waiting = subject.wait(made);
      await isWaiting(1);
      await unblock();
      await waiting;
    });

    if (threads === 0) return;

    it.each(["waitAt", "waitSyncAt"] as const)("the handle crosses threads: %s", async (door) => {
      const jobs = rt.module<Jobs>(jobsUrl);
      const started = rt.channel(f64, 0);
      const unblock = await subject.block(made);
      const task = rt.with({ dedicated: true }).go(jobs[door], name, made, started.sender);
      await started.recv();
      await isWaiting(1);
      await unblock();
      expect(await task).toBe("through");
      started.close();
    });

    it.each(["waitAt", "waitSyncAt"] as const)("a thread dies while it waits: %s", async (door) => {
      const jobs = rt.module<Jobs>(jobsUrl);
      const started = rt.channel(f64, 0);
      const unblock = await subject.block(made);
      const task = rt.with({ dedicated: true }).go(jobs[door], name, made, started.sender);
      const dying = (await started.recv()) as number;
      await isWaiting(1);
      // At a condition it has joined the queue before it unlocks: killed in between, it would leave the lock abandoned.
      if (made[1] instanceof Mutex) await until(() => !(made[1] as Mutex).isLocked, "the lock is free");
      await kill(rt, dying);
      await expect(task).rejects.toThrow(coded("ERR_THREAD_DIED"));
      await isWaiting(0);
      const next = subject.wait(made);
      await isWaiting(1);
      await unblock();
      await next;
      started.close();
    });

    it("a thread dies while it holds", async () => {
      if (name === "barrier" || name === "condition") return; // nothing is held there
      const jobs = rt.module<Jobs>(jobsUrl);
      const started = rt.channel(f64, 0);
      const task = rt.with({ dedicated: true }).go(jobs.holdForEver, name, made, started.sender);
      const dying = (await started.recv()) as number;
      const waiting = [subject.wait(made), subject.wait(made)];
      await isWaiting(2);
      await kill(rt, dying);
      await expect(task).rejects.toThrow(coded("ERR_THREAD_DIED"));
      const ends = await Promise.allSettled(waiting);
      for (const end of ends) {
        if (subject.death) expect(end).toMatchObject({ status: "rejected", reason: { code: subject.death } });
        else expect(end.status).toBe("fulfilled");
      }
      started.close();
    });
  });
});
