/**
 * Comlink as a contender: it has no pool, so as many Workers in turn. See https://github.com/GoogleChromeLabs/comlink#node
 */
import { Worker } from "node:worker_threads";
import type { Endpoint, Remote } from "comlink";
import type { Library } from "./library.ts";

type Exposed = Record<string, (input: unknown) => Promise<unknown>>;

export const comlink: Library = {
  name: "comlink",
  family: "comlink",
  async open(threads) {
    const { wrap, transfer: give } = await import("comlink");
    const { default: nodeEndpoint } = await import("comlink/dist/umd/node-adapter.js");
    const workers = Array.from({ length: threads }, () => new Worker(new URL("./comlink-entry.js", import.meta.url)));
    const remotes = workers.map((worker) => wrap<Exposed>((nodeEndpoint as unknown as (worker: Worker) => Endpoint)(worker)));
    let turn = 0;
    return {
      call(job, input, transfer) {
        const remote = remotes[turn++ % threads] as Remote<Exposed>;
        return remote[job]!(transfer ? give(input as object, transfer) : input) as Promise<unknown>;
      },
      async close() {
        await Promise.all(workers.map((worker) => worker.terminate()));
      },
    };
  },
};
