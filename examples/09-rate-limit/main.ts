// One budget for all threads: workers fetch pages from a server that allows 100 requests a second, 5 at once, and 24 a day.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { errorGroup, type Runtime } from "../../src/index.ts";

export const about = "workers on several threads within one budget, against a local server";

const WORKERS = 3;
const RATE = { perSecond: 100, burst: 5 };
const QUOTA = 24;

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const arrivals: number[] = [];
  const server = await listen(arrivals);
  const { port } = server.address() as AddressInfo;

  const perSecond = rt.sync.limiter(RATE);
  const perDay = rt.sync.limiter({ perSecond: 0, burst: QUOTA });
  const startMs = performance.now();
  const group = errorGroup(rt);
  for (let worker = 0; worker < WORKERS; worker++) {
    const pages = Array.from({ length: 12 }, (_, i) => `page/${worker}/${i}`);
    group.go(jobs.fetchAll, `http://127.0.0.1:${port}`, pages, perSecond, perDay);
  }
  const done = await group.wait<{ fetched: number; endedBy: string }>();
  const ms = performance.now() - startMs;

  const fetched = done.reduce((sum, { fetched }) => sum + fetched, 0);
  yield `${WORKERS} workers wanted ${WORKERS * 12} pages and got ${fetched}; the server saw ${arrivals.length}`;
  yield `within the rate: ${ms >= ((QUOTA - RATE.burst) / RATE.perSecond) * 1_000}`;
  yield `the quota ended: ${done.some(({ endedBy }) => endedBy === "ERR_LIMIT_EXCEEDED")}, left of it: ${perDay.tokens}`;
  yield `the other tier was not charged for what the quota refused: ${perSecond.tokens >= -1}`;
  perSecond.close();
  perDay.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A server that notes when it was asked. */
function listen(arrivals: number[]): Promise<Server> {
  const server = createServer((_, response) => {
    arrivals.push(performance.now());
    response.end("a page");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
