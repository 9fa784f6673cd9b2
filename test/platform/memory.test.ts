// Platform contract: shared memory (docs/platform.md).

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { types } from "node:util";
import { expect, test } from "vitest";
import { readTransitions } from "../support/kill-probe-load.js";
import { lifeOf, program, wasm, worker } from "./observe.ts";

const PAGE = 65_536;

test("the buffer of a shared WebAssembly.Memory is a SharedArrayBuffer, and with initial = maximum it never changes", () => {
  const memory = new wasm.Memory({ initial: 32, maximum: 32, shared: true });
  expect(types.isSharedArrayBuffer(memory.buffer)).toBe(true);
  expect(memory.buffer.byteLength).toBe(32 * PAGE);
  expect(() => memory.grow(1)).toThrow(RangeError);
  expect(memory.buffer.byteLength).toBe(32 * PAGE);
  expect(Array.from(new Uint32Array(memory.buffer, 0, 1_024)).every((word) => word === 0)).toBe(true);
});

test("a ceiling of 1 GiB is there at once and committed only where it is touched", async () => {
  const end = await program(`
    const start = performance.now();
    const before = process.memoryUsage.rss();
    const memory = new WebAssembly.Memory({ initial: 16_384, maximum: 16_384, shared: true });
    const ms = performance.now() - start;
    const words = new Int32Array(memory.buffer);
    Atomics.store(words, words.length - 1, 1);
    const untouched = process.memoryUsage.rss() - before;
    new Uint8Array(memory.buffer, 0, 64 << 20).fill(1);
    console.log(JSON.stringify({ ms, untouched, touched: process.memoryUsage.rss() - before, bytes: memory.buffer.byteLength }));`);
  const { ms, untouched, touched, bytes } = JSON.parse(end.stdout);
  expect(bytes).toBe(2 ** 30);
  expect(ms).toBeLessThan(200);
  expect(untouched).toBeLessThan(16 << 20);
  expect(touched).toBeGreaterThan(56 << 20);
});

test("the largest ceiling there may be (4 GiB less a page) is accepted where 64 bits of address space are", async () => {
  const end = await program(`
    try {
      const memory = new WebAssembly.Memory({ initial: 65_535, maximum: 65_535, shared: true });
      new Uint8Array(memory.buffer)[memory.buffer.byteLength - 1] = 1;
      console.log(memory.buffer.byteLength);
    } catch (error) { console.log(error.name); }`);
  // A system that counts reservations may refuse; then the heap asks for half (heap.ts), and that is a RangeError to catch.
  expect([String(65_535 * PAGE), "RangeError"]).toContain(end.stdout.trim());
});

test("memory and module go to a worker as they are: same bytes, no copy, stores seen both ways", async () => {
  const memory = new wasm.Memory({ initial: 64, maximum: 64, shared: true });
  const module = new wasm.Module(readTransitions());
  const i32 = new Int32Array(memory.buffer);
  i32[8] = 7;
  const end = await lifeOf(
    worker(
      `const { workerData: { memory, module }, parentPort } = require("node:worker_threads");
       const exports = Object.keys(new WebAssembly.Instance(module, { env: { memory } }).exports);
       parentPort.postMessage([new Int32Array(memory.buffer)[8], exports.includes("trySend")]);
       Atomics.store(new Int32Array(memory.buffer), 9, 8);`,
      { workerData: { memory, module } },
    ),
  );
  expect(end.messages).toEqual([[7, true]]);
  expect(Atomics.load(i32, 9)).toBe(8);
});

test("shared memory outlives the thread that made it", async () => {
  const end = await lifeOf(
    worker(
      `const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
       new Int32Array(memory.buffer)[0] = 5;
       require("node:worker_threads").parentPort.postMessage(memory.buffer);`,
    ),
  );
  expect(new Int32Array(end.messages[0] as SharedArrayBuffer)[0]).toBe(5);
});

test("without WebAssembly (--jitless) the global is missing, which is how the heap finds out", async () => {
  const end = await program(`
    import { spawnSync } from "node:child_process";
    console.log(spawnSync(process.execPath, ["--jitless", "-p", "typeof WebAssembly"], { encoding: "utf8" }).stdout.trim());`);
  expect(end.stdout.trim()).toBe("undefined");
});

test("nothing in src relies on the garbage collector: no FinalizationRegistry, no WeakRef", () => {
  const folder = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(ts|js)$/.test(name));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((name) => /\bnew (FinalizationRegistry|WeakRef)\b/.test(readFileSync(`${folder}/${name}`, "utf8")))).toEqual([]);
});
