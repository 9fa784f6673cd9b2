// The example service under duress: full queues, deadlines, clients that leave, threads that die. One service, and it is as good as new after each.

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { failure, metrics, post, resize, type Served, serve, slowPicture, smallPicture } from "./support.ts";

const BUSY = { status: 503, code: "ERR_QUEUE_FULL", retryAfter: "1" };
let served: Served;
let origin: string;

beforeAll(async () => {
  served = await serve({ threads: 1, maxQueue: 1, minTimeoutMs: 20, chaos: true });
  origin = served.origin;
});

afterAll(() => served.app.close());

afterEach(async () => {
  const response = await resize(origin, smallPicture);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/png"]);
});

const pool = () => served.work.counts().pool!;

/** Waits until it is so; the test's time limit ends it otherwise. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

it("a full queue: 503 with Retry-After, and the others get their answers", async () => {
  const responses = await Promise.all(Array.from({ length: 8 }, () => resize(origin, slowPicture)));
  const refused = responses.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(8);
  for (const response of refused) expect(await failure(response)).toEqual(BUSY);
  expect((await metrics(origin)).get('work_calls_total{work="pool",outcome="refused"}')).toBe(refused.length);
});

it("the search's queue is bounded as well", async () => {
  const responses = await Promise.all(Array.from({ length: 12 }, () => fetch(`${origin}/search?q=quikly%20weaving%20threads`)));
  const refused = responses.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(12);
  for (const response of refused) expect(await failure(response)).toEqual(BUSY);
});

it("a deadline that is missed: 504, and its thread is free again", async () => {
  const before = pool().replaced;
  const late = await resize(origin, slowPicture, { "x-timeout-ms": "1" });
  expect(await failure(late)).toEqual({ status: 504, code: "ERR_TOTAL_TIMEOUT", retryAfter: null });
  await until(() => pool().replaced === before + 1);
});

it("a client that leaves: what waits is dropped, what runs is stopped", async () => {
  const { aborted, succeeded } = pool().ended;
  const [first, second] = [new AbortController(), new AbortController()];
  const running = resize(origin, slowPicture, {}, first.signal);
  await until(() => pool().running === 1);
  const waiting = resize(origin, slowPicture, {}, second.signal);
  await until(() => pool().queued === 1);
  second.abort();
  await expect(waiting).rejects.toThrow("aborted");
  await until(() => pool().queued === 0);
  first.abort();
  await expect(running).rejects.toThrow("aborted");
  await until(() => pool().ended.aborted === aborted! + 2);
  expect(pool().ended.succeeded).toBe(succeeded);
});

it("a thread that dies: a proper error for the request it had", async () => {
  const before = pool().replaced;
  const doomed = resize(origin, slowPicture);
  await until(() => pool().running === 1);
  for (let n = 0; n < 2; n++) await post(`${origin}/chaos/kill`, "text/plain", ""); // the thread the test before has killed may still be on its way out
  expect(await failure(await doomed)).toEqual({ status: 500, code: "ERR_THREAD_DIED", retryAfter: null });
  const exit = await post(`${origin}/chaos/exit`, "text/plain", "");
  expect(await exit.json()).toEqual({ killed: true });
  expect((await metrics(origin)).get('work_threads_replaced_total{work="pool"}')).toBeGreaterThanOrEqual(before + 2);
});

it("the search's thread dies: the question is asked again of the next one", async () => {
  const killed = await post(`${origin}/chaos/search`, "text/plain", "");
  expect(await killed.json()).toEqual({ killed: true });
  const { hits } = (await (await fetch(`${origin}/search?q=weave&limit=1`)).json()) as { hits: { words: string }[] };
  expect(hits[0]!.words).toContain("weave");
  expect((await metrics(origin)).get('work_threads_replaced_total{work="search"}')).toBe(1);
});
