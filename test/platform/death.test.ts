// Platform contract: how threads die and what their parent sees of it (docs/platform.md).

import { describe, expect, test } from "vitest";
import { runControl } from "../support/kill-probe-control.js";
import { lifeOf, until, worker } from "./observe.ts";

test("terminate never stops a thread inside a loop-free wasm function; inside one with a loop it does", async () => {
  const loopFree = await runControl({ kills: 48, seed: 3, withLoop: false });
  expect(loopFree).toMatchObject({ kills: 48, held: 0, torn: 0 });
  const control = await runControl({ kills: 24, seed: 3, withLoop: true });
  expect(control.held + control.torn).toBeGreaterThan(0);
}, 30_000);

test("terminate does stop JavaScript between two atomic operations: why no lock is ever held by JavaScript", async () => {
  let torn = 0;
  for (let kills = 0; kills < 40 && torn === 0; kills++) {
    const i32 = new Int32Array(new SharedArrayBuffer(16));
    const thread = worker(
      `const i32 = require("node:worker_threads").workerData;
       for (;;) if (Atomics.compareExchange(i32, 0, 0, 1) === 0) { Atomics.add(i32, 1, 1); Atomics.add(i32, 2, 1); Atomics.store(i32, 0, 0); }`,
      { workerData: i32 },
    );
    await until(() => Atomics.load(i32, 2) > 1_000);
    await thread.terminate();
    if (i32[0] !== 0 || i32[1] !== i32[2]) torn++;
  }
  expect(torn).toBeGreaterThan(0);
});

test("finally does not run in a terminated thread", async () => {
  const i32 = new Int32Array(new SharedArrayBuffer(8));
  const thread = worker(
    `const i32 = require("node:worker_threads").workerData;
     try { for (;;) Atomics.store(i32, 0, 1); } finally { Atomics.store(i32, 1, 1); }`,
    { workerData: i32 },
  );
  await until(() => Atomics.load(i32, 0) === 1);
  await thread.terminate();
  expect(i32[1]).toBe(0);
});

describe("exit codes and events by kind of death", () => {
  const tla = new URL("data:text/javascript,await new Promise(() => {})");
  const trap =
    "new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,5,1,3,0,0,11))).exports.f()";
  const kinds: [kind: string, source: string | URL, events: string[], code: number, error: string | null][] = [
    ["the end of the program", "0", ["online", "exit"], 0, null],
    ["a throw", "throw new TypeError('x')", ["online", "error", "exit"], 1, "TypeError"],
    ["an unhandled rejection", "Promise.reject(new RangeError('x'))", ["online", "error", "exit"], 1, "RangeError"],
    ["a stack overflow", "(function f() { f(); })()", ["online", "error", "exit"], 1, "RangeError"],
    ["a wasm trap", trap, ["online", "error", "exit"], 1, "RuntimeError"],
    ["a syntax error, after online", "}{", ["online", "error", "exit"], 1, "SyntaxError"],
    ["process.exit", "process.exit(7)", ["online", "exit"], 7, null],
    ["an unsettled top-level await, without an error", tla, ["online", "exit"], 13, null],
  ];
  test.each(kinds)("%s", async (_, source, events, code, error) => {
    const end = await lifeOf(worker(source));
    expect({ events: end.events, code: end.code }).toEqual({ events, code });
    expect((end.error as Error | undefined)?.name ?? null).toBe(error);
  });

  test("terminate: no error, exit 1", async () => {
    const thread = worker("for (;;);");
    const life = lifeOf(thread);
    thread.on("online", () => void thread.terminate());
    expect(await life).toMatchObject({ events: ["online", "exit"], code: 1, error: undefined });
  });

  test("what is thrown may be null: the error event carries it, and only the event tells", async () => {
    const end = await lifeOf(worker("throw null"));
    expect(end).toMatchObject({ events: ["online", "error", "exit"], code: 1, error: null });
  });

  test("messages posted before a death all arrive before the exit event", async () => {
    const post = "const { parentPort } = require('node:worker_threads'); for (let i = 0; i < 500; i++) parentPort.postMessage(i);";
    for (const death of ["throw new Error('x')", "process.exit(3)"]) {
      const end = await lifeOf(worker(`${post} ${death}`));
      expect(end.messages.length).toBe(500);
      expect(end.events.at(-1)).toBe("exit");
    }
  });
});
