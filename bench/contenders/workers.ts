/**
 * Bare Workers as a contender: one message there and one back for each call, in turn, as one would write it by hand.
 * See https://nodejs.org/api/worker_threads.html
 */
import { Worker } from "node:worker_threads";
import type { Library } from "./library.ts";

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export const bareWorkers: Library = {
  name: "bare Workers",
  family: "workers",
  async open(threads) {
    const waiting = new Map<number, Waiting>();
    const fail = (error: unknown) => {
      for (const { reject } of waiting.values()) reject(error);
    };
    const workers = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL("./workers-entry.js", import.meta.url));
      worker.on("message", ({ id, result }: { id: number; result: unknown }) => {
        waiting.get(id)!.resolve(result);
        waiting.delete(id);
      });
      worker.on("error", fail);
      worker.on("exit", (code) => fail(new Error(`a bare Worker exited with code ${code}`)));
      return worker;
    });
    let calls = 0;
    return {
      call(job, input, transfer = []) {
        const id = calls++;
        workers[id % threads]!.postMessage({ id, job, input }, transfer);
        return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      },
      async close() {
        waiting.clear();
        await Promise.all(workers.map((worker) => worker.terminate()));
      },
    };
  },
};
