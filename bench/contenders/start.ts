/**
 * Start: how long until threads are ready: a runtime's, and bare Workers. Each round starts new ones; stopping them is not timed.
 */
import { Worker } from "node:worker_threads";
import { Runtime } from "../../src/index.ts";
import type { Contender } from "../harness/scenario.ts";
import { nowNs } from "./clock.ts";
import { markOf, nameOf } from "./witness.ts";

export function heddleStart(threads: number): Contender {
  return {
    name: "heddle",
    family: "heddle",
    async open() {},
    async run() {
      const begun = nowNs();
      const rt = await Runtime.start({ threads });
      const ns = nowNs() - begun;
      const seen = { threads: new Set(rt.threadIds).size };
      await rt.close();
      return { value: ns / 1e6, seen, by: nameOf(markOf(rt)) };
    },
    async close() {},
  };
}

export function workersStart(threads: number): Contender {
  return {
    name: "bare Workers",
    family: "workers",
    async open() {},
    async run() {
      const begun = nowNs();
      const workers = await startWorkers(threads);
      const ns = nowNs() - begun;
      const seen = { threads: new Set(workers.map((worker) => worker.threadId)).size };
      await Promise.all(workers.map((worker) => worker.terminate()));
      return { value: ns / 1e6, seen, by: nameOf(markOf(workers[0]!)) };
    },
    async close() {},
  };
}

/** Bare Workers, each of which has said that it is ready. */
export function startWorkers(count: number): Promise<Worker[]> {
  const start = () =>
    new Promise<Worker>((resolve, reject) => {
      const worker = new Worker(new URL("./bare-ready.js", import.meta.url));
      worker.once("message", () => resolve(worker));
      worker.once("error", reject);
    });
  return Promise.all(Array.from({ length: count }, start));
}
