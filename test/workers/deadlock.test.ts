// Deadlocks are found within a second, with who waits on what; programs that only look like one are left alone. Programs of their own, since a test
// runner keeps timers of its own.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { call, type DeadlockError, f64, label, Runtime } from "../../src/index.ts";

interface Ended {
  readonly code: number | null;
  readonly lines: Record<string, unknown>[];
  readonly stderr: string;
}

/** Runs a program; `onLine` is told what it prints that is no JSON. */
function run(name: string, args: string[], onLine?: (line: string, child: ReturnType<typeof spawn>) => void): Promise<Ended> {
  const file = fileURLToPath(new URL(`../fixtures/processes/${name}.ts`, import.meta.url));
  const { VITEST: _, NODE_ENV: __, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], { env, timeout: 60_000 });
  const lines: Record<string, unknown>[] = [];
  let stderr = "";
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    for (const part of parts) {
      if (part.startsWith("{")) lines.push(JSON.parse(part));
      else onLine?.(part, child);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, lines, stderr })));
}

const deadlock = (name: string, options: object = {}) => run("deadlocks", [name, JSON.stringify(options)]);

/** What is told of it on one thread and on several. */
const EVERYWHERE: [string, string[]][] = [
  ["a channel nobody sends to", ["receive from channel", '"orders"', "which runs receive"]],
  ["a leased queue nobody adds to", ["take from leased queue", '"parcels"', "which runs consume"]],
  [
    "a leased queue whose last job nobody acknowledges",
    ["take from leased queue", '"parcels"', "which runs neverAcknowledges", "held by thread"],
  ],
  ["a lock taken twice", ["lock mutex", '"own"', "which runs lockedTwice", "held by thread"]],
  ["a wait group that is never done", ["get past wait group", '"parts"', "which runs waitForAll"]],
  ["a ring where nobody begins", ['"link 0"', '"link 1"', '"link 2"', "which runs pass"]],
  ["a promise nobody settles", ["which runs never"]],
];

const BLOCKED: [string, string[]][] = [
  ["two locks crossed", ["is blocked to lock mutex", '"left"', '"right"', "which runs crossed", "held by thread", "deadlock-jobs.ts"]],
  ["two locks crossed beside a server", ["is blocked to lock mutex", '"left"', '"right"', "which runs crossed"]],
  ["permits crossed", ["is blocked to acquire semaphore", '"left"', '"right"', "which runs crossedPermits"]],
];

describe("a deadlock is told within a second", () => {
  describe.each([0, 2])("threads: %i", (threads) => {
    it.each(EVERYWHERE)("%s", async (name, parts) => {
      const { lines } = await deadlock(name, { threads });
      expect(lines).toMatchObject([{ kind: "all-asleep", code: "ERR_DEADLOCK" }]);
      for (const part of parts) expect(lines[0]!.message).toContain(part);
      expect(lines[0]!.afterMs).toBeLessThan(1_000);
    });
  });

  it.each(BLOCKED)("%s", async (name, parts) => {
    const { lines } = await deadlock(name);
    expect(lines).toMatchObject([{ kind: "cycle", code: "ERR_DEADLOCK" }]);
    for (const part of parts) expect(lines[0]!.message).toContain(part);
    expect(lines[0]!.afterMs).toBeLessThan(1_000);
  });

  it("with where it waits, and the stack is the user's alone", async () => {
    const { lines } = await deadlock("a channel nobody sends to");
    const message = String(lines[0]!.message);
    expect(message).toMatch(/is blocked to receive from channel \d+ "orders"[^\n]*\n\s+at receiveBlocking .*deadlock-jobs\.ts/);
    expect(message).not.toMatch(/park\.ts|wait\.ts/);
  });

  it("with nobody listening it is an unhandled rejection", async () => {
    const { code, stderr } = await deadlock("a ring where nobody begins", { unheard: true });
    expect(code).toBe(1);
    expect(stderr).toMatch(/DeadlockError: deadlock: every thread is asleep/);
  });
});

describe("deadlocks: 'throw' ends the waits", () => {
  it.each(["a channel nobody sends to", "a ring where nobody begins", "two locks crossed", "a lock taken twice"])("%s", async (name) => {
    const { lines } = await deadlock(name, { deadlocks: "throw" });
    expect(lines).toMatchObject([{ code: "ERR_DEADLOCK" }, { thrown: "ERR_DEADLOCK" }]);
  });
});

describe("no false alarm", () => {
  it.each([0, 2])("threads: %i", { timeout: 60_000 }, async (threads) => {
    const { lines, stderr } = await run("no-deadlocks", [String(threads)], (line, child) => {
      if (line === "send SIGUSR2") setTimeout(() => child.kill("SIGUSR2"), 1_300);
      else if (line === "write a line") setTimeout(() => child.stdin!.write("a line\n"), 1_300);
    });
    expect({ lines, stderr }).toEqual({ lines: [{ told: [], programs: threads === 0 ? 17 : 18 }], stderr: "" });
  });
});

describe("under a test runner", () => {
  it("is on by default", async () => {
    const rt = await Runtime.start({ threads: 1 });
    const jobs = rt.module<typeof import("../fixtures/deadlock-jobs.ts")>(new URL("../fixtures/deadlock-jobs.js", import.meta.url));
    const [left, right, met] = [label(rt.sync.mutex(), "left"), label(rt.sync.mutex(), "right"), rt.sync.barrier(2)];
    const told = new Promise<DeadlockError>((resolve) => rt.on("deadlock", resolve));
    const tasks = rt.gang(call(jobs.crossed, left, met, right), call(jobs.crossed, right, met, left));
    const ended = Promise.allSettled(tasks);
    expect(await told).toMatchObject({ code: "ERR_DEADLOCK", kind: "cycle", message: expect.stringContaining('"left"') });
    await Promise.all([rt.close({ graceMs: 0 }), ended]);
  });

  it("'off' is off", async () => {
    const rt = await Runtime.start({ threads: 1, deadlocks: "off" });
    expect(rt.channel(f64, 0).ring.thread.notes.isWatched).toBe(false);
    await rt.close();
  });

  it("refuses what is none of its modes", async () => {
    await expect(Runtime.start({ threads: 0, deadlocks: "on" as "off" })).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
  });
});
