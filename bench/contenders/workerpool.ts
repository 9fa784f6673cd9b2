/**
 * Workerpool as a contender: a fixed pool of worker threads, its functions registered in a script of its own.
 * See https://github.com/josdejong/workerpool#dedicated-workers
 */
import { fileURLToPath } from "node:url";
import type { Library } from "./library.ts";

export const workerpool: Library = {
  name: "workerpool",
  family: "workerpool",
  async open(threads) {
    const { pool: makePool } = await import("workerpool");
    const script = fileURLToPath(new URL("./workerpool-entry.js", import.meta.url));
    const pool = makePool(script, { minWorkers: threads, maxWorkers: threads, workerType: "thread" });
    return {
      call: (job, input, transfer) => pool.exec(job, [input], transfer ? { transfer } : undefined) as unknown as PromiseLike<unknown>,
      async close() {
        await pool.terminate();
      },
    };
  },
};
