// Queuing: each cell of the contract.

import { describe, expect, it } from "vitest";
import { after, CLOSED, type Context, f64, type Job, type QueueOptions, queue, queueOf, Runtime, serve } from "../../src/index.ts";
import { sharedNow } from "../../src/runtime/clock.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";
import { all, failureOf, onThreads, sorted, upTo } from "./support.ts";

type Jobs = typeof import("../fixtures/queue-jobs.ts");
const coded = (code: string) => expect.objectContaining({ code });

onThreads("queuing", [0, 1], (bench, threads) => {
  const make = <T>(options: QueueOptions<T>) => queue<T>(bench.rt, options);
  const jobs = () => bench.rt.module<Jobs>(new URL("../fixtures/queue-jobs.js", import.meta.url));
  const taken = async <T>(promise: Promise<Job<T> | typeof CLOSED>): Promise<Job<T>> => {
    const job = await promise;
    if (job === CLOSED) throw new Error("expected a job, got the end");
    return job;
  };
  /** Takes and acknowledges all there is, until the end. */
  const drain = async <T>(jobs: AsyncIterable<Job<T>>): Promise<T[]> => {
    const values: T[] = [];
    for await (const job of jobs) {
      values.push(job.value);
      job.ack();
    }
    return values;
  };

  it("first in, first out; acknowledged jobs are gone, given back ones come again, then to the dead letters with the causes", async () => {
    const q = make<number>({ capacity: 8, attempts: 2 });
    for (const n of [1, 2, 3]) expect(await q.put(n)).toBe("accepted");
    q.close();
    const got: [number, number][] = [];
    for await (const job of q) {
      got.push([job.value, job.attempt]);
      if (job.value === 2) job.nack(new RangeError(`no ${job.attempt}`));
      else expect(job.ack()).toBe(true);
    }
    expect(got).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
      [3, 1],
    ]);
    expect(q.stats()).toMatchObject({ arrived: 3, begun: 3, handedOut: 4, done: 2, returned: 2, length: 0, leased: 0 });
    for await (const letter of q.dead()) {
      expect([letter.value, letter.causes.map((cause) => (cause as Error).message)]).toEqual([2, ["no 1", "no 2"]]);
      letter.ack();
    }
    await expect(q.put(4)).rejects.toThrow(coded("ERR_CHANNEL_CLOSED"));
    expect(() => q.close()).toThrow(coded("ERR_CHANNEL_CLOSED"));
    q[Symbol.dispose]();
    expect(q.stats()).toMatchObject({ arrived: 3, done: 2 });
  });

  it("full: block holds the producer back, and says so; its wait ends with timeout, signal and close", async () => {
    const q = make<number>({ capacity: 1 });
    await q.put(1);
    expect(await failureOf(q.put(2, { timeoutMs: 0 }))).toMatchObject({ code: "ERR_TIMEOUT" });
    const stop = new AbortController();
    const aborted = failureOf(q.put(3, { signal: stop.signal }));
    stop.abort("gone");
    expect(await aborted).toMatchObject({ code: "ABORT_ERR", cause: "gone" });
    const waiting = q.put(4);
    expect(q.stats()).toMatchObject({ full: 3, length: 1, arrived: 1 });
    (await taken(q.take())).ack();
    expect(await waiting).toBe("accepted");
    const refused = failureOf(q.put(5));
    q.close();
    expect(await refused).toMatchObject({ code: "ERR_CHANNEL_CLOSED" });
    expect(await drain(q)).toEqual([4]);
    q[Symbol.dispose]();
  });

  it("full: reject, drop-newest, drop-oldest, caller-runs", async () => {
    const ran: number[] = [];
    const run = (n: number) => void ran.push(n);
    const [reject, newest, oldest, caller] = (["reject", "drop-newest", "drop-oldest", "caller-runs"] as const).map((whenFull) =>
      make<number>({ capacity: 2, whenFull, ...(whenFull === "caller-runs" && { run }) }),
    ) as [
      ReturnType<typeof make<number>>,
      ReturnType<typeof make<number>>,
      ReturnType<typeof make<number>>,
      ReturnType<typeof make<number>>,
    ];
    const queues = [reject, newest, oldest, caller];
    for (const q of queues) for (const n of [1, 2]) await q.put(n);
    await expect(reject.put(3)).rejects.toThrow(coded("ERR_QUEUE_FULL"));
    expect(await Promise.all([newest.put(3), oldest.put(3), caller.put(3)])).toEqual(["dropped", "accepted", "ran"]);
    for (const q of queues) q.close();
    expect(await Promise.all(queues.map((q) => drain(q)))).toEqual([
      [1, 2],
      [1, 2],
      [2, 3],
      [1, 2],
    ]);
    expect([ran, caller.stats().ran, newest.stats().dropped, oldest.stats().dropped]).toEqual([[3], 1, 1, 1]);
    for (const q of queues) q[Symbol.dispose]();
  });

  it("close: drains, or discards what waits; what is in hand may be finished", async () => {
    const q = make<number>({ capacity: 8 });
    for (const n of [1, 2, 3]) await q.put(n);
    const held = await taken(q.take());
    const end = q.take(); // leased by now
    q.close({ discard: true });
    expect(q.stats()).toMatchObject({ length: 0, leased: 2, dropped: 1 });
    expect(held.ack()).toBe(true);
    (await taken(end)).ack();
    expect(await q.take()).toBe(CLOSED);
    q[Symbol.dispose]();
  });

  it("batches: by size, by time, and the rest at the end; leaving early gives back", async () => {
    const q = make<number>({ capacity: 64 });
    for (const n of upTo(5)) await q.put(n);
    const sizes: number[] = [];
    for await (const batch of q.batches({ size: 2, withinMs: 20 })) {
      sizes.push(batch.length);
      for (const job of batch) job.ack();
      if (sizes.length === 3) await q.put(9); // the third came by time, with one job
      if (sizes.length === 3) q.close();
    }
    expect(sizes).toEqual([2, 2, 1, 1]);
    q[Symbol.dispose]();
    const left = make<number>({ capacity: 8 });
    for (const n of upTo(3)) await left.put(n);
    for await (const _ of left.batches({ size: 2 })) break;
    expect(left.stats()).toMatchObject({ length: 3, leased: 0, returned: 2 });
    left.close();
    expect(sorted(await drain(left))).toEqual([0, 1, 2]);
    left[Symbol.dispose]();
    for (const bad of [{ size: 0 }, { withinMs: 0 }, { withinMs: Number.POSITIVE_INFINITY }]) {
      await expect(left.batches(bad).next()).rejects.toThrow(coded("ERR_INVALID_ARG"));
    }
  });

  it("deadlines: a job that waited too long is not handed out, and its letter says why; without letters it is gone", async () => {
    for (const attempts of [2, Number.POSITIVE_INFINITY]) {
      const q = make<number>({ capacity: 8, attempts });
      await q.put(1, { ttlMs: 1 });
      await q.put(2);
      const start = sharedNow();
      await until(() => sharedNow() > start + 2, "time goes by");
      q.close();
      expect(await drain(q)).toEqual([2]);
      const letters: unknown[] = [];
      for await (const letter of q.dead()) {
        letters.push([letter.value, (letter.causes[0] as { code: string }).code]);
        letter.ack();
      }
      expect(letters).toEqual(attempts === 2 ? [[1, "ERR_QUEUE_TIMEOUT"]] : []);
      expect(q.stats().late).toBe(1);
      q[Symbol.dispose]();
    }
  });

  it("serve: on threads and here, until the end; what throws is given back; put on another thread", async () => {
    const { rt } = bench;
    const out = rt.channel(f64, 64);
    const q = make<{ n: number; out: typeof out.sender }>({ capacity: 4, attempts: 2 });
    const serving = serve(rt, q, jobs().failAtOdd, { width: 2 });
    const putting = rt.go(jobs().putAll, q.handle as never, 0, 10, out.sender);
    const dead = drain(q.dead());
    await putting;
    q.close();
    await serving.done;
    expect((await dead).map(({ n }) => n).sort()).toEqual([1, 3, 5, 7, 9]);
    const got: number[] = [];
    for (let n = out.tryRecv(); typeof n === "number"; n = out.tryRecv()) got.push(n);
    expect(sorted(got)).toEqual([0, 2, 4, 6, 8]);
    expect(q.stats()).toMatchObject({ arrived: 10, done: 5, returned: 10, length: 0, leased: 0 });
    q[Symbol.dispose]();
    const here = make<number>({ capacity: 4 });
    const seen: number[] = [];
    const local = serve(rt, here, (n: number, _: Context) => void seen.push(n), { width: 1 });
    for (const n of upTo(9)) await here.put(n);
    here.close();
    await local.done;
    expect(seen).toEqual(upTo(9));
    here[Symbol.dispose]();
    out.close();
  });

  it("serve: stopped, it waits for what is in hand; a signal is its error; a module without the function too", async () => {
    const { rt } = bench;
    const out = rt.channel(f64, 8);
    const q = make<{ n: number; out: typeof out.sender }>({ capacity: 8 });
    const stop = new AbortController();
    for (const signal of [undefined, stop.signal]) {
      const serving = serve(rt, q, jobs().untilStopped, { width: 1, ...(signal && { signal }) }); // one at a time: each is to have the job
      await q.put({ n: 1, out: out.sender });
      if (signal === undefined) {
        await out.recv();
        await serving.stop();
        expect(serving.width).toBe(0);
      } else {
        const failed = failureOf(serving.done);
        await out.recv();
        stop.abort("over");
        expect(await failed).toMatchObject({ code: "ABORT_ERR", cause: "over" });
      }
    }
    const broken = serve(rt, q, (jobs() as unknown as Record<string, () => void>).nothing!, { width: 2 });
    expect(await failureOf(broken.done)).toMatchObject({ code: "ERR_NO_FUNCTION" });
    q.close({ discard: true });
    q[Symbol.dispose]();
    out.close();
  });

  it("bad input is named", () => {
    const { rt } = bench;
    const bad = [
      5,
      {},
      { capacity: 0 },
      { capacity: 1, whenFull: "x" },
      { capacity: 1, whenFull: "caller-runs" },
      { capacity: 1, ttlMs: 0 },
      { capacity: 1, shed: {} },
      { capacity: 1, run: 5 },
    ];
    for (const options of bad) expect(() => queue(rt, options as never)).toThrow(coded("ERR_INVALID_ARG"));
    expect(() => queueOf(5 as never)).toThrow(coded("ERR_INVALID_ARG"));
    const q = make<number>({ capacity: 1 });
    for (const options of [5, { width: 0 }, { dedicated: 1 }, { graceMs: -1 }])
      expect(() => serve(rt, q, () => 1, options as never)).toThrow(coded("ERR_INVALID_ARG"));
    expect(() => serve(rt, 5 as never, () => 1)).toThrow(coded("ERR_INVALID_ARG"));
    q.close();
    q[Symbol.dispose]();
  });

  if (threads === 0) return;

  it("a poison job is handed out again when its thread dies, then set aside with the deaths; the others are done once", async () => {
    const { rt } = bench;
    const out = rt.channel(f64, 64);
    const q = make<{ n: number; out: typeof out.sender }>({ capacity: 16, attempts: 2 });
    const serving = serve(rt, q, jobs().dieAtThree, { width: 1 });
    for (const n of upTo(6)) await q.put({ n, out: out.sender });
    q.close();
    await serving.done;
    for await (const letter of q.dead()) {
      expect(letter.value.n).toBe(3);
      expect(letter.causes).toEqual([coded("ERR_THREAD_DIED"), coded("ERR_THREAD_DIED")]);
      letter.ack();
    }
    expect([serving.deaths, q.stats().done]).toEqual([2, 5]);
    const got: number[] = [];
    for (let n = out.tryRecv(); typeof n === "number"; n = out.tryRecv()) got.push(n);
    expect(got).toEqual([0, 1, 2, 4, 5]);
    q[Symbol.dispose]();
    out.close();
  });
});

describe("under overload, on the virtual clock", () => {
  /** For ten seconds a job comes every 5 ms, and takes 10 ms. Answers what was served waited for, after the first second. */
  async function overload(shed: QueueOptions<number>["shed"]) {
    const rt = await Runtime.start({ threads: 0, clock: "virtual" });
    const q = queue<number>(rt, { capacity: 10_000, attempts: 1, ...(shed && { shed }) });
    const waited: number[] = [];
    const dead = (async () => {
      for await (const letter of q.dead()) letter.ack();
    })();
    const serving = (async () => {
      for await (const job of q) {
        if (job.value >= 200) waited.push(job.waitedMs);
        await after(10).recv();
        job.ack();
      }
    })();
    for (let n = 0; n < 2_000; n++) {
      await q.put(n);
      await after(5).recv();
    }
    q.close();
    await serving;
    await dead;
    const stats = q.stats();
    q[Symbol.dispose]();
    expect(await leftovers(rt)).toEqual(NOTHING);
    waited.sort((a, b) => a - b);
    return { p99: waited[Math.floor(waited.length * 0.99)]!, served: waited.length, stats };
  }

  it("shedding keeps the 99th percentile of waiting bounded, and serves as many; without it waiting grows without end", async () => {
    const without = await overload(undefined);
    const shed = await overload({ targetMs: 20, intervalMs: 100 });
    expect(without.p99).toBeGreaterThan(5_000);
    expect(shed.p99).toBeLessThan(2 * 20 + 100);
    expect(shed.served).toBeGreaterThan(800);
    const { arrived, done, shed: gone, begun } = shed.stats;
    expect([arrived, begun, done + gone]).toEqual([2_000, 2_000, 2_000]);
    expect(gone).toBeGreaterThan(800);
  }, 60_000);

  it("Little's law: length is arrivals × waiting, also of a span of time", async () => {
    const rt = await Runtime.start({ threads: 0, clock: "virtual" });
    const q = queue<number>(rt, { capacity: 100 });
    const before = q.stats();
    for (const n of upTo(10)) await q.put(n);
    const start = sharedNow();
    await after(100).recv();
    for (const _ of upTo(10)) {
      const job = await q.take();
      if (job !== CLOSED) job.ack();
    }
    const { arrivalRate, waitingMs, meanLength } = q.stats(before);
    const ms = sharedNow() - start;
    expect([Math.round(arrivalRate), Math.round(waitingMs), Math.round(meanLength)]).toEqual([Math.round(10_000 / ms), Math.round(ms), 10]);
    expect(q.stats(q.stats())).toMatchObject({ arrivalRate: 0, waitingMs: 0, meanLength: 0 });
    q.close();
    expect(await all(q.jobs())).toEqual([]);
    q[Symbol.dispose]();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
});
