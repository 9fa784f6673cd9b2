/**
 * Piscina as a contender: a fixed pool, functions by name, with `atomics: "sync"`, its default, which its documentation gives as the fast one.
 * No idle thread is stopped, since all are the least there are. See https://github.com/piscinajs/piscina#class-piscina
 */
import { fileURLToPath } from "node:url";
import type { Library } from "./library.ts";

export const piscina: Library = {
  name: "piscina",
  family: "piscina",
  async open(threads) {
    const { Piscina } = await import("piscina");
    const pool = new Piscina({
      filename: fileURLToPath(new URL("./jobs.js", import.meta.url)),
      minThreads: threads,
      maxThreads: threads,
      atomics: "sync",
      recordTiming: false,
    });
    return {
      call: (name, input, transferList) => pool.run(input, transferList ? { name, transferList } : { name }),
      close: () => pool.destroy(),
    };
  },
};
