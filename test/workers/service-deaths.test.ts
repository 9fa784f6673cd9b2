// Services whose thread dies: what calls are told, what waits, what is made again, when it is given up. Kinds of death, hangs, storms, fallbacks.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { f64, label, Runtime, type Service, type SupervisionEvent, type SupervisionOptions } from "../../src/index.ts";
import type { ServiceOptions } from "../../src/workers/service/service.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";

const url = new URL("../fixtures/service-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/service-jobs.ts");
/** A module that can be imported unless this is set: a new thread sees the environment as it is when it starts. */
const FRAGILE = `data:text/javascript,
  if (process.env.HEDDLE_TEST_FAILS) throw Object.assign(new Error("cannot be imported"), { code: "E_IMPORT" });
  export const one = () => 1;
  export const exits = () => process.exit(3);`;
type Fragile = { one(): number; exits(): void };

let rt: Runtime;
let events: SupervisionEvent[] = [];
const made: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  rt = await Runtime.start({ threads: 1 });
});
afterEach(async () => {
  for (const tree of made.splice(0)) await tree.stop();
  events = [];
  delete process.env.HEDDLE_TEST_FAILS;
  const isEmpty = () => rt.leftovers().channels.length + rt.leftovers().tasks.length === 0;
  await until(isEmpty, "nothing left").catch(() => undefined); // a thread that is stopped takes its task with it in a moment
  expect(rt.leftovers()).toMatchObject({ channels: [], tasks: [] });
});
afterAll(async () => {
  expect(await leftovers(rt)).toEqual(NOTHING);
});

const OFTEN: SupervisionOptions = { restarts: Number.POSITIVE_INFINITY, backOff: { minMs: 0, maxMs: 0 } };

function supervise(options: SupervisionOptions = OFTEN) {
  const tree = rt.supervise({ onEvent: (event) => void events.push(event), ...options });
  made.push(tree);
  return tree;
}

async function started(options?: ServiceOptions<Jobs>, supervision?: SupervisionOptions): Promise<Service<Jobs>> {
  const service = supervise(supervision).service<Jobs>(url, options);
  await service.ready();
  return service;
}

const exitOf = () => events.find((event) => event.type === "exited");
const kill = (service: { readonly threadId: number | undefined }, why?: string) => expect(rt.kill(service.threadId!, why)).toBe(true);
const rejection = (call: PromiseLike<unknown>) =>
  call.then(
    () => expect.unreachable("it resolved"),
    (error: unknown) => error,
  );

describe("a death", () => {
  it("rejects what was begun, with the cause; state begins anew; the handle goes on", async () => {
    const service = await started();
    const gate = rt.channel(f64, 0);
    const begun = rt.channel(f64, 1);
    expect(await service.call.add(5)).toBe(5);
    const error = rejection(service.call.waitAt(gate.receiver, begun));
    await begun.recv();
    const first = service.threadId;
    kill(service, "for the test");
    expect(await error).toMatchObject({
      code: "ERR_THREAD_DIED",
      name: "ThreadDiedError",
      message: expect.stringMatching(/^service-jobs\.waitAt: .*for the test/),
      cause: { code: "ERR_THREAD_DIED" },
    });
    expect(await service.call.add(1)).toBe(1);
    expect(service.threadId).not.toBe(first);
    expect(await service.call.state()).toMatchObject({ count: 1, hooks: ["start"] });
    gate.close();
    begun.close();
  });

  it.each([
    ["process.exit(0)", "exits", [0], { kind: "normal", error: { message: expect.stringContaining("exit code 0") } }],
    ["process.exit(3)", "exits", [3], { kind: "failed", error: { message: expect.stringContaining("exit code 3") } }],
    ["a throw in a callback", "throwsLater", [], { kind: "failed", error: { cause: { message: "from a callback" } } }],
  ] as const)("by %s", async (_, name, args, exit) => {
    const service = await started();
    const call = (service.call as unknown as Record<string, (...args: readonly number[]) => Promise<unknown>>)[name]!;
    expect(await rejection(call(...args))).toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await service.call.add(1)).toBe(1);
    expect(exitOf()).toMatchObject({ id: "service-jobs", exit });
  });

  it("of a transient service that exits with 0 is its end", async () => {
    const service = await started({ restart: "transient" });
    await rejection(service.call.exits(0));
    await until(() => service.state === "down", "it is down");
    expect(await rejection(service.call.add(1))).toMatchObject({ code: "ERR_SERVICE_DOWN" });
  });

  it("rejects calls of its live objects, ends its streams, leaves the sources it read", async () => {
    const service = await started();
    const account = await service.call.open();
    const waiting = rejection(account.waits());
    const numbers = await service.call.numbers(1_000_000);
    expect((await numbers.next()).value).toBe(0);
    let ended = 0;
    let given = 0;
    async function* source() {
      try {
        for (;;) {
          yield given++;
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended++;
      }
    }
    const summing = rejection(service.call.sum(source()));
    await until(() => given > 20, "the source is read");
    kill(service);
    expect(await waiting).toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await summing).toMatchObject({ code: "ERR_THREAD_DIED" });
    await service.ready();
    await until(() => service.state === "running", "it runs again");
    expect(
      await rejection(
        (async () => {
          for await (const _ of numbers);
        })(),
      ),
    ).toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await rejection(account.deposit(1))).toMatchObject({ code: "ERR_THREAD_DIED" });
    await until(() => ended === 1, "the source was left");
  });
});

describe("while it is started again", () => {
  it("calls wait, in their order, as many as maxWaiting", async () => {
    const service = await started({ maxWaiting: 3 });
    kill(service);
    await until(() => service.state === "starting", "its death is known");
    const calls = [1, 10, 100].map((n) => service.call.add(n));
    expect(service.waiting).toBe(3);
    expect(await rejection(service.call.add(1_000))).toMatchObject({
      code: "ERR_QUEUE_FULL",
      message: expect.stringContaining("maxWaiting"),
    });
    expect(await Promise.all(calls)).toEqual([1, 11, 111]);
    expect(service.waiting).toBe(0);
  });

  it("a call that was sent before the death was known waits, whatever the limit", async () => {
    const service = await started({ maxWaiting: 0 });
    kill(service);
    expect(service.state).toBe("running"); // as far as is known
    expect(await service.call.add(7)).toBe(7);
  });

  it("calls that end meanwhile never begin", async () => {
    const service = await started();
    kill(service);
    await until(() => service.state === "starting", "its death is known");
    const stop = new AbortController();
    const aborted = rejection(service.with({ signal: stop.signal }).call.add(1));
    const late = rejection(service.with({ timeoutMs: 0 }).call.add(10));
    stop.abort("enough");
    expect(await aborted).toMatchObject({ code: "ABORT_ERR", cause: "enough" });
    expect(await late).toMatchObject({ code: "ERR_TIMEOUT" });
    expect(await service.call.add(100)).toBe(100);
  });

  it("calls of the instant of its death settle: done, or not begun and so made, or begun and told", async () => {
    const service = await started();
    const begun = rt.channel(f64, 1_024);
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 300; n++) {
      calls.push(service.call.mark(begun, n).catch((error: { code: string }) => error.code));
      if (n === 100) kill(service);
    }
    const ends = await Promise.all(calls);
    const counts = new Map<number, number>();
    for (let n = begun.tryRecv(); typeof n === "number"; n = begun.tryRecv()) counts.set(n, (counts.get(n) ?? 0) + 1);
    for (const [n, end] of ends.entries()) {
      expect([n, end === n * 2 || end === "ERR_THREAD_DIED"]).toEqual([n, true]);
      expect(counts.get(n) ?? 0).toBeLessThanOrEqual(1);
    }
    expect(ends.filter((end) => typeof end === "number").length).toBeGreaterThan(198);
    begun.close();
  });
});

describe("idempotent calls", () => {
  it("are made again when the thread dies; others are not", async () => {
    const service = await started({ idempotent: ["waitAt"] });
    const gate = rt.channel(f64, 0);
    const begun = rt.channel(f64, 8);
    const again = service.call.waitAt(gate.receiver, begun);
    expect(await begun.recv()).toBe(1);
    const once = rejection(service.call.eachTo(1, () => new Promise<number>(() => undefined)));
    await until(() => rt.leftovers().tasks.filter(({ state }) => state === "running").length === 2, "both are under way");
    kill(service);
    expect(await once).toMatchObject({ code: "ERR_THREAD_DIED" });
    expect(await begun.recv()).toBe(1);
    await gate.send(7);
    expect(await again).toBe(7);
    gate.close();
    begun.close();
  });

  it("are begun `attempts` times at most", async () => {
    const service = await started({ idempotent: ["exits"], attempts: 2 });
    expect(await rejection(service.call.exits(1))).toMatchObject({ code: "ERR_THREAD_DIED" });
    await service.ready();
    expect(events.filter(({ type }) => type === "exited")).toHaveLength(2);
  });
});

describe("a hang", () => {
  it("in a loop is told, killed, started again", async () => {
    const service = await started({ hangMs: 1_000 });
    expect(await rejection(service.call.spins())).toMatchObject({ code: "ERR_THREAD_DIED", message: expect.stringContaining("in a loop") });
    expect(events).toContainEqual(
      expect.objectContaining({ type: "hung", id: "service-jobs", what: expect.stringContaining("in a loop") }),
    );
    expect(exitOf()).toMatchObject({ exit: { kind: "killed" } });
    expect(await service.call.add(1)).toBe(1);
  });

  it("in a wait tells what it waits for", async () => {
    const service = await started({ hangMs: 1_000 });
    const gate = label(rt.channel(f64, 0), "the gate");
    expect(await rejection(service.call.blocks(gate.receiver))).toMatchObject({ code: "ERR_THREAD_DIED" });
    const hung = events.find((event) => event.type === "hung")!;
    expect(hung).toMatchObject({ what: expect.stringMatching(/^waiting to receive from channel \d+ "the gate" since 20/) });
    expect(hung.type === "hung" && hung.forMs).toBeGreaterThanOrEqual(1_000);
    expect(await service.call.add(1)).toBe(1);
    gate.close();
  });

  it("is not what an idle service does, nor one that awaits", async () => {
    const service = await started({ hangMs: 1_000 });
    const gate = rt.channel(f64, 0);
    const begun = rt.channel(f64, 1);
    const waiting = service.call.waitAt(gate.receiver, begun);
    for (let i = 0; i < 13; i++) await new Promise((resolve) => setTimeout(resolve, 100)); // what is asserted is that nothing happens in this time
    expect(events.filter(({ type }) => type !== "started")).toEqual([]);
    await gate.send(1);
    expect(await waiting).toBe(1);
    gate.close();
    begun[Symbol.dispose]();
  });
});

describe("giving up", () => {
  it("a module that cannot be imported: every call rejects with the reason, at once", async () => {
    process.env.HEDDLE_TEST_FAILS = "1";
    const before = performance.now();
    const service = supervise({}).service<Fragile>(FRAGILE);
    const calls = Array.from({ length: 100 }, () => rejection(service.call.one()));
    const reason = { code: "ERR_SERVICE_DOWN", cause: { message: "cannot be imported", code: "E_IMPORT" } };
    for (const error of await Promise.all(calls)) expect(error).toMatchObject(reason);
    expect(await rejection(service.ready())).toMatchObject(reason);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(events.filter(({ type }) => type === "start-failed")).toHaveLength(1);
  });

  it("one that cannot be imported any more: as many restarts as allowed, then every call rejects with the reason", async () => {
    const tree = supervise({ restarts: 2, withinMs: 60_000, backOff: { minMs: 1 } });
    const service = tree.service<Fragile>(FRAGILE);
    const other = tree.service<Jobs>(url);
    await Promise.all([service.ready(), other.ready()]);
    process.env.HEDDLE_TEST_FAILS = "1";
    await rejection(service.call.exits());
    const calls = Array.from({ length: 100 }, () => rejection(service.call.one()));
    const reason = { code: "ERR_SERVICE_DOWN", cause: { code: "ERR_RESTART_LIMIT", cause: { code: "E_IMPORT" } } };
    for (const error of await Promise.all(calls)) expect(error).toMatchObject(reason);
    expect(events.filter(({ type }) => type === "start-failed")).toHaveLength(2);
    expect(await tree.exited).toMatchObject({ kind: "failed", error: { code: "ERR_RESTART_LIMIT" } });
    expect(await rejection(other.call.add(1))).toMatchObject({ code: "ERR_SERVICE_DOWN" });
    expect(await rejection(tree.service<Jobs>(url).ready())).toMatchObject({ code: "ERR_SERVICE_DOWN" });
  });

  it("by default at the second death", async () => {
    const service = await started({}, { withinMs: 60_000 });
    await rejection(service.call.exits(1));
    expect(await service.call.add(1)).toBe(1);
    await rejection(service.call.exits(1));
    expect(await rejection(service.call.add(1))).toMatchObject({ code: "ERR_SERVICE_DOWN", cause: { code: "ERR_RESTART_LIMIT" } });
    expect(service.state).toBe("down");
  });

  it("leaves its name to others: that of a service that could not start, of a temporary one that has ended, of one that was deleted", async () => {
    const tree = supervise({});
    const id = "one";
    const first = tree.service<Fragile>("data:text/javascript,throw new Error()", { id });
    expect(() => tree.service<Jobs>(url, { id })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    await rejection(first.ready());
    const second = tree.service<Jobs>(url, { id, restart: "temporary" });
    await second.ready();
    await rejection(second.call.exits(0));
    await until(() => second.state === "down", "it is down");
    const third = tree.service<Jobs>(url, { id });
    expect(await third.call.add(1)).toBe(1);
    await second.stop(); // which is no concern of its successor's
    expect(await third.call.add(1)).toBe(2);
    await tree.terminate(id);
    await tree.delete(id);
    const fourth = tree.service<Jobs>(url, { id });
    expect(await fourth.call.add(1)).toBe(1);
    expect(tree.which().map((child) => child.id)).toEqual([id]);
  });

  it("a start that does not end in startMs is one that failed", async () => {
    const service = supervise({}).service<{ never(): void }>("data:text/javascript,export const start = () => new Promise(() => {})", {
      startMs: 300,
    });
    expect(await rejection(service.ready())).toMatchObject({ code: "ERR_SERVICE_DOWN", cause: { code: "ERR_TIMEOUT" } });
  });

  it("stopping one in the middle of its start ends that start", async () => {
    const service = supervise({}).service<{ never(): void }>("data:text/javascript,export const start = () => new Promise(() => {})");
    const ready = rejection(service.ready());
    await until(() => rt.threadIds.length > 1, "its thread is there");
    await service.stop();
    expect(await ready).toMatchObject({ code: "ERR_SERVICE_DOWN" });
    const early = supervise({}).service<Jobs>(url);
    await early.stop(); // before it has begun to start
    expect(await rejection(early.call.add(1))).toMatchObject({ code: "ERR_SERVICE_DOWN" });
    await until(() => rt.threadIds.length === 1, "no thread of it is left");
  });

  it("with a fallback goes on, on the calling thread", async () => {
    const service = await started({ fallback: "threads-0" }, { restarts: 1, withinMs: 60_000 });
    await rejection(service.call.exits(1));
    await service.call.add(1);
    await rejection(service.call.exits(1));
    expect(await service.call.add(3)).toBe(3);
    expect(service.threadId).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ type: "fallback", id: "service-jobs" }));
    const seen: number[] = [];
    for await (const n of service.call.numbers(3)) seen.push(n);
    expect(seen).toEqual([0, 1, 2]);
    expect(await service.call.eachTo(2, async (i) => i + 1)).toBe(3);
  });
});

describe("trees", () => {
  it("one-for-all: the others let their calls end, and begin anew", async () => {
    const tree = supervise({ ...OFTEN, strategy: "one-for-all" });
    const [a, b] = [tree.service<Jobs>(url, { id: "a" }), tree.service<Jobs>(url, { id: "b" })];
    await Promise.all([a.ready(), b.ready()]);
    const gate = rt.channel(f64, 0);
    const begun = rt.channel(f64, 1);
    await b.call.add(5);
    const last = b.call.waitAt(gate.receiver, begun);
    await begun.recv();
    kill(a);
    await until(() => b.state === "starting", "b is being stopped");
    const next = b.call.add(1);
    await gate.send(9);
    expect(await last).toBe(9);
    expect(await next).toBe(1);
    expect(await a.call.add(1)).toBe(1);
    expect(tree.which()).toMatchObject([
      { id: "a", restarts: 1 },
      { id: "b", restarts: 1 },
    ]);
    gate.close();
    begun.close();
  });

  it("an inner supervisor that gives up is started again, and its services with it", async () => {
    const tree = supervise({ restarts: 5 });
    const inner = tree.supervise({ restarts: 0 });
    const service = inner.service<Jobs>(url);
    await service.ready();
    await rejection(service.call.exits(1));
    await until(() => service.state === "running", "it runs again");
    expect(await service.call.add(1)).toBe(1);
    expect(tree.count()).toEqual({ specs: 1, active: 1, supervisors: 1, workers: 0 });
  });

  it("a service is stopped and started again by name", async () => {
    const tree = supervise();
    const service = tree.service<Jobs>(url, { id: "one" });
    await service.ready();
    await service.call.add(1);
    await tree.terminate("one");
    expect(await rejection(service.call.add(1))).toMatchObject({ code: "ERR_SERVICE_DOWN" });
    await tree.restart("one");
    expect(await service.call.add(1)).toBe(1);
  });

  it("the stop hook runs, with the state it has come to", async () => {
    const folder = mkdtempSync(join(tmpdir(), "heddle-"));
    process.env.HEDDLE_TEST_STOPPED = join(folder, "stopped");
    const service = await started();
    await service.call.add(4);
    await service.stop();
    expect(readFileSync(join(folder, "stopped"), "utf8")).toBe("stopped after 4");
    delete process.env.HEDDLE_TEST_STOPPED;
    rmSync(folder, { recursive: true });
  });
});
