/** The recorder: threads as they were, each call once, values as often as they crossed; and nothing of it is left behind. */
import { getEnvironmentData } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { LOG } from "../../bench/report/recording/calls.ts";
import { watchDoors } from "../../bench/report/recording/doors.ts";
import { KIND, type Kind, Log } from "../../bench/report/recording/log.ts";
import { record } from "../../bench/report/recording/record.ts";
import { type Crossing, type Recording, recordingOf } from "../../bench/report/recording/recording.ts";
import { type TraceEvent, traceOf } from "../../bench/report/recording/trace.ts";
import { CLOSED, f64, fanOut, pipeline, Receiver, Runtime, Sender, select, structured } from "../../src/index.ts";

// Threads are started from sources, on a machine that may be crowded.
vi.setConfig({ testTimeout: 120_000 });

type Tasks = typeof import("./tasks.ts");
const tasksOf = (rt: Runtime) => rt.module<Tasks>(new URL("./tasks.js", import.meta.url));

/** Clocks of threads differ by some microseconds. */
const CLOCKS_MS = 1;

function crossed({ crossings }: Recording, what: Crossing["what"], isWanted: (crossing: Crossing) => boolean = () => true): number {
  return crossings.filter((one) => one.what === what && isWanted(one)).reduce((total, { count }) => total + count, 0);
}

function expectOrder({ ms, lanes, calls, crossings }: Recording): void {
  for (const { begin, end, lane } of calls) {
    expect(begin).toBeGreaterThanOrEqual(0);
    expect(end!).toBeGreaterThanOrEqual(begin);
    expect(end!).toBeLessThanOrEqual(ms);
    expect(lanes[lane]).toBeDefined();
  }
  for (const { from, to, sent, received } of crossings) {
    expect(from).not.toBe(to);
    expect(received).toBeGreaterThanOrEqual(sent - CLOCKS_MS);
  }
}

test("items of a fan-out: lanes are threads, each item is one call, goes out once and comes back once", async () => {
  const items = Array.from({ length: 40 }, (_, i) => i);
  const { output, recording } = await record(async (rt) => {
    const squares: number[] = [];
    for await (const n of fanOut(rt, items, tasksOf(rt).square, { batch: 1 })) squares.push(n);
    return squares;
  }, 2);
  expect([...output].sort((a, b) => a - b)).toEqual(items.map((n) => n * n));
  expect(recording.lanes.map(({ name }) => name)).toEqual(["main", "thread 1", "thread 2"]);
  expect(new Set(recording.lanes.map(({ threadId }) => threadId)).size).toBe(3);
  expect(recording.calls).toHaveLength(items.length);
  expect(new Set(recording.calls.map(({ name }) => name))).toEqual(new Set(["square"]));
  expect(crossed(recording, "value", ({ from }) => from === 0)).toBe(items.length);
  expect(crossed(recording, "value", ({ to }) => to === 0)).toBe(items.length);
  expectOrder(recording);
  for (const lane of [1, 2]) {
    const own = recording.calls.filter((call) => call.lane === lane);
    for (const [i, { begin }] of own.entries()) if (i > 0) expect(begin).toBeGreaterThanOrEqual(own[i - 1]!.end!);
  }
});

test("values of a channel, from thread to thread and one by one or many at a time; tasks and their results", async () => {
  for (const produce of ["produce", "produceMany"] as const) {
    const { output, recording } = await record(async (rt) => {
      const jobs = tasksOf(rt);
      const own = rt.with({ dedicated: true });
      const numbers = rt.channel(f64, 4);
      const total = own.go(jobs.sum, numbers.receiver);
      await own.go(jobs[produce], numbers.sender, 50);
      return total;
    }, 1);
    expect(output).toBe((49 * 50) / 2);
    expect(recording.calls.map(({ name }) => name).sort()).toEqual([produce, "sum"].sort());
    expect(crossed(recording, "value")).toBe(50);
    const { end } = recording.calls.find(({ name }) => name === "sum")!;
    for (const { what, received } of recording.crossings) if (what === "value") expect(end).toBeGreaterThanOrEqual(received);
    expect(crossed(recording, "task", ({ from }) => from === 0)).toBe(2);
    expect(crossed(recording, "result", ({ to }) => to === 0)).toBe(2);
    expectOrder(recording);
  }
});

test("values taken by a select, in lists, and jobs of a leased queue", async () => {
  const { output, recording } = await record(async (rt) => {
    const jobs = tasksOf(rt);
    const numbers = rt.channel(f64, 2);
    const many = rt.channel(f64, 64);
    const queue = rt.leasedQueue(f64, { capacity: 8 });
    const started = [rt.go(jobs.produce, numbers.sender, 20), rt.go(jobs.produceMany, many.sender, 30)];
    const done = rt.with({ dedicated: true }).go(jobs.work, queue);
    let count = 0;
    for (let value = (await select({ numbers })).value; value !== CLOSED; value = (await select({ numbers })).value) count++;
    for (let list = await many.recvMany(8); list !== CLOSED; list = await many.recvMany(8)) count += list.length;
    for (let i = 0; i < 12; i++) await queue.send(i);
    queue.close();
    await Promise.all(started);
    return [count, await done];
  }, 1);
  expect(output).toEqual([50, 12]);
  expect(crossed(recording, "value", ({ to }) => to === 0)).toBe(50);
  expect(crossed(recording, "job", ({ from }) => from === 0)).toBe(12);
});

test("a call lasts as long as its promise, or as its values; one that fails is over, too", async () => {
  const { output, recording } = await record(async (rt) => {
    const jobs = tasksOf(rt);
    const values: number[] = [];
    for await (const n of pipeline(rt, [4, 3]).flatMap(jobs.upTo)) values.push(n);
    const failure = await rt.go(jobs.fail).then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    return [values.length, failure];
  }, 1);
  expect(output).toEqual([7, "as it should"]);
  expect(recording.calls.map(({ name }) => name)).toEqual(["upTo", "upTo", "fail"]);
  expectOrder(recording);
});

test("a thread that dies leaves a call without an end, and its successor has a lane of its own", async () => {
  const { recording } = await record(async (rt) => {
    const jobs = tasksOf(rt);
    await rt.go(jobs.die).then(
      () => expect.unreachable(),
      (error: unknown) => expect(error).toMatchObject({ code: "ERR_THREAD_DIED" }),
    );
    return rt.go(jobs.square, 3);
  }, 1);
  expect(recording.calls.map(({ name, end }) => [name, end === undefined])).toEqual([
    ["die", true],
    ["square", false],
  ]);
  expect(recording.lanes).toHaveLength(3);
});

test("when it is over the library is as it was, also after a failure", async () => {
  const before = [Sender.prototype.send, Sender.prototype.sending, Receiver.prototype.recv, Receiver.prototype[Symbol.asyncIterator]];
  await record(async (rt) => rt.go(tasksOf(rt).square, 2), 1);
  await expect(record(() => Promise.reject(new Error("no")), 1)).rejects.toThrow("no");
  expect([Sender.prototype.send, Sender.prototype.sending, Receiver.prototype.recv, Receiver.prototype[Symbol.asyncIterator]]).toEqual(
    before,
  );
  expect(getEnvironmentData(LOG)).toBeUndefined();
});

test("a door that goes through others counts each value once", async () => {
  const log = new Log();
  const unwatch = watchDoors(log);
  const rt = await Runtime.start({ threads: 0 });
  try {
    for (const values of [rt.channel(f64, 4), rt.channel(structured<number>(), 4)]) {
      log.start();
      const sent = values.sendMany([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      let received = 0;
      while (received < 9) received += ((await values.recvMany(3)) as number[]).length;
      await sent;
      log.stop();
    }
    const total = (wanted: Kind) => log.entries().reduce((sum, { kind, count }) => sum + (kind === wanted ? count : 0), 0);
    expect([total(KIND.sent), total(KIND.received)]).toEqual([18, 18]);
  } finally {
    unwatch();
    await rt.close();
  }
});

test("a log notes nothing before its start and after its end, and counts what finds no room", () => {
  const log = new Log(new SharedArrayBuffer(64 + 2 * 48));
  log.note(KIND.sent, 1);
  expect(log.entries()).toEqual([]);
  log.start();
  log.note(KIND.sent, 7, 3, 1_000);
  log.note(KIND.received, 7, 0);
  const end = log.begin(5);
  log.note(KIND.sent, 8);
  end();
  log.stop();
  log.note(KIND.sent, 9);
  const [sent, call, ...more] = log.entries();
  expect(more).toEqual([]);
  expect(sent).toMatchObject({ kind: KIND.sent, key: 7, count: 3, at: 1_000 });
  expect(call).toMatchObject({ kind: KIND.call, key: 5 });
  expect(call!.until).toBeGreaterThanOrEqual(call!.at);
  expect(log.lost).toBe(1);
});

const entry = (kind: Kind, thread: number, at: number, key = 1, count = 1) => ({ kind, thread, at, key, count, until: Number.NaN });

test("values arrive in the order they left, however many at a time; what left by no door is in no pair", () => {
  const { crossings } = recordingOf(
    [
      entry(KIND.sent, 1, 0, 1, 3),
      entry(KIND.sent, 2, 1),
      entry(KIND.received, 0, 5, 1, 2),
      entry(KIND.received, 0, 6, 1, 3),
      entry(KIND.received, 0, 7, 2),
    ],
    [],
    0,
  );
  expect(crossings.map(({ from, sent, received, count }) => [from, sent, received, count])).toEqual([
    [1, 0, 5, 2],
    [1, 0, 6, 1],
    [2, 1, 6, 1],
  ]);
});

test("a task's result is the last that was given, and what stays on its thread is no crossing", () => {
  const { crossings } = recordingOf(
    [entry(KIND.answered, 1, 1), entry(KIND.answered, 1, 4), entry(KIND.heard, 0, 5), entry(KIND.sent, 1, 6), entry(KIND.received, 1, 7)],
    [],
    0,
  );
  expect(crossings).toEqual([{ what: "result", from: 1, to: 0, sent: 3, received: 4, count: 1 }]);
});

test("the trace: tracks with names, calls that never overlap on one, flows with both ends on something that lasts", () => {
  const call = (lane: number, begin: number, end: number | undefined) => ({ lane, name: "work", begin, end });
  const recording: Recording = {
    ms: 10,
    lanes: ["main", "thread 1"].map((name, threadId) => ({ name, threadId })),
    calls: [call(1, 0, 6), call(1, 2, 4), call(1, 5, undefined), call(1, 7, 8)],
    crossings: [{ what: "value", from: 0, to: 1, sent: 1, received: 2, count: 3 }],
    lost: 0,
  };
  const { traceEvents } = JSON.parse(JSON.stringify(traceOf(recording, "a job"))) as { traceEvents: TraceEvent[] };
  const of = (ph: TraceEvent["ph"], cat?: string) =>
    traceEvents.filter((event) => event.ph === ph && (cat === undefined || event.cat === cat));
  const calls = of("X", "call");
  expect(calls.map(({ ts, dur }) => [ts, dur])).toEqual([
    [0, 6_000],
    [2_000, 2_000],
    [5_000, 5_000],
    [7_000, 1_000],
  ]);
  for (const one of calls)
    for (const other of calls)
      if (one !== other && one.tid === other.tid) expect(one.ts! + one.dur! <= other.ts! || other.ts! + other.dur! <= one.ts!).toBe(true);
  const named = new Set(
    of("M")
      .filter(({ name }) => name === "thread_name")
      .map(({ tid }) => tid),
  );
  for (const { tid } of [...calls, ...of("s"), ...of("f")]) expect(named).toContain(tid);
  const [start, finish] = [of("s")[0]!, of("f")[0]!];
  expect(finish).toMatchObject({ id: start.id, name: start.name, cat: start.cat, bp: "e" });
  for (const flow of [start, finish]) {
    expect(of("X", "crossing").some(({ tid, ts, dur }) => tid === flow.tid && ts! <= flow.ts! && flow.ts! <= ts! + dur!)).toBe(true);
  }
});
