// A worker process: NATS_URL=127.0.0.1:4222 npx tsx examples/nats/main.ts
// With --fill it publishes pictures first. SIGTERM and SIGINT end it in order.

import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Runtime } from "../../src/index.ts";
import { feed } from "./feed.ts";
import { julia } from "./pictures.ts";
import { makeStreams } from "./streams.ts";

const FILL = 64;
const connection = await connect({ servers: process.env.NATS_URL ?? "127.0.0.1:4222", maxReconnectAttempts: -1 });
await makeStreams(connection);
if (process.argv.includes("--fill")) {
  const client = jetstream(connection);
  for (let i = 0; i < FILL; i++) await client.publish(`pictures.${i}`, julia(i / FILL, 256));
}

const rt = await Runtime.start();
const pool = rt.pool(rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url)), { runTimeoutMs: 10_000 });
const feeding = await feed(pool, connection, { onError: (error) => console.error(error) });
console.log(`${pool.size} threads make thumbnails`);

async function end() {
  await feeding.close({ graceMs: 8_000 });
  const { succeeded, failed, died, timedOut } = pool.stats();
  console.log(`done: ${succeeded}, failed: ${failed + timedOut}, with their thread: ${died}`);
  await connection.drain();
  await rt.close();
}
process.once("SIGTERM", end);
process.once("SIGINT", end);
