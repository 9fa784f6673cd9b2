/**
 * Heddle's go() as a contender: a task for each call, from the main thread. See docs/core.md.
 */
import type { Library } from "./library.ts";

export const heddleGo: Library = {
  name: "heddle",
  family: "heddle",
  async open(threads) {
    const { Runtime } = await import("../../src/index.ts");
    const rt = await Runtime.start({ threads });
    const jobs = rt.module<Record<string, (input: unknown) => unknown>>(new URL("./jobs.js", import.meta.url));
    return {
      call: (job, input) => rt.go(jobs[job]!, input),
      async close() {
        await rt.close();
      },
    };
  },
};
