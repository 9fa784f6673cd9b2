/**
 * Comlink as a contender: it has no pool, so two Workers in turn.
 */
import { Worker } from "node:worker_threads";
import { type Endpoint, type Remote, wrap } from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";
import type { Contender } from "../harness/scenario.ts";
import type { Drive } from "./calls.ts";

interface Echo {
  echo(value: number): number;
}

export function comlink(drive: Drive): Contender {
  let workers: Worker[];
  let remotes: Remote<Echo>[];
  const call = (value: number) => remotes[value & 1]!.echo(value);
  return {
    name: "comlink",
    family: "comlink",
    async open() {
      workers = [0, 1].map(() => new Worker(new URL("./comlink-echo.js", import.meta.url)));
      remotes = workers.map((worker) => wrap<Echo>((nodeEndpoint as unknown as (worker: Worker) => Endpoint)(worker)));
      await Promise.all([call(0), call(1)]);
    },
    run: () => drive(call),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
