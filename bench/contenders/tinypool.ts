/**
 * Tinypool as a contender: a fixed pool of worker threads, functions by name. See https://github.com/tinylibs/tinypool#using-nodeworker_threads
 */
import { fileURLToPath } from "node:url";
import type { Library } from "./library.ts";

export const tinypool: Library = {
  name: "tinypool",
  family: "tinypool",
  async open(threads) {
    const { Tinypool } = await import("tinypool");
    const pool = new Tinypool({
      filename: fileURLToPath(new URL("./jobs.js", import.meta.url)),
      minThreads: threads,
      maxThreads: threads,
    });
    return {
      call: (name, input, transferList) => pool.run(input, transferList ? { name, transferList } : { name }),
      close: () => pool.destroy(),
    };
  },
};
