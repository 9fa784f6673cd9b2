// Scope: nothing outlives it, the first failure ends the rest, every failure is kept, what was made in it is gone.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLOSED, type Context, f64, Runtime, type Scope, structured, type Task } from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";

const url = new URL("../fixtures/scope-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/scope-jobs.ts");

describe.each([0, 2])("with threads: %d", (threads) => {
  let rt: Runtime;
  beforeEach(async () => {
    rt = await Runtime.start({ threads });
  });
  afterEach(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
  const jobs = () => rt.module<Jobs>(url);

  it("answers what its body answers, after everything started has ended", async () => {
    const order: string[] = [];
    const sum = await rt.scope(async (scope) => {
      void scope.go(jobs().add, 1, 2).then((n) => order.push(`task ${n}`));
      void scope.run(async () => {
        await scope.go(jobs().add, 3, 4);
        order.push("run");
      });
      return 5;
    });
    expect(sum).toBe(5);
    expect(order.sort()).toEqual(["run", "task 3"]);
  });

  it("the first failure cancels the rest, which it waits for, and is thrown as it is", async () => {
    let producing: PromiseLike<number> | undefined;
    const failing = rt.scope(async (scope) => {
      const numbers = scope.channel(f64, 2);
      producing = scope.go(jobs().produce, scope.ctx, numbers.sender);
      scope.go(jobs().failAfter, numbers.receiver, 10);
    });
    await expect(failing).rejects.toMatchObject({ name: "RangeError", message: "failed after 10" });
    expect(await producing).toBeGreaterThanOrEqual(10);
  });

  it("tasks that take no context end because their channel closes", async () => {
    let draining: PromiseLike<number> | undefined;
    const failing = rt.scope(async (scope) => {
      const numbers = scope.channel(f64, 0);
      draining = scope.go(jobs().drain, numbers.receiver);
      await numbers.send(1);
      throw new TypeError("the body");
    });
    await expect(failing).rejects.toThrow("the body");
    expect(await draining).toBe(1);
  });

  it("a channel whose declared sender is another task is closed and gone, too", async () => {
    const failing = rt.scope(async (scope) => {
      const numbers = scope.channel(f64, 2, { ends: "one-to-one" });
      scope.go(jobs().produce, scope.ctx, numbers.sender);
      await numbers.recv();
      throw new Error("enough");
    });
    await expect(failing).rejects.toThrow("enough");
  });

  it("several failures are all kept, in the order they happened", async () => {
    const gate = rt.channel(f64, 0);
    const failing = rt.scope(async (scope) => {
      void scope.run(async () => {
        await gate.recv();
        throw new Error("second");
      });
      void scope.run(async () => {
        throw new Error("first");
      });
      void scope.ctx.afterDone(() => void gate.close());
    });
    await expect(failing).rejects.toMatchObject({
      code: "ERR_SCOPE_FAILED",
      errors: [{ message: "first" }, { message: "second" }],
      cause: { message: "first" },
    });
  });

  it("what follows from the cancellation is no failure of its own", async () => {
    const failing = rt.scope(async (scope) => {
      const numbers = scope.channel(f64, 0);
      for (let i = 0; i < 3; i++) void scope.run((ctx) => numbers.recv({ ctx }));
      void scope.run(() => numbers.send(1));
      void scope.run(() => numbers.send(2));
      void scope.run(() => numbers.send(3));
      void scope.run(() => numbers.send(4));
      throw new RangeError("only this");
    });
    await expect(failing).rejects.toThrow("only this");
  });

  it("ends with the context above, with its timeout, and by cancel()", async () => {
    using above = rt.background.withCancel();
    const cases: [string, (scope: Scope) => void, { ctx?: Context; timeoutMs?: number }, object][] = [
      ["above", () => above.cancel(new Error("above")), { ctx: above.ctx }, { name: "AbortError", cause: { message: "above" } }],
      ["timeout", () => undefined, { timeoutMs: 5 }, { code: "ERR_TIMEOUT" }],
      ["cancel", (scope) => scope.cancel(new Error("inside")), {}, { name: "AbortError", cause: { message: "inside" } }],
    ];
    for (const [, end, options, error] of cases) {
      const running = rt.scope(async (scope) => {
        const silent = scope.channel(f64, 0);
        setImmediate(() => end(scope));
        await silent.recv({ ctx: scope.ctx });
      }, options);
      await expect(running).rejects.toMatchObject(error);
    }
  });

  it("scopes nest: an inner failure that is caught leaves the outer one running", async () => {
    const result = await rt.scope(async (outer) => {
      const inner = rt.scope(
        async (scope) => {
          scope.run(() => Promise.reject(new Error("inner"))).catch(() => undefined);
        },
        { ctx: outer.ctx },
      );
      await expect(inner).rejects.toThrow("inner");
      return outer.ctx.cancelled;
    });
    expect(result).toBe(false);
  });

  it("channels are gone with it, values and all; resources are disposed of, last first", async () => {
    const order: string[] = [];
    const kept = await rt.scope(async (scope) => {
      const full = scope.channel(structured<{ a: number }>(), 2);
      await full.send({ a: 1 });
      scope.use({ [Symbol.dispose]: () => void order.push("first") });
      scope.use({ [Symbol.asyncDispose]: async () => void order.push("second") });
      scope.use(rt.background.withCancel());
      return full;
    });
    expect(order).toEqual(["second", "first"]);
    expect(await kept.recv()).toBe(CLOSED);
  });

  it("once it has ended it starts nothing", async () => {
    let escaped: Scope | undefined;
    await rt.scope((scope) => {
      escaped = scope;
    });
    const over = expect.objectContaining({ code: "ERR_CLOSED" });
    expect(() => escaped!.go(jobs().add, 1, 2)).toThrow(over);
    expect(() => escaped!.run(() => 1)).toThrow(over);
    expect(() => escaped!.channel(f64)).toThrow(over);
    expect(escaped!.ctx.cancelled).toBe(true);
  });

  it.each([
    [undefined, {}],
    [1, {}],
    [() => 1, null],
    [() => 1, { timeoutMs: -1 }],
  ])("bad input %# is refused with a coded error", async (body, options) => {
    await expect(rt.scope(body as never, options as never)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
  });
});

it("a busy task on another thread sees the scope's end", async () => {
  const rt = await Runtime.start({ threads: 1, maxDedicated: 1 });
  const jobs = rt.module<Jobs>(url);
  let spinning: PromiseLike<string> | undefined;
  const failing = rt.scope(async (scope) => {
    spinning = scope.with({ dedicated: true }).go(jobs.spin, scope.ctx);
    throw new Error("enough");
  });
  await expect(failing).rejects.toThrow("enough");
  expect(await spinning).toBe("seen");
  expect(await leftovers(rt)).toEqual(NOTHING);
});

it("a task whose signal has fired, and that runs on, is waited for to its end", async () => {
  const rt = await Runtime.start({ threads: 1, maxDedicated: 1 });
  const jobs = rt.module<Jobs>(url);
  const stop = rt.background.withCancel();
  const controller = new AbortController();
  let isOver = false;
  let task: Task<string> | undefined;
  const running = rt
    .scope(async (scope) => {
      task = scope.with({ dedicated: true, signal: controller.signal }).go(jobs.spin, stop.ctx);
      await vi.waitUntil(() => rt.leftovers().tasks.some(({ state }) => state === "running"), { timeout: 20_000 });
    })
    .finally(() => {
      isOver = true;
    });
  running.catch(() => undefined);
  await vi.waitUntil(() => rt.leftovers().tasks.some(({ state }) => state === "running"), { timeout: 20_000 });
  controller.abort();
  await expect(task).rejects.toMatchObject({ code: "ABORT_ERR" });
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  stop.cancel();
  await expect(running).rejects.toMatchObject({ code: "ABORT_ERR" });
  expect(task!.outcome).toBe("stopped");
  stop[Symbol.dispose]();
  expect(await leftovers(rt)).toEqual(NOTHING);
});
