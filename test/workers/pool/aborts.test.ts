// Random aborts, timeouts and kills beside many calls: every other result is right, and each call settles once.

import { expect, it } from "vitest";
import { Runtime } from "../../../src/index.ts";
import { leftovers, NOTHING } from "../../support/heap.ts";

type Jobs = typeof import("../../fixtures/pool-jobs.ts");

const CALLS = 100_000;
const ABORTS = 10_000;
const AT_A_TIME = 2_000;
const WATCHDOG_MS = 120_000;

/** Numbers from 0 to 1, the same every time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

it.each([1, 0])(
  "10,000 random aborts beside 100,000 calls, beside %i threads",
  async (threads) => {
    const rt = await Runtime.start({ threads });
    const jobs = rt.module<Jobs>(new URL("../../fixtures/pool-jobs.js", import.meta.url));
    const pool = rt.pool(jobs, { threads: 2, graceMs: Number.POSITIVE_INFINITY });
    const next = random(threads + 1);
    let right = 0;
    let aborted = 0;
    const wrong: unknown[] = [];
    for (let from = 0; from < CALLS; from += AT_A_TIME) {
      const calls: Promise<void>[] = [];
      const aborts: AbortController[] = [];
      for (let i = from; i < from + AT_A_TIME; i++) {
        const isAborted = next() < ABORTS / CALLS;
        const abort = new AbortController();
        const { call } = isAborted ? pool.with({ signal: abort.signal, priority: i % 3 }) : pool;
        if (isAborted) aborts.push(abort);
        const settled = call.add(i, 1).then(
          (sum) => void (sum === i + 1 ? right++ : wrong.push(sum)),
          (error: { code?: string }) => void (isAborted && error.code === "ABORT_ERR" ? aborted++ : wrong.push(error)),
        );
        calls.push(settled);
      }
      while (aborts.length > 0) {
        for (let n = Math.ceil(next() * 40); n > 0 && aborts.length > 0; n--)
          aborts.splice(Math.floor(next() * aborts.length), 1)[0]!.abort();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(calls);
    }
    expect(wrong).toEqual([]);
    expect(right + aborted).toBe(CALLS);
    expect(aborted).toBeGreaterThan(0);
    const stats = pool.stats();
    expect(stats).toMatchObject({ accepted: CALLS, succeeded: right, aborted, failed: 0, died: 0, replaced: 0, queued: 0, running: 0 });
    await pool.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  },
  WATCHDOG_MS,
);

it(
  "kills, timeouts and deaths beside 5,000 calls disturb none of them",
  async () => {
    const rt = await Runtime.start({ threads: 1 });
    const jobs = rt.module<Jobs>(new URL("../../fixtures/pool-jobs.js", import.meta.url));
    const pool = rt.pool(jobs, { threads: 2, graceMs: 0 });
    const codes: Record<string, number> = {};
    const note = (error: { code?: string }) => {
      codes[error.code!] = (codes[error.code!] ?? 0) + 1;
    };
    const rest: Promise<unknown>[] = [];
    const sums = Array.from({ length: 5_000 }, (_, i) => {
      if (i % 1_000 === 500) rest.push(pool.call.die(3).catch(note));
      if (i % 2_500 === 700) rest.push(pool.with({ runTimeoutMs: 200 }).call.hang().catch(note));
      if (i % 2_500 === 900) {
        const abort = new AbortController();
        rest.push(pool.with({ signal: abort.signal }).call.hang().catch(note));
        setTimeout(() => abort.abort(), 300);
      }
      return pool.call.add(i, 1);
    });
    expect(await Promise.all(sums)).toEqual(sums.map((_, i) => i + 1));
    await Promise.all(rest);
    expect(codes).toEqual({ ERR_THREAD_DIED: 5, ERR_RUN_TIMEOUT: 2, ABORT_ERR: 2 });
    await pool.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  },
  WATCHDOG_MS,
);
