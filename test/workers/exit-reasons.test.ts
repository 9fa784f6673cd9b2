// Every kind of death and of failed start: each promise settles with a coded error that names thread and cause, the cause is told as data too, and the
// thread's place is filled.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Channel, f64, Runtime, type Task } from "../../src/index.ts";
import { leftovers, NOTHING, until, waitersOf } from "../support/heap.ts";

const url = new URL("../fixtures/doomed-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/doomed-jobs.ts");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-exits-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A module in a file of its own, which no thread has imported before. */
function moduleOf(name: string, source: string): URL {
  const file = join(folder, `${name}.mjs`);
  if (!existsSync(file)) writeFileSync(file, source); // once: a thread may be reading it
  return pathToFileURL(file);
}

const errorOf = (task: PromiseLike<unknown>) =>
  Promise.resolve(task).then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error as Error,
  );

describe("a thread that dies of a task", () => {
  let rt: Runtime;
  let jobs: ReturnType<typeof rt.module<Jobs>>;
  let gate: Channel<number>;
  let started: Channel<number>;
  beforeEach(async () => {
    rt = await Runtime.start({ threads: 1 });
    jobs = rt.module<Jobs>(url);
    gate = rt.channel(f64, 0);
    started = rt.channel(f64, 2);
  });
  afterEach(async () => {
    gate.close();
    started.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  const deaths: [string, () => Task<unknown>, string, RegExp][] = [
    ["throws an Error", () => rt.go(jobs.throwUncaught, "error"), "thrown", /uncaught TypeError: thrown on purpose/],
    ["throws an error with a code", () => rt.go(jobs.throwUncaught, "coded"), "thrown", /uncaught Error: with a code/],
    ["throws null", () => rt.go(jobs.throwUncaught, "null"), "thrown", /uncaught null/],
    ["throws undefined", () => rt.go(jobs.throwUncaught, "undefined"), "thrown", /uncaught undefined/],
    ["throws a symbol", () => rt.go(jobs.throwUncaught, "symbol"), "thrown", /uncaught/],
    ["throws a text", () => rt.go(jobs.throwUncaught, "text"), "thrown", /uncaught "just text"/],
    ["throws an object", () => rt.go(jobs.throwUncaught, "object"), "thrown", /uncaught an object/],
    ["leaves a rejection alone", () => rt.go(jobs.rejectUnhandled, "error"), "rejection", /TypeError: thrown on purpose, from a promise/],
    ["leaves a rejection with null alone", () => rt.go(jobs.rejectUnhandled, "null"), "rejection", /from a promise nobody/],
    ["leaves a rejection with a symbol alone", () => rt.go(jobs.rejectUnhandled, "symbol"), "rejection", /from a promise nobody/],
    ["exits with 3", () => rt.go(jobs.exit, 3), "exit-code", /exit code 3/],
    ["exits with 0", () => rt.go(jobs.exit, 0), "clean", /exit code 0/],
    ["exits in the call itself", () => rt.go(jobs.exitAtOnce, 4), "exit-code", /exit code 4/],
    ["overflows its stack in a callback", () => rt.go(jobs.overflowInCallback), "thrown", /uncaught RangeError/],
  ];
  it.each(deaths)("%s", async (_, start, kind, text) => {
    const threadId = rt.threadIds[0]!;
    const beside = rt.go(jobs.waitAt, gate.receiver, started.sender);
    await started.recv();
    for (const error of await Promise.all([errorOf(start()), errorOf(beside)])) {
      expect(error).toMatchObject({ code: "ERR_THREAD_DIED", kind, threadId, message: expect.stringMatching(text) });
      expect(error.message).toContain(`thread ${threadId} died`);
    }
    await until(() => rt.deaths.length === 1, "it has exited");
    expect(rt.deaths).toMatchObject([{ threadId, reason: { kind }, text: expect.stringMatching(text), duringStart: false, tasksLost: 2 }]);
    expect(waitersOf(gate).receivers).toBe(0);
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
  });

  it("keeps the code and the cause of what was thrown", async () => {
    const error = await errorOf(rt.go(jobs.throwUncaught, "coded"));
    expect(error).toMatchObject({ cause: { code: "ERR_THREAD_DIED", cause: { message: "with a code", code: "E_OWN" } } });
  });

  it("does not die of what a task throws, nor of a stack that overflows in it", async () => {
    await expect(rt.go(jobs.fail)).rejects.toBeInstanceOf(RangeError);
    await expect(rt.go(jobs.overflowStack)).rejects.toBeInstanceOf(RangeError);
    expect(rt.deaths).toEqual([]);
  });
});

describe("a task module that cannot be imported", () => {
  let rt: Runtime;
  beforeEach(async () => {
    rt = await Runtime.start({ threads: 1 });
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
  const start = (name: string, source: string) => rt.go(rt.module<{ run: () => void }>(moduleOf(name, source)).run);

  it.each([
    ["throws", "throw Object.assign(new RangeError('at import'), { code: 'E_IMPORT' })", { name: "RangeError", code: "E_IMPORT" }],
    ["has a syntax error", "}{", { name: "SyntaxError" }],
    ["imports what is missing", "import './not-there.mjs'; export function run() {}", { code: "ERR_MODULE_NOT_FOUND" }],
    ["throws null", "throw null", null],
  ])("%s: its tasks reject, at once and every time, and the thread lives", async (name, source, shape) => {
    const threadId = rt.threadIds[0]!;
    for (let i = 0; i < 3; i++) {
      const error = await errorOf(start(name.replaceAll(" ", "-"), source));
      if (shape === null) expect(error).toBeNull();
      else expect(error).toMatchObject(shape);
    }
    expect(rt.threadIds).toEqual([threadId]);
    expect(rt.deaths).toEqual([]);
  });

  it("is not there: a coded error, before anything starts", () => {
    expect(() => rt.module(pathToFileURL(join(folder, "not-there.mjs")))).toThrow(expect.objectContaining({ code: "ERR_NO_MODULE" }));
  });

  it("exits: its task rejects with ERR_THREAD_DIED", async () => {
    expect(await errorOf(start("exits", "process.exit(5)"))).toMatchObject({ code: "ERR_THREAD_DIED", kind: "exit-code" });
  });

  it("never settles: its task rejects with ERR_TIMEOUT that says so, and others run meanwhile", async () => {
    const impatient = await Runtime.start({ threads: 1, startMs: 10_000 });
    const module = moduleOf("stuck", "await new Promise(() => {}); export function run() {}");
    const stuck = errorOf(impatient.go(impatient.module<{ run: () => void }>(module).run));
    expect(await impatient.go(impatient.module<Jobs>(url).add, 1, 1)).toBe(2);
    expect(await stuck).toMatchObject({ code: "ERR_TIMEOUT", message: expect.stringMatching(/stuck\.mjs.*top-level await/) });
    expect(await leftovers(impatient)).toEqual(NOTHING);
  }, 60_000);

  it("always throws, with jobs queued: every one rejects at once, and no thread is started for it (R12)", async () => {
    const startedMs = performance.now();
    const tasks = Array.from({ length: 200 }, () => errorOf(start("always", "throw new Error('always')")));
    for (const error of await Promise.all(tasks)) expect(error.message).toBe("always");
    expect(performance.now() - startedMs).toBeLessThan(5_000); // well below one on an idle machine
    expect(rt.deaths).toEqual([]);
  });
});

describe("a start that fails", () => {
  const broken: [string, string, RegExp][] = [
    ["its module throws", "throw new TypeError('no start today')", /its start failed: TypeError: no start today/],
    ["its module has a syntax error", "}{", /its start failed: SyntaxError/],
    ["its module imports what is missing", "import './not-there.mjs'", /its start failed: Error: Cannot find module .*not-there/],
    ["its module exits", "process.exit(9)", /exit code 9/],
    ["its module throws later", "setImmediate(() => { throw new Error('later') }); await new Promise(() => {})", /uncaught Error: later/],
    ["its module never settles", "await new Promise(() => {})", /expected it to be ready within 500 ms/],
  ];
  it.each(broken)("%s: Runtime.start rejects with ERR_THREAD_START, the thread and the cause", async (name, source, text) => {
    const init = moduleOf(`init-${name.replaceAll(" ", "-")}`, source);
    const error = await errorOf(Runtime.start({ threads: 2, init, startMs: name.includes("never") ? 500 : 30_000 }));
    expect(error).toMatchObject({ code: "ERR_THREAD_START", message: expect.stringMatching(text) });
    expect(error.message).toMatch(/^thread \d+ died while it started/);
  });

  it("names an init module that is not there", async () => {
    const init = pathToFileURL(join(folder, "not-there.mjs"));
    expect(await errorOf(Runtime.start({ threads: 1, init }))).toMatchObject({ code: "ERR_NO_MODULE" });
  });

  it("imports init before the first task, with threads and without", async () => {
    const init = moduleOf("marks", "globalThis.marked = true");
    const look = moduleOf("looks", "export function look() { return globalThis.marked === true }");
    for (const threads of [1, 0]) {
      const rt = await Runtime.start({ threads, init });
      expect(await rt.go(rt.module<{ look: () => boolean }>(look).look)).toBe(true);
      await rt.close();
    }
    delete (globalThis as { marked?: unknown }).marked;
  });

  /** Starts as long as `switch` is not there. */
  const switchable = (name: string) => {
    const file = join(folder, `${name}.off`);
    const init = moduleOf(
      `init-${name}`,
      `import { existsSync } from 'node:fs'; if (existsSync(${JSON.stringify(file)})) throw new Error('off')`,
    );
    return { init, off: () => writeFileSync(file, ""), on: () => rmSync(file) };
  };

  it("of replacements: a few tries, then what is queued rejects with the reason, and later it is tried again", async () => {
    const { init, off, on } = switchable("light");
    const rt = await Runtime.start({ threads: 1, init });
    const jobs = rt.module<Jobs>(url);
    off();
    const started = rt.channel(f64, 1);
    const last = errorOf(rt.go(jobs.spin, started.sender));
    const threadId = (await started.recv()) as number;
    const queued = Array.from({ length: 20 }, () => errorOf(rt.go(jobs.add, 1, 1)));
    rt.kill(threadId);
    expect(await last).toMatchObject({ code: "ERR_THREAD_DIED" });
    for (const error of await Promise.all(queued)) expect(error).toMatchObject({ code: "ERR_THREAD_START", cause: { message: "off" } });
    const atStart = () => rt.deaths.filter((death) => death.duringStart);
    await until(() => atStart().length === 3, "the last one has exited");
    expect(atStart()[0]).toMatchObject({ reason: { kind: "init", thrown: { message: "off" } } });
    expect(() => rt.go(jobs.add, 1, 1)).toThrow(expect.objectContaining({ code: "ERR_THREAD_START" }));
    on();
    const tryAgain = async (): Promise<unknown> => {
      for (;;) {
        try {
          return await rt.go(jobs.add, 1, 1);
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_THREAD_START" });
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    expect(await tryAgain()).toBe(2);
    started.close();
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("of dedicated threads: their tasks reject with the reason, the light ones go on", async () => {
    const { init, off } = switchable("dedicated");
    const rt = await Runtime.start({ threads: 1, init });
    const jobs = rt.module<Jobs>(url);
    off();
    expect(await errorOf(rt.with({ dedicated: true }).go(jobs.add, 1, 1))).toMatchObject({
      code: "ERR_THREAD_START",
      cause: { message: "off" },
    });
    expect(await rt.go(jobs.add, 1, 1)).toBe(2);
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("of dedicated threads: a task that comes in the pause waits for its end, and no longer", async () => {
    const { init, off, on } = switchable("paused");
    const rt = await Runtime.start({ threads: 1, init });
    const jobs = rt.module<Jobs>(url);
    const own = rt.with({ dedicated: true });
    off();
    await errorOf(own.go(jobs.add, 1, 1));
    on();
    expect(await own.go(jobs.add, 1, 1)).toBe(2); // nothing else wakes the supervisor
    expect(await leftovers(rt)).toEqual(NOTHING);
  });

  it("by a kill while a replacement starts: another takes its place, every promise settles", async () => {
    const init = moduleOf("slow", "await new Promise((resolve) => setTimeout(resolve, 100))");
    const rt = await Runtime.start({ threads: 1, init });
    const jobs = rt.module<Jobs>(url);
    const first = rt.threadIds[0]!;
    rt.kill(first);
    const queued = Array.from({ length: 10 }, () => rt.go(jobs.add, 1, 1));
    const seen = new Set([first]);
    for (let i = 0; i < 3; i++) {
      const next = () => rt.startingIds.find((threadId) => !seen.has(threadId));
      await until(() => next() !== undefined, "a replacement starts");
      const threadId = next()!;
      seen.add(threadId);
      expect(rt.kill(threadId, "while it starts")).toBe(true);
    }
    expect(await Promise.all(queued)).toEqual(Array.from({ length: 10 }, () => 2));
    await until(() => rt.deaths.length === 4, "all have exited");
    expect(rt.deaths.find((death) => !death.duringStart)?.threadId).toBe(first);
    expect(rt.deaths.filter((death) => death.duringStart).length).toBe(3);
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
});
