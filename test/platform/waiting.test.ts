// Platform contract: waiting and waking (docs/platform.md). A failure here says that this Node behaves in a way the sleeper does not count on.

import { once } from "node:events";
import { expect, test } from "vitest";
import { lifeOf, program, until, worker } from "./observe.ts";

const words = (count = 4) => new Int32Array(new SharedArrayBuffer(count * 4));

test("waitAsync does not keep the event loop alive, with or without a timeout", async () => {
  for (const timeout of ["", ", 60_000"]) {
    const end = await program(`
      Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0${timeout}).value.then(() => console.log("woken"));
      process.on("exit", () => console.log("exit"));`);
    expect(end).toMatchObject({ code: 0, stdout: "exit\n" });
  }
});

test("a worker that only waits in waitAsync exits 0 in silence", async () => {
  const end = await lifeOf(worker("Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"));
  expect(end).toMatchObject({ events: ["online", "exit"], code: 0, error: undefined });
});

test("on one word notify(1) goes to the older async waiter and the blocked thread sleeps on: hence two words", async () => {
  const i32 = words();
  const thread = worker(
    `const { workerData: i32, parentPort } = require("node:worker_threads");
     let served = false;
     Atomics.waitAsync(i32, 0, 0).value.then(() => { served = true; parentPort.postMessage("served"); });
     Atomics.store(i32, 1, 1);
     parentPort.postMessage([Atomics.wait(i32, 0, 0, 150), served]);`,
    { workerData: i32 },
  );
  const life = lifeOf(thread);
  await until(() => Atomics.load(i32, 1) === 1);
  expect(Atomics.notify(i32, 0, 1)).toBe(1);
  // The blocked thread timed out, and its async waiter was served only once its event loop turned.
  expect((await life).messages).toEqual([["timed-out", false], "served"]);
});

test("on two words a blocked thread is woken whatever async waiter it has pending", async () => {
  const i32 = words();
  const thread = worker(
    `const { workerData: i32, parentPort } = require("node:worker_threads");
     Atomics.waitAsync(i32, 2, 0);
     parentPort.postMessage(Atomics.wait(i32, 0, 0, 5_000));`,
    { workerData: i32 },
  );
  const life = lifeOf(thread);
  await until(() => Atomics.notify(i32, 0, 1) === 1);
  expect((await life).messages).toEqual(["ok"]);
});

test("notify before the wait is seen by the value, not by the wait: the sleeper re-checks", async () => {
  const i32 = words();
  expect(Atomics.notify(i32, 0, 1)).toBe(0);
  expect(Atomics.wait(i32, 0, 0, 1)).toBe("timed-out"); // the earlier notify is gone
  Atomics.store(i32, 0, 1);
  expect(Atomics.wait(i32, 0, 0)).toBe("not-equal");
  expect(Atomics.waitAsync(i32, 0, 0)).toEqual({ async: false, value: "not-equal" });
});

test("a pending waitAsync is woken by notify from another thread", async () => {
  const i32 = words();
  const pending = Atomics.waitAsync(i32, 0, 0);
  const life = lifeOf(worker("Atomics.notify(require('node:worker_threads').workerData, 0, 1)", { workerData: i32 }));
  expect(await pending.value).toBe("ok");
  await life;
});

test("terminate ends a thread that is blocked in Atomics.wait, within a second", async () => {
  const i32 = words();
  const thread = worker("const i32 = require('node:worker_threads').workerData; Atomics.store(i32, 1, 1); Atomics.wait(i32, 0, 0)", {
    workerData: i32,
  });
  const life = lifeOf(thread);
  await until(() => Atomics.load(i32, 1) === 1);
  const start = performance.now();
  await thread.terminate();
  expect(performance.now() - start).toBeLessThan(1_000);
  expect(await life).toMatchObject({ code: 1, error: undefined });
});

test("after the exit event a dead thread's waiters are gone: they eat no wake", async () => {
  const i32 = words();
  const thread = worker(
    `const { workerData: i32, parentPort } = require("node:worker_threads");
     Atomics.waitAsync(i32, 2, 0);
     Atomics.store(i32, 1, 1);
     Atomics.wait(i32, 0, 0);`,
    { workerData: i32 },
  );
  await until(() => Atomics.load(i32, 1) === 1);
  await thread.terminate();
  expect(Atomics.notify(i32, 0)).toBe(0);
  expect(Atomics.notify(i32, 2)).toBe(0);
});

test("performance.timeOrigin + performance.now() agrees across threads", async () => {
  const thread = worker(
    `const { parentPort } = require("node:worker_threads");
     parentPort.on("message", () => parentPort.postMessage(performance.timeOrigin + performance.now()));`,
  );
  await once(thread, "online");
  for (let i = 0; i < 20; i++) {
    const before = performance.timeOrigin + performance.now();
    thread.postMessage("what time is it?");
    const [there] = await once(thread, "message");
    const after = performance.timeOrigin + performance.now();
    expect(there).toBeGreaterThan(before - 1);
    expect(there).toBeLessThan(after + 1);
  }
  await thread.terminate();
});

test("setImmediate, promises and timers run while a waitAsync is pending", async () => {
  const pending = Atomics.waitAsync(words(), 0, 0);
  expect(pending.async).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 1));
});
