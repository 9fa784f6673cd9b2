// A worker process: REDIS_URL=redis://127.0.0.1:6379 npx tsx examples/bullmq/main.ts
// With --fill it puts the sources of the `three` package into the queue first. SIGTERM and SIGINT end it in order.

import { readFileSync } from "node:fs";
import { Queue } from "bullmq";
import { Runtime } from "../../src/index.ts";
import { shortName, sources } from "../sources.ts";
import { feed } from "./feed.ts";

const queue = "measures";
const connection = { url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" };

if (process.argv.includes("--fill")) {
  const jobs = new Queue(queue, { connection });
  const retries = { attempts: 3, backoff: { type: "exponential", delay: 200 } };
  await jobs.addBulk(sources().map((path) => ({ name: shortName(path), data: { source: readFileSync(path, "utf8") }, opts: retries })));
  await jobs.close();
}

const rt = await Runtime.start();
const pool = rt.pool(rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url)), { runTimeoutMs: 10_000 });
const feeding = await feed(pool, { connection, queue, onError: (error) => console.error(error) });
console.log(`${pool.size} threads take jobs of "${queue}"`);

async function end() {
  await feeding.close({ graceMs: 8_000 });
  const { succeeded, failed, died, timedOut } = pool.stats();
  console.log(`done: ${succeeded}, failed: ${failed + timedOut}, with their thread: ${died}`);
  await rt.close();
}
process.once("SIGTERM", end);
process.once("SIGINT", end);
