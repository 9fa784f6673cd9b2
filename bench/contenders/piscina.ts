/**
 * Piscina as a contender: a fixed pool of two threads, with `atomics: "sync"`, its default, which its documentation gives as the fast one.
 */
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Contender } from "../harness/scenario.ts";
import { type Drive, oneByOne, pipelined } from "./calls.ts";

export function piscina(run: Drive): Contender {
  let pool: Piscina<number, number>;
  return {
    name: "piscina",
    family: "piscina",
    async open() {
      pool = new Piscina({
        filename: fileURLToPath(new URL("./piscina-echo.js", import.meta.url)),
        minThreads: 2,
        maxThreads: 2,
        atomics: "sync",
        recordTiming: false,
      });
      await Promise.all([pool.run(0), pool.run(0)]);
    },
    run: () => run((value) => pool.run(value)),
    close: () => pool.destroy(),
  };
}

export function piscinaPipelined(total: number): Contender {
  return piscina((calls) => pipelined(calls, total));
}

export function piscinaOneByOne(total: number): Contender {
  return piscina((calls) => oneByOne(calls, total));
}
