/**
 * Tinypool as a contender: a fixed pool of two threads.
 */
import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import type { Contender } from "../harness/scenario.ts";
import type { Drive } from "./calls.ts";

export function tinypool(drive: Drive): Contender {
  let pool: Tinypool;
  return {
    name: "tinypool",
    family: "tinypool",
    async open() {
      pool = new Tinypool({ filename: fileURLToPath(new URL("./pool-echo.js", import.meta.url)), minThreads: 2, maxThreads: 2 });
      await Promise.all([pool.run(0), pool.run(0)]);
    },
    run: () => drive((value) => pool.run(value) as Promise<number>),
    close: () => pool.destroy(),
  };
}
