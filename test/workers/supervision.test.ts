// Supervision: the behaviours of Erlang/OTP's supervisor (docs/supervision.md lists them against its suite), over children that do as they are told and
// a clock that jumps. No test waits for real time.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { later, now, setVirtualClock, VirtualClock } from "../../src/runtime/clock.ts";
import type { ChildSpec, RestartPolicy, SupervisionEvent } from "../../src/workers/supervision/child.ts";
import { ChildSupervisor } from "../../src/workers/supervision/child-supervisor.ts";
import type { SupervisionOptions } from "../../src/workers/supervision/settings.ts";
import { FakeChild } from "../support/fake-child.ts";
import { until } from "../support/heap.ts";

let log: string[];
let events: SupervisionEvent[];
const children = new Map<string, FakeChild>();

beforeEach(() => {
  setVirtualClock(clockOf(7));
  log = [];
  events = [];
  children.clear();
});
afterEach(() => {
  setVirtualClock(undefined);
});

/** Whole milliseconds, so that sums of them are exact. */
function clockOf(seed: number): VirtualClock {
  const clock = new VirtualClock(seed);
  clock.nowMs = 1_000;
  return clock;
}

function fake(id: string): FakeChild {
  const child = new FakeChild(id, log);
  children.set(id, child);
  return child;
}

function spec(id: string, options: Partial<ChildSpec> = {}): ChildSpec {
  return { id, child: fake(id), ...options };
}

async function supervisor(options: SupervisionOptions, ...specs: ChildSpec[]): Promise<ChildSupervisor> {
  const sup = new ChildSupervisor({ onEvent: (event) => void events.push(event), ...options });
  for (const one of specs) await sup.add(one);
  await sup.start();
  return sup;
}

const child = (id: string) => children.get(id)!;
const stateOf = (sup: ChildSupervisor, id: string) => sup.which().find((one) => one.id === id)?.state;
const isBackUp = (sup: ChildSupervisor, id: string, starts: number) =>
  until(() => stateOf(sup, id) === "running" && child(id).starts === starts, `${id} runs again`);
const MANY = { restarts: 1_000, withinMs: 1_000 };

describe("start", () => {
  it("without children, and an end in good order", async () => {
    const sup = new ChildSupervisor();
    const running = await sup.start();
    expect(sup.count()).toEqual({ specs: 0, active: 0, supervisors: 0, workers: 0 });
    await sup.stop();
    expect(await running.exited).toEqual({ kind: "stopped" });
  });

  it("children start in the order they were added", async () => {
    const sup = await supervisor({}, spec("a"), spec("b"), spec("c"));
    expect(log).toEqual(["a starts", "b starts", "c starts"]);
    await sup.stop();
  });

  it("a child that has nothing to run is kept and idle; a temporary one is forgotten", async () => {
    const sup = await supervisor({});
    const [kept, gone] = [spec("kept"), spec("gone", { restart: "temporary" })];
    child("kept").plan.push("nothing");
    child("gone").plan.push("nothing");
    await sup.add(kept);
    await sup.add(gone);
    await sup.add(spec("runs"));
    expect(sup.which().map(({ id, state }) => [id, state])).toEqual([
      ["kept", "idle"],
      ["runs", "running"],
    ]);
    expect(sup.count()).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
    await sup.stop();
  });

  it("one that cannot start ends the start: those before it are stopped, last first, its error is thrown", async () => {
    const sup = new ChildSupervisor();
    for (const id of ["a", "b", "c", "d"]) await sup.add(spec(id));
    const error = new Error("no");
    child("c").plan.push(error);
    await expect(sup.start()).rejects.toBe(error);
    expect(log).toEqual(["a starts", "b starts", "c fails to start", "b stops", "a stops"]);
    expect(sup.isRunning).toBe(false);
  });

  it("added to a supervisor that runs, one that cannot start is not kept and its error is thrown", async () => {
    const sup = await supervisor({}, spec("a"));
    const failing = spec("b");
    const error = new Error("no");
    child("b").plan.push(error);
    await expect(sup.add(failing)).rejects.toBe(error);
    expect(sup.which().map(({ id }) => id)).toEqual(["a"]);
    await sup.add(failing); // nothing of it was left behind
    expect(stateOf(sup, "b")).toBe("running");
    await sup.stop();
  });

  it("one that does not come up within startMs is told so, and stopped should it come later", async () => {
    const sup = await supervisor({});
    const late = spec("late", { startMs: 50 });
    child("late").plan.push("hangs");
    const before = now();
    await expect(sup.add(late)).rejects.toMatchObject({ code: "ERR_TIMEOUT", message: expect.stringContaining("late") });
    expect(now() - before).toBe(50);
    let release: () => void = () => undefined;
    const stoppedWith: number[] = [];
    const stubborn: ChildSpec = {
      id: "stubborn",
      startMs: 50,
      child: {
        start: () =>
          new Promise((resolve) => {
            release = () => resolve({ exited: new Promise(() => undefined), stop: (graceMs) => void stoppedWith.push(graceMs) });
          }),
      },
    };
    await expect(sup.add(stubborn)).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
    release();
    await until(() => stoppedWith[0] === 0, "the late child is killed");
    await sup.stop();
  });

  it("defaults: permanent, 5 s to stop, a supervisor for ever", async () => {
    const sup = await supervisor({}, spec("a"), spec("s", { type: "supervisor" }));
    expect(sup.which()).toMatchObject([
      { id: "a", restart: "permanent", type: "worker", restarts: 0, isFallback: false, lastExit: undefined },
      { id: "s", type: "supervisor" },
    ]);
    for (const id of ["a", "s"]) child(id).obeys = "force";
    const before = now();
    const stopped = sup.stop();
    await passes(1_000_000);
    expect(log.slice(2)).toEqual(["s does not obey"]);
    child("s").end({ kind: "stopped" });
    await stopped;
    expect(log.slice(3)).toEqual(["a does not obey", "a is killed"]);
    expect(now() - before).toBe(1_005_000);
  });

  it.each([
    ["no id", { id: "", child: new FakeChild("x") }],
    ["no child", { id: "x" }],
    ["an unknown policy", { id: "x", child: new FakeChild("x"), restart: "sometimes" }],
    ["a negative time to stop", { id: "x", child: new FakeChild("x"), shutdownMs: -1 }],
    ["no time to start", { id: "x", child: new FakeChild("x"), startMs: 0 }],
    ["a kind unheard of", { id: "x", child: new FakeChild("x"), type: "boss" }],
    ["something else", "x"],
  ])("a faulty spec is refused: %s", (_, faulty) => {
    expect(() => new ChildSupervisor().add(faulty as ChildSpec)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });

  it.each([
    { strategy: "all" },
    { restarts: -1 },
    { restarts: 1.5 },
    { withinMs: 0 },
    { withinMs: Number.NaN },
    { backOff: 1 },
    { backOff: { jitter: 2 } },
    { backOff: { factor: 0.5 } },
    { backOff: { minMs: 2, maxMs: 1 } },
    { onEvent: 1 },
    "fast",
  ])("faulty options are refused: %j", (faulty) => {
    expect(() => new ChildSupervisor(faulty as SupervisionOptions)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
  });
});

describe("stop", () => {
  it("goes in reverse order of start, each waiting for the one before", async () => {
    const sup = await supervisor({}, spec("a"), spec("b"), spec("c"));
    log.length = 0;
    await sup.stop();
    expect(log).toEqual(["c stops", "b stops", "a stops"]);
  });

  it("gives each its own time, then kills", async () => {
    const sup = await supervisor({}, spec("a", { shutdownMs: 1_000 }), spec("b", { shutdownMs: 1_000 }));
    child("b").obeys = "force";
    log.length = 0;
    const before = now();
    await sup.stop();
    expect(now() - before).toBe(1_000);
    expect(log).toEqual(["b does not obey", "b is killed", "a stops"]);
    expect(sup.which()).toMatchObject([{ lastExit: { kind: "stopped" } }, { lastExit: { kind: "killed" } }]);
  });

  it("kills at once with shutdownMs 0", async () => {
    const sup = await supervisor({}, spec("a"), spec("b", { shutdownMs: 0 }));
    log.length = 0;
    await sup.stop();
    expect(log).toEqual(["b is killed", "a stops"]);
  });

  it("waits for ever with Infinity", async () => {
    const sup = await supervisor({}, spec("a", { shutdownMs: Number.POSITIVE_INFINITY }));
    child("a").obeys = "force";
    const stopped = sup.stop();
    await passes(1_000_000);
    child("a").end({ kind: "stopped" });
    await stopped;
    expect(log).toEqual(["a starts", "a does not obey"]);
  });

  it("leaves what even force does not end, and says so", async () => {
    const sup = await supervisor({}, spec("a"), spec("b", { shutdownMs: 10 }));
    child("b").obeys = "never";
    await sup.stop();
    expect(events).toContainEqual({ type: "abandoned", id: "b" });
    expect(log.at(-1)).toBe("a stops");
  });

  it("within graceMs altogether, whatever the children's own times", async () => {
    const sup = await supervisor({}, spec("a", { shutdownMs: Number.POSITIVE_INFINITY }));
    child("a").obeys = "force";
    const before = now();
    await sup.stop(20);
    expect(now() - before).toBe(20);
  });

  it("in the middle of a start ends that start", async () => {
    const sup = await supervisor({}, spec("a"));
    const hanging = spec("b");
    child("b").plan.push("hangs");
    const added = sup.add(hanging);
    await until(() => log.includes("b hangs"), "b hangs");
    const stopped = sup.stop();
    await expect(added).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await stopped;
    expect(log.at(-1)).toBe("a stops");
  });

  it("right after start() stops what that was about to start", async () => {
    const sup = new ChildSupervisor();
    await sup.add(spec("a"));
    const started = sup.start().catch((error: unknown) => error);
    await sup.stop();
    expect(await started).toMatchObject({ code: "ERR_CLOSED" });
    expect([sup.isRunning, stateOf(sup, "a")]).toEqual([false, "idle"]);
  });

  it("while a restart is due takes that back", async () => {
    const sup = await supervisor({ ...MANY, backOff: { minMs: 1_000 } }, spec("a"));
    child("a").fail();
    await isBackUp(sup, "a", 2);
    child("a").fail();
    await until(() => stateOf(sup, "a") === "restarting", "a is to be restarted");
    await sup.stop();
    expect(stateOf(sup, "a")).toBe("idle");
    await sup.start();
    expect(child("a").starts).toBe(3); // by the start alone
    await sup.stop();
  });

  it("a second time does nothing; a stopped supervisor starts again", async () => {
    const sup = await supervisor({}, spec("a"));
    await Promise.all([sup.stop(), sup.stop()]);
    await sup.stop();
    await sup.start();
    await expect(sup.start()).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    expect(child("a").starts).toBe(2);
    await sup.stop();
  });
});

describe("children that end", () => {
  const cases: [RestartPolicy, "normal" | "stopped" | "killed" | "failed", boolean][] = [
    ["permanent", "normal", true],
    ["permanent", "stopped", true],
    ["permanent", "failed", true],
    ["permanent", "killed", true],
    ["transient", "normal", false],
    ["transient", "stopped", false],
    ["transient", "failed", true],
    ["transient", "killed", true],
    ["temporary", "normal", false],
    ["temporary", "stopped", false],
    ["temporary", "failed", false],
    ["temporary", "killed", false],
  ];
  it.each(cases)("%s, %s: started again %s", async (restart, kind, isAgain) => {
    const sup = await supervisor(MANY, spec("a", { restart }));
    child("a").end({ kind });
    if (isAgain) {
      await isBackUp(sup, "a", 2);
      expect(sup.which()).toMatchObject([{ restarts: 1, lastExit: { kind } }]);
      expect(sup.count().active).toBe(1);
    } else {
      await until(() => sup.count().active === 0, "a has ended");
      expect(sup.count().specs).toBe(restart === "temporary" ? 0 : 1);
      expect(child("a").starts).toBe(1);
    }
    await sup.stop();
  });

  it("several at once are all started again", async () => {
    const sup = await supervisor(MANY, spec("a"), spec("b"), spec("c"));
    for (const id of ["a", "b", "c"]) child(id).fail();
    for (const id of ["a", "b", "c"]) await isBackUp(sup, id, 2);
    await sup.stop();
  });
});

describe("one-for-one", () => {
  it("starts again only the one that ended", async () => {
    const sup = await supervisor(MANY, spec("a"), spec("b"));
    child("a").fail();
    await isBackUp(sup, "a", 2);
    expect(child("b").starts).toBe(1);
    await sup.stop();
  });

  it("gives up after too many restarts: all are stopped, the reason is kept", async () => {
    const sup = new ChildSupervisor({ restarts: 2, withinMs: 1_000, onEvent: (event) => void events.push(event) });
    await sup.add(spec("a"));
    await sup.add(spec("b"));
    const running = await sup.start();
    for (let round = 2; round <= 3; round++) {
      child("a").fail(`boom ${round}`);
      await isBackUp(sup, "a", round);
    }
    child("a").fail("the last");
    const exit = await running.exited;
    expect(exit).toMatchObject({ kind: "failed", error: { code: "ERR_RESTART_LIMIT", cause: { message: "the last" } } });
    expect(log.at(-1)).toBe("b stops");
    expect(child("a").starts).toBe(3);
    expect(sup.isRunning).toBe(false);
    expect(events.filter(({ type }) => type === "gave-up")).toHaveLength(1);
  });
});

describe("one-for-all", () => {
  it("stops the others, last first, and starts all in order", async () => {
    const sup = await supervisor({ ...MANY, strategy: "one-for-all" }, spec("a"), spec("b"), spec("c"));
    log.length = 0;
    child("b").fail();
    await isBackUp(sup, "c", 2);
    expect(log).toEqual(["b fails", "c stops", "a stops", "a starts", "b starts", "c starts"]);
    await sup.stop();
  });

  it("counts one restart for all of them, and gives up", async () => {
    const sup = await supervisor({ restarts: 1, strategy: "one-for-all" }, spec("a"), spec("b"), spec("c"));
    child("b").fail();
    await isBackUp(sup, "c", 2);
    child("c").fail();
    await until(() => !sup.isRunning && sup.count().active === 0, "it has given up");
    expect(["a", "b", "c"].map((id) => child(id).starts)).toEqual([2, 2, 2]);
  });

  it("one that fails to start again has all of them started anew", async () => {
    const sup = await supervisor({ ...MANY, strategy: "one-for-all" }, spec("a"), spec("b"), spec("c"));
    log.length = 0;
    child("b").plan.push(new Error("no"));
    child("c").fail();
    await isBackUp(sup, "c", 2);
    expect(log).toEqual(["c fails", "b stops", "a stops", "a starts", "b fails to start", "a stops", "a starts", "b starts", "c starts"]);
    await sup.stop();
  });
});

describe("rest-for-one", () => {
  it("stops and starts again those that came after it", async () => {
    const sup = await supervisor({ ...MANY, strategy: "rest-for-one" }, spec("a"), spec("b"), spec("c"));
    log.length = 0;
    child("b").fail();
    await isBackUp(sup, "c", 2);
    expect(log).toEqual(["b fails", "c stops", "b starts", "c starts"]);
    await sup.stop();
  });

  it("gives up after too many", async () => {
    const sup = await supervisor({ restarts: 1, strategy: "rest-for-one" }, spec("a"), spec("b"), spec("c"));
    child("a").fail();
    await isBackUp(sup, "c", 2);
    child("c").fail();
    await until(() => !sup.isRunning && sup.count().active === 0, "it has given up");
    expect(["a", "b", "c"].map((id) => child(id).starts)).toEqual([2, 2, 2]);
  });

  it("one that fails to start again goes on from there", async () => {
    const sup = await supervisor({ ...MANY, strategy: "rest-for-one" }, spec("a"), spec("b"), spec("c"), spec("d"));
    log.length = 0;
    child("c").plan.push(new Error("no"));
    child("b").fail();
    await isBackUp(sup, "d", 2);
    expect(log).toEqual(["b fails", "d stops", "c stops", "b starts", "c fails to start", "c starts", "d starts"]);
    await sup.stop();
  });

  it("one before it that ends meanwhile takes the whole rest along, each started once", async () => {
    const slow = { minMs: 1_000, jitter: 0 };
    const sup = await supervisor({ ...MANY, strategy: "rest-for-one", backOff: slow }, spec("a"), spec("b"), spec("c"));
    child("b").fail();
    await isBackUp(sup, "c", 2);
    child("b").fail(); // now it waits
    await until(() => stateOf(sup, "b") === "restarting", "b is to be restarted");
    child("a").fail();
    await isBackUp(sup, "c", 3);
    expect(["a", "b", "c"].map((id) => child(id).starts)).toEqual([2, 3, 3]);
    await sup.stop();
  });
});

it("a restart that was due is none any more once the child is to be restarted with others, later", async () => {
  const slow = { minMs: 1_000, jitter: 0 };
  const sup = await supervisor({ ...MANY, strategy: "rest-for-one", backOff: slow }, spec("a"), spec("b"));
  child("a").fail();
  await isBackUp(sup, "b", 2);
  child("b").fail();
  await isBackUp(sup, "b", 3);
  child("b").fail(); // due in 1,000 ms
  await passes(500);
  child("a").fail(); // due in 1,000 ms, and b with it
  const failedAt = now();
  await isBackUp(sup, "b", 4);
  expect(child("b").startedAt.at(-1)).toBe(failedAt + 1_000);
  await passes(2_000);
  expect([child("a").starts, child("b").starts]).toEqual([3, 4]);
  await sup.stop();
});

describe.each(["one-for-all", "rest-for-one"] as const)("a temporary bystander of %s", (strategy) => {
  it("is stopped with the others, and not started again", async () => {
    const sup = await supervisor({ ...MANY, strategy }, spec("a"), spec("b", { restart: "temporary" }), spec("c"));
    child("a").fail();
    await isBackUp(sup, "c", 2);
    expect(sup.which().map(({ id }) => id)).toEqual(["a", "c"]);
    expect(child("b").starts).toBe(1);
    await sup.stop();
  });
});

describe("simple-one-for-one", () => {
  it("starts again the one that ended; one stopped or done is forgotten", async () => {
    const sup = await supervisor({ ...MANY, strategy: "simple-one-for-one" });
    await sup.add(spec("a"));
    await sup.add(spec("b", { restart: "transient" }));
    child("a").fail();
    await isBackUp(sup, "a", 2);
    child("b").end({ kind: "normal" });
    await until(() => sup.count().specs === 1, "b is forgotten");
    await sup.terminate("a");
    expect(sup.which()).toEqual([]);
    await sup.stop();
  });

  it("gives up after too many", async () => {
    const sup = await supervisor({ strategy: "simple-one-for-one" });
    await sup.add(spec("a"));
    await sup.add(spec("b"));
    child("a").fail();
    await isBackUp(sup, "a", 2);
    child("b").fail();
    await until(() => !sup.isRunning && sup.count().specs === 0, "it has given up");
  });

  it("stops all of them at once, however many", async () => {
    const sup = await supervisor({ strategy: "simple-one-for-one" });
    for (let i = 0; i < 100; i++) {
      await sup.add(spec(`${i}`, { shutdownMs: 100 }));
      child(`${i}`).obeys = "force";
    }
    const before = now();
    await sup.stop();
    expect(now() - before).toBe(100);
    expect(sup.count().specs).toBe(0);
  });

  it("ten thousand temporary children come and go and leave nothing", async () => {
    const sup = await supervisor({ strategy: "simple-one-for-one" });
    for (let i = 0; i < 10_000; i++) {
      const one = new FakeChild(`${i}`);
      await sup.add({ id: `${i}`, child: one, restart: "temporary" });
      one.end({ kind: i % 2 === 0 ? "normal" : "failed" });
    }
    await until(() => sup.count().specs === 0, "all have gone");
    expect(sup.isRunning).toBe(true);
    await sup.stop();
  });
});

describe("which, terminate, restart, delete", () => {
  it("a child is stopped, found idle, started again, stopped and forgotten", async () => {
    const sup = await supervisor({}, spec("a"), spec("b"));
    await expect(sup.add(spec("a"))).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await expect(sup.restart("b")).rejects.toMatchObject({ code: "ERR_INVALID_ARG", message: expect.stringContaining("running") });
    await expect(sup.delete("b")).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await expect(sup.terminate("z")).rejects.toMatchObject({ code: "ERR_INVALID_ARG", message: expect.stringContaining("a, b") });
    await sup.terminate("b");
    await sup.terminate("b");
    expect(stateOf(sup, "b")).toBe("idle");
    await expect(sup.add(spec("b"))).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await sup.restart("b");
    expect(stateOf(sup, "b")).toBe("running");
    await sup.terminate("b");
    await sup.delete("b");
    expect(sup.which().map(({ id }) => id)).toEqual(["a"]);
    await expect(sup.restart("b")).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await sup.stop();
  });

  it("a child is stopped in the middle of its start, and of its restart", async () => {
    const sup = await supervisor({ restarts: 1 }, spec("a"));
    const hanging = spec("b");
    child("b").plan.push("hangs");
    const added = sup.add(hanging).catch((error: unknown) => error);
    await until(() => log.includes("b hangs"), "b hangs");
    await sup.remove("b");
    expect(await added).toMatchObject({ code: "ERR_CLOSED" });
    child("a").plan.push("hangs");
    child("a").fail();
    await until(() => log.includes("a hangs"), "a hangs");
    await sup.remove("a");
    await sup.remove("a");
    expect([sup.which(), sup.isRunning]).toEqual([[], true]);
    await sup.stop();
  });

  it("a temporary child that is stopped is forgotten", async () => {
    const sup = await supervisor({}, spec("a", { restart: "temporary" }));
    await sup.terminate("a");
    expect(sup.count().specs).toBe(0);
    await sup.stop();
  });

  it("stopping a child that waits for its restart takes the restart back", async () => {
    const sup = await supervisor({ ...MANY, backOff: { minMs: 1_000 } }, spec("a"), spec("b"));
    child("a").fail();
    await isBackUp(sup, "a", 2);
    child("a").fail();
    await until(() => stateOf(sup, "a") === "restarting", "a is to be restarted");
    await expect(sup.restart("a")).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    await sup.terminate("a");
    const before = now();
    child("b").fail();
    await isBackUp(sup, "b", 2);
    child("b").fail();
    await isBackUp(sup, "b", 3); // time has jumped beyond a's restart
    expect(now() - before).toBeGreaterThan(0);
    expect([stateOf(sup, "a"), child("a").starts]).toEqual(["idle", 2]);
    await sup.stop();
  });

  it("counts workers and supervisors", async () => {
    const inner = new ChildSupervisor();
    const sup = await supervisor({}, spec("a"), { id: "inner", child: inner, type: "supervisor" }, spec("b"));
    await sup.terminate("b");
    expect(sup.count()).toEqual({ specs: 3, active: 2, supervisors: 1, workers: 2 });
    await sup.stop();
  });
});

describe("intensity and back-off", () => {
  it("restarts: 0 gives up at the first end", async () => {
    const sup = await supervisor({ restarts: 0 }, spec("a"));
    child("a").fail();
    await until(() => !sup.isRunning, "it has given up");
    expect(child("a").starts).toBe(1);
  });

  it("the window slides: ends further apart than it never add up", async () => {
    const sup = await supervisor({ restarts: 1, withinMs: 100, backOff: { minMs: 0 } }, spec("a"), spec("clock"));
    for (let round = 2; round < 12; round++) {
      child("a").fail();
      await isBackUp(sup, "a", round);
      await passes(101);
    }
    expect(sup.isRunning).toBe(true);
    await sup.stop();
  });

  it("failures to start again count, and end in the same way with their reason", async () => {
    const sup = new ChildSupervisor({ restarts: 3, withinMs: 60_000 });
    await sup.add(spec("a"));
    const running = await sup.start();
    const error = new Error("never again");
    for (let i = 0; i < 100; i++) child("a").plan.push(error);
    child("a").fail();
    expect(await running.exited).toMatchObject({ kind: "failed", error: { code: "ERR_RESTART_LIMIT", cause: error } });
    expect(child("a").starts).toBe(1 + 3);
  });

  it("a storm without limit keeps its distance, and never starves the event loop", async () => {
    const sup = await supervisor({ restarts: Number.POSITIVE_INFINITY, backOff: { minMs: 10, maxMs: 500, jitter: 0 } }, spec("a"));
    for (let i = 0; i < 40; i++) child("a").plan.push(new Error("no"));
    child("a").fail();
    await isBackUp(sup, "a", 42);
    const gaps = child("a")
      .startedAt.slice(2)
      .map((at, i) => at - child("a").startedAt[i + 1]!);
    expect(gaps.slice(0, 8)).toEqual([10, 20, 40, 80, 160, 320, 500, 500]);
    await sup.stop();
  });

  it("is shorter by chance, the same for a seed, and begins anew for one that has run for long", async () => {
    const gaps = async () => {
      setVirtualClock(clockOf(42));
      children.clear();
      const options = { restarts: Number.POSITIVE_INFINITY, backOff: { minMs: 100, maxMs: 1_000, jitter: 0.5, resetMs: 5_000 } };
      const sup = await supervisor(options, spec("a"));
      const delays: number[] = [];
      for (let round = 2; round < 8; round++) {
        child("a").fail();
        const failedAt = now();
        await isBackUp(sup, "a", round);
        delays.push(child("a").startedAt.at(-1)! - failedAt);
      }
      await passes(5_000);
      child("a").fail();
      const failedAt = now();
      await isBackUp(sup, "a", 8);
      delays.push(child("a").startedAt.at(-1)! - failedAt);
      await sup.stop();
      return delays.map(Math.round);
    };
    const first = await gaps();
    expect(first[0]).toBe(0);
    for (const [i, longest] of [100, 200, 400, 800, 1_000].entries()) {
      expect(first[i + 1]).toBeGreaterThanOrEqual(longest / 2 - 1);
      expect(first[i + 1]).toBeLessThanOrEqual(longest);
    }
    expect(first.slice(1, 6)).not.toEqual([100, 200, 400, 800, 1_000]);
    expect(first.at(-1)).toBe(0);
    expect(await gaps()).toEqual(first);
  });
});

describe("a fallback", () => {
  it("takes the child's place when it has died too often, once; then the supervisor gives up", async () => {
    const other = fake("other");
    const sup = await supervisor({ restarts: 1 }, spec("a", { fallback: other }), spec("b"));
    child("a").fail();
    await isBackUp(sup, "a", 2);
    child("a").fail("again");
    await until(() => other.starts === 1 && stateOf(sup, "a") === "running", "the fallback runs");
    expect(sup.which()).toMatchObject([{ id: "a", isFallback: true }, { id: "b" }]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "fallback", id: "a", cause: expect.objectContaining({ kind: "failed" }) }),
    );
    expect(child("b").starts).toBe(1);
    other.fail();
    await until(() => other.starts === 2 && stateOf(sup, "a") === "running", "the fallback runs again");
    other.fail();
    await until(() => !sup.isRunning && sup.count().active === 0, "it has given up");
    expect(child("a").starts).toBe(2);
    await sup.start();
    expect([child("a").starts, other.starts]).toEqual([3, 2]); // from the beginning: the child itself
    await sup.stop();
  });
});

describe("supervisors of supervisors", () => {
  it("start from the top, stop from the bottom", async () => {
    const inner = new ChildSupervisor();
    await inner.add(spec("x"));
    await inner.add(spec("y"));
    const sup = await supervisor({}, spec("a"), { id: "inner", child: inner, type: "supervisor" }, spec("b"));
    await sup.stop();
    expect(log).toEqual(["a starts", "x starts", "y starts", "b starts", "b stops", "y stops", "x stops", "a stops"]);
  });

  it("one that gives up is started again by the one above, children and all; one too often ends that too", async () => {
    const inner = new ChildSupervisor({ restarts: 1 });
    await inner.add(spec("x"));
    const sup = new ChildSupervisor({ restarts: 1 });
    await sup.add({ id: "inner", child: inner, type: "supervisor" });
    await sup.add(spec("b"));
    const running = await sup.start();
    for (const round of [2, 3, 4]) {
      child("x").fail();
      await isBackUp(inner, "x", round); // 2: by inner; 3: inner gave up and was started again; 4: by inner
    }
    expect([sup.isRunning, inner.isRunning, child("b").starts]).toEqual([true, true, 1]);
    child("x").fail("the end");
    const exit = await running.exited;
    expect(exit).toMatchObject({
      kind: "failed",
      error: { code: "ERR_RESTART_LIMIT", cause: { code: "ERR_RESTART_LIMIT", cause: { message: "the end" } } },
    });
    expect(log.at(-1)).toBe("b stops");
    expect(child("x").starts).toBe(4);
  });
});

describe("events", () => {
  it("tell of every start, end and restart in order", async () => {
    const sup = await supervisor({}, spec("a"));
    child("a").fail();
    await isBackUp(sup, "a", 2);
    await sup.stop();
    expect(events.map(({ type }) => type)).toEqual(["started", "exited", "restarting", "started", "exited"]);
    expect(events[1]).toMatchObject({ exit: { kind: "failed", error: { message: "boom" } } });
    expect(events[4]).toMatchObject({ exit: { kind: "stopped" } });
  });
});

/** So much virtual time. */
async function passes(ms: number): Promise<void> {
  await new Promise<void>((resolve) => later(resolve, ms));
}
