/**
 * Heddle's pool as a contender, beside a runtime that has one thread; with no threads the same program on the calling one. See docs/pool.md.
 */
import type { Library } from "./library.ts";

export const heddlePool: Library = {
  name: "heddle",
  family: "heddle",
  async open(threads) {
    const { Runtime } = await import("../../src/index.ts");
    const rt = await Runtime.start({ threads: Math.min(threads, 1) });
    const jobs = rt.module<typeof import("./jobs.js")>(new URL("./jobs.js", import.meta.url));
    const pool = threads === 0 ? rt.pool(jobs) : rt.pool(jobs, { threads });
    await pool.ready();
    const { call } = pool as unknown as { call: Record<string, (input: unknown) => Promise<unknown>> };
    return {
      call: (job, input, transfer) =>
        transfer ? (pool.with({ transfer }) as unknown as { call: typeof call }).call[job]!(input) : call[job]!(input),
      async close() {
        await rt.close();
      },
    };
  },
};
