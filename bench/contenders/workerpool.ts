/**
 * Workerpool as a contender: a fixed pool of two worker threads, its function registered in a script of its own.
 */
import { fileURLToPath } from "node:url";
import { type Pool, pool as workerPool } from "workerpool";
import type { Contender } from "../harness/scenario.ts";
import type { Drive } from "./calls.ts";

export function workerpool(drive: Drive): Contender {
  let pool: Pool;
  const call = (value: number) => pool.exec("echo", [value]) as unknown as PromiseLike<number>;
  return {
    name: "workerpool",
    family: "workerpool",
    async open() {
      const script = fileURLToPath(new URL("./workerpool-echo.js", import.meta.url));
      pool = workerPool(script, { minWorkers: 2, maxWorkers: 2, workerType: "thread" });
      await Promise.all([call(0), call(0)]);
    },
    run: () => drive(call),
    async close() {
      await pool.terminate();
    },
  };
}
