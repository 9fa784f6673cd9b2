/**
 * Heddle's pool as a contender: two threads beside a runtime that has one.
 */
import { type Pool, Runtime } from "../../src/index.ts";
import type { Contender } from "../harness/scenario.ts";
import type { Drive } from "./calls.ts";

export function heddlePool(drive: Drive): Contender {
  let rt: Runtime;
  let pool: Pool<{ echo(value: number): number }>;
  return {
    name: "heddle",
    family: "heddle",
    async open() {
      rt = await Runtime.start({ threads: 1 });
      pool = rt.pool(rt.module<{ echo(value: number): number }>(new URL("./pool-echo.js", import.meta.url)), { threads: 2 });
      await pool.ready();
    },
    run: () => drive((value) => pool.call.echo(value)),
    async close() {
      await rt.close();
    },
  };
}
