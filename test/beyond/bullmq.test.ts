// examples/bullmq against a real Redis: acknowledged after processing, done again when a thread or a process dies, bounded, ended in order.

import { readFileSync } from "node:fs";
import { type Job, Queue, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { feed } from "../../examples/bullmq/feed.ts";
import { measure } from "../../examples/bullmq/jobs.ts";
import { sources } from "../../examples/sources.ts";
import { GATED, POISON } from "../fixtures/beyond-jobs.ts";
import { eventually, gated } from "./gates.ts";
import { isInstalled, type Server, startRedis } from "./servers.ts";

const SOURCES = sources()
  .slice(0, 60)
  .map((path) => readFileSync(path, "utf8"));
const SMALL = "export const one = () => 1;";
const END = { graceMs: 20_000 };
const here = isInstalled("redis-server");

describe.skipIf(!here)(`BullMQ feeds a pool${here ? "" : " (skipped: redis-server is not installed)"}`, () => {
  let server: Server;
  let held: Awaited<ReturnType<typeof gated>>;
  let queue: Queue;
  let numbered = 0;
  const errors: Error[] = [];
  const connection = () => ({ host: "127.0.0.1", port: server.port });
  const feeding = (pool = held.pool(), lockMs = 30_000) =>
    feed(pool, { connection: connection(), queue: queue.name, lockMs, onError: (error) => errors.push(error) });
  const add = (source: string, attempts = 3) => queue.add("measure", { source }, { attempts, backoff: { type: "fixed", delay: 1 } });
  const fresh = async (job: Job) => (await queue.getJob(job.id!))!;
  const counts = () => queue.getJobCounts("active", "wait", "completed", "failed");
  const ended = (job: Job) => eventually(async () => ["completed", "failed"].includes(await job.getState()), "the end of a job");

  beforeAll(async () => {
    server = await startRedis();
    held = await gated();
  });
  afterAll(async () => {
    const report = await held?.rt.close();
    await server?.stop();
    expect(report?.leftovers.waits).toBe(0);
  });
  beforeEach(() => {
    queue = new Queue(`measures-${numbered++}`, { connection: connection() });
  });
  afterEach(async () => {
    await queue.close();
    expect(errors).toEqual([]);
  });

  it("does all jobs, each once, with the results they have in line", async () => {
    await queue.addBulk(SOURCES.map((source) => ({ name: "measure", data: { source } })));
    const pool = held.pool(2);
    const work = await feeding(pool);
    await eventually(async () => (await queue.getCompletedCount()) === SOURCES.length, "all jobs done");
    await work.close(END);
    const jobs = await queue.getJobs("completed");
    for (const job of jobs) expect(job.returnvalue).toEqual(measure(job.data.source));
    expect(jobs.map((job) => job.attemptsMade)).toEqual(SOURCES.map(() => 1));
    expect(pool.stats()).toMatchObject({ accepted: SOURCES.length, succeeded: SOURCES.length });
  });

  it("fetches no more than its threads take, and waits for what runs when it ends", async () => {
    for (let i = 0; i < 6; i++) await add(GATED + SMALL);
    const pool = held.pool(2);
    const work = await feeding(pool);
    const active: number[] = [];
    await held.begun();
    for (let i = 0; i < 3; i++) {
      await held.begun();
      active.push(await queue.getActiveCount());
      if (i < 2) await held.letOn();
    }
    expect(active).toEqual([2, 2, 2]);
    const closed = work.close(END);
    await held.letOn();
    await held.letOn();
    await closed;
    expect(await counts()).toEqual({ active: 0, wait: 2, completed: 4, failed: 0 });
    expect(pool.stats()).toMatchObject({ accepted: 4, succeeded: 4 });
  });

  it("a job whose thread is killed in the middle is done again, and done once", async () => {
    const pool = held.pool();
    const work = await feeding(pool);
    const job = await add(GATED + SMALL);
    expect(held.rt.kill(await held.begun(), "by the test")).toBe(true);
    await held.begun();
    expect((await fresh(job)).attemptsMade).toBe(1);
    await held.letOn();
    await ended(job);
    await work.close(END);
    const done = await fresh(job);
    expect(done).toMatchObject({ attemptsMade: 2, returnvalue: measure(SMALL) });
    expect(String(done.stacktrace)).toContain("by the test");
    expect(await counts()).toEqual({ active: 0, wait: 0, completed: 1, failed: 0 });
    expect(pool.stats()).toMatchObject({ accepted: 2, succeeded: 1, died: 1, replaced: 1 });
  });

  it("a job that takes its threads along, and one that always throws, end among the failed; those beside them are done", async () => {
    const pool = held.pool();
    const work = await feeding(pool);
    const jobs = [await add(SMALL), await add(POISON, 2), await add("const = 1", 2), await add(SMALL)];
    for (const job of jobs) await ended(job);
    await work.close(END);
    const [first, poison, wrong, last] = await Promise.all(jobs.map(fresh));
    expect(poison).toMatchObject({ attemptsMade: 2, failedReason: expect.stringMatching(/thread \d+ died.*exit/) });
    expect(wrong).toMatchObject({ attemptsMade: 2, failedReason: expect.stringContaining("Unexpected token") });
    for (const done of [first, last]) expect(done!.returnvalue).toEqual(measure(SMALL));
    expect(await counts()).toEqual({ active: 0, wait: 0, completed: 2, failed: 2 });
    expect(pool.stats()).toMatchObject({ succeeded: 2, failed: 2, died: 2 });
  });

  it("what still runs when the grace is over goes back, its attempt not counted", async () => {
    const work = await feeding();
    const job = await add(GATED + SMALL, 1);
    await held.begun();
    await work.close({ graceMs: 0 });
    expect(await counts()).toEqual({ active: 0, wait: 1, completed: 0, failed: 0 });
    expect((await fresh(job)).attemptsMade).toBe(0);
    await held.letOn();
    const next = await feeding();
    await ended(job);
    await next.close(END);
    expect(await fresh(job)).toMatchObject({ attemptsMade: 1, returnvalue: measure(SMALL) });
  });

  it("a job whose process has ended is another's when its lock is over", async () => {
    const job = await add(SMALL);
    const gone = new Worker(queue.name, null, { connection: connection(), lockDuration: 300, autorun: false });
    expect((await gone.getNextJob("token"))?.id).toBe(job.id);
    await gone.close(true); // it neither answers nor renews the lock: to the others, a process that is gone
    const work = await feeding(held.pool(), 300);
    await ended(job);
    await work.close(END);
    expect(await fresh(job)).toMatchObject({ stalledCounter: 1, returnvalue: measure(SMALL) });
  });
});
