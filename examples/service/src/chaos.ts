// Requests that kill threads: there with `--chaos` alone, for load/chaos.ts.

import type { FastifyInstance } from "fastify";
import type { Pool } from "heddle";
import { HeddleWork } from "./heddle-work.ts";
import type { Work } from "./work.ts";

type ChaosJobs = typeof import("./jobs/chaos-jobs.ts");

export function addChaos(app: FastifyInstance, work: Work): void {
  if (!(work instanceof HeddleWork)) throw new Error("expected --variant threads or threads-0 with --chaos");
  const { rt, pool, searcher, idleThreadIds } = work;
  let next = 0;

  /** Kills one of the pool's threads, in whatever it is doing: each in turn. */
  app.post("/chaos/kill", async () => {
    const ids = rt.threadIds.filter((id) => !idleThreadIds.includes(id) && id !== searcher.threadId);
    return { killed: ids.length > 0 && rt.kill(ids[next++ % ids.length]!, "chaos") };
  });

  /** Has one of the pool's threads end itself by process.exit(). */
  app.post("/chaos/exit", async () => {
    const code = await (pool as Pool<ChaosJobs>).call.die().then(
      () => "none",
      (error: { code: string }) => error.code,
    );
    return { killed: code === "ERR_THREAD_DIED" };
  });

  /** What is there, for a look at what is stuck. */
  app.get("/chaos/look", async () => `${JSON.stringify(pool.stats())}\n${searcher.state}, ${searcher.waiting} waiting\n${rt.inspect()}`);

  /** Kills the search's thread, index and all. */
  app.post("/chaos/search", async () => ({ killed: searcher.threadId !== undefined && rt.kill(searcher.threadId, "chaos") }));
}
