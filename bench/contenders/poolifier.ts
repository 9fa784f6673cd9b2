/**
 * Poolifier as a contender: a fixed pool of worker threads, functions by name. See https://github.com/poolifier/poolifier#usage
 */
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Library } from "./library.ts";

const CLOSE_LIMIT_MS = 1_000;

export const poolifier: Library = {
  name: "poolifier",
  family: "poolifier",
  async open(threads) {
    const { FixedThreadPool } = await import("poolifier");
    const pool = new FixedThreadPool<unknown, unknown>(threads, fileURLToPath(new URL("./poolifier-entry.js", import.meta.url)));
    return {
      call: (job, input, transfer) => pool.execute(input, job, undefined, transfer),
      async close() {
        await Promise.race([pool.destroy(), later(CLOSE_LIMIT_MS)]); // its promise stays pending here when nothing else keeps the process alive
      },
    };
  },
};
