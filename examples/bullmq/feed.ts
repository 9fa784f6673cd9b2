// Feeds a pool from a BullMQ queue: a job is fetched when a thread is free for it, and acknowledged when its call has ended.

import { type ConnectionOptions, WaitingError, Worker } from "bullmq";
import type { HeddleError, Pool } from "../../src/index.ts";
import type { Measure, measure } from "./jobs.ts";

export interface FeedOptions {
  readonly connection: ConnectionOptions;
  readonly queue: string;
  /** How often a job may take its process down before it fails. Default 3. */
  readonly crashes?: number;
  /** For how long a job is this process's without a word from it; others look for such jobs as often. Default 30,000. */
  readonly lockMs?: number;
  /** Told what goes wrong between here and Redis. BullMQ tries again by itself. */
  readonly onError: (error: Error) => void;
}

export interface Feed {
  /** Fetches no more, lets what runs end for graceMs, gives the rest back with no attempt counted, and closes the pool. */
  close(options: { graceMs: number }): Promise<void>;
}

export async function feed(pool: Pool<{ measure: typeof measure }>, options: FeedOptions): Promise<Feed> {
  const { connection, queue, crashes = 3, lockMs = 30_000, onError } = options;
  await pool.ready();

  const worker = new Worker<{ source: string }, Measure>(
    queue,
    async (job, token, signal) => {
      try {
        return await pool.with({ signal }).call.measure(job.data.source);
      } catch (error) {
        if ((error as HeddleError).code !== "ERR_CLOSED") throw error; // a failed attempt: BullMQ tries again, or sets it aside
        await job.moveToWait(token);
        throw new WaitingError();
      }
    },
    { connection, concurrency: pool.size, lockDuration: lockMs, stalledInterval: lockMs, maxStalledCount: crashes - 1 },
  );
  worker.on("error", onError);
  // The jobs have gone to another worker: what is done to them here counts for nothing any more.
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) worker.cancelJob(id, "its lock was lost");
  });
  await worker.waitUntilReady();

  return {
    close: async ({ graceMs }) => {
      await Promise.all([worker.close(), pool.close({ graceMs })]);
    },
  };
}
