/**
 * Poolifier as a contender: a fixed pool of two threads.
 */
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";
import type { Contender } from "../harness/scenario.ts";
import type { Drive } from "./calls.ts";

const CLOSE_LIMIT_MS = 1_000;

export function poolifier(drive: Drive): Contender {
  let pool: FixedThreadPool<number, number>;
  return {
    name: "poolifier",
    family: "poolifier",
    async open() {
      pool = new FixedThreadPool<number, number>(2, fileURLToPath(new URL("./poolifier-echo.js", import.meta.url)));
      await Promise.all([pool.execute(0), pool.execute(0)]);
    },
    run: () => drive((value) => pool.execute(value)),
    async close() {
      await Promise.race([pool.destroy(), later(CLOSE_LIMIT_MS)]); // its promise stays pending here when nothing else keeps the process alive
    },
  };
}
