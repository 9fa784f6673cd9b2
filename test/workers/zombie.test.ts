// Threads that are told to stop and do not, and what they hold: their callers settle, their place is filled, nothing they do later arrives, nobody waits
// for them for ever. In a process of its own where only a signal ends it (R10; the figures per Node version are in docs/reliability.md).

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Channel, f64, Runtime } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";
import { NativeCall } from "../support/native-call.ts";

const url = new URL("../fixtures/doomed-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/doomed-jobs.ts");
const TERMINATE_MS = 150;

let rt: Runtime;
let jobs: ReturnType<typeof rt.module<Jobs>>;
let started: Channel<number>;
let late: Channel<number>;
beforeEach(async () => {
  rt = await Runtime.start({ threads: 1, maxDedicated: 2, terminateMs: TERMINATE_MS });
  jobs = rt.module<Jobs>(url);
  started = rt.channel(f64, 1);
  late = rt.channel(f64, 4);
});
afterEach(async () => {
  started.close();
  late.close();
  expect(await leftovers(rt)).toEqual(NOTHING);
});

describe("a thread in a native call", () => {
  let call: NativeCall;
  beforeEach(() => {
    call = new NativeCall();
  });
  afterEach(() => call.remove());

  it("is fenced and replaced at once, a zombie at the deadline, and gone when the call returns", async () => {
    const gate = rt.channel(f64, 0);
    const beside = rt.go(jobs.waitAt, gate.receiver, started.sender);
    await started.recv();
    const task = rt.go(jobs.callNatively, call.entered, call.leave, started.sender, late.sender);
    const threadId = (await started.recv()) as number;
    await until(() => call.isInside, "the thread is inside");
    expect(rt.kill(threadId, "too slow")).toBe(true);
    expect(rt.zombies).toEqual([]);
    for (const dead of [task, beside]) await expect(dead).rejects.toMatchObject({ code: "ERR_THREAD_DIED", kind: "killed", threadId });
    expect(await rt.go(jobs.add, 1, 2)).toBe(3);
    await until(() => rt.zombies.length === 1, "its time to exit is over");
    expect(rt.deaths).toMatchObject([
      { threadId, reason: { kind: "zombie", why: "too slow" }, text: expect.stringContaining("still runs"), tasksLost: 2 },
    ]);
    expect(rt.kill(threadId)).toBe(false);
    call.end();
    await until(() => rt.zombies.length === 0, "the thread exits");
    expect(late.length).toBe(0);
    expect(rt.deaths.length).toBe(1);
    gate.close();
  });

  it("keeps its slot until it exits: others live and die meanwhile, and nothing of theirs is touched", async () => {
    const task = rt.with({ dedicated: true }).go(jobs.callNatively, call.entered, call.leave, started.sender, late.sender);
    const threadId = (await started.recv()) as number;
    await until(() => call.isInside, "the thread is inside");
    rt.kill(threadId, "too slow");
    await expect(task).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    await until(() => rt.zombies.length === 1, "a zombie");
    for (let round = 0; round < 3; round++) {
      await expect(rt.go(jobs.exit, 1)).rejects.toMatchObject({ kind: "exit-code" });
      expect(await rt.go(jobs.add, round, 1)).toBe(round + 1);
    }
    call.end();
    await until(() => rt.zombies.length === 0, "the thread exits");
    expect(late.length).toBe(0);
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
  });

  it("that holds a lock: who waits for it hears at the deadline that it is abandoned", async () => {
    const mutex = rt.sync.mutex();
    const task = rt.with({ dedicated: true }).go(jobs.hold, mutex, "lock", [call.entered, call.leave], started.sender);
    const threadId = (await started.recv()) as number;
    await until(() => call.isInside, "the thread is inside");
    const waiting = mutex.lock();
    rt.kill(threadId);
    await expect(task).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    await expect(waiting).rejects.toMatchObject({ code: "ERR_LOCK_ABANDONED" });
    expect(rt.zombies).toEqual([threadId]);
    (await mutex.recover()).unlock();
    (await mutex.lock()).unlock();
    call.end();
    await until(() => rt.zombies.length === 0, "the thread exits");
    (await mutex.lock()).unlock();
    mutex.close();
  });
});

describe("killed while it holds", () => {
  it.each([
    ["a mutex", () => rt.sync.mutex(), "lock", "ERR_LOCK_ABANDONED"],
    ["a read-write mutex for writing", () => rt.sync.rwMutex(), "lock", "ERR_LOCK_ABANDONED"],
    ["a read-write mutex for reading", () => rt.sync.rwMutex(), "rLock", "passed on"],
    ["all permits of a semaphore", () => rt.sync.semaphore(1), "acquire", "passed on"],
  ] as const)("%s: the next in line gets it, or hears that it is abandoned", async (_, make, how, what) => {
    const held = make();
    const task = rt.with({ dedicated: true }).go(jobs.hold, held, how, undefined, started.sender);
    const threadId = (await started.recv()) as number;
    const next = "lock" in held ? held.lock() : held.acquire();
    const told = next.then(
      (guard) => {
        guard[Symbol.dispose]();
        return "passed on";
      },
      (error: unknown) => (error as { code?: unknown }).code,
    );
    rt.kill(threadId);
    await expect(task).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await told).toBe(what);
    held.close();
  });
});

describe("in processes of their own", () => {
  it("a native call, open() of a FIFO, a loop: callers settle, capacity returns, nothing late arrives, close returns", async () => {
    const script = fileURLToPath(new URL("../chaos/unstoppable.js", import.meta.url));
    const args = ["--import", "tsx", script, "--api", "src/index.ts", "--terminate", String(TERMINATE_MS)];
    const seen = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { timeout: 100_000, killSignal: "SIGKILL" }, (_, stdout) => resolve(stdout));
    });
    const told = JSON.parse(seen) as { held: number; states: { state: string; kind: string }[] };
    expect(told.states.filter((state) => !("held" in state) || !state.held)).toEqual([]);
    expect(told.held).toBe(3);
    expect(told.states.find(({ state }) => state === "fifo")?.kind).toBe("zombie");
  }, 120_000);
});
