// Services: calls, state, errors, live objects, streams and signals; the same on a thread of their own and on the calling thread.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { f64, proxy, Runtime, release, type Service } from "../../src/index.ts";
import { leftovers, NOTHING, until } from "../support/heap.ts";

const url = new URL("../fixtures/service-jobs.js", import.meta.url);
type Jobs = typeof import("../fixtures/service-jobs.ts");

describe.each([0, 1])("with threads: %i", (threads) => {
  let rt: Runtime;
  let service: Service<Jobs>;
  beforeAll(async () => {
    rt = await Runtime.start({ threads });
    service = rt.supervise().service<Jobs>(url);
  });
  afterEach(() => until(() => rt.leftovers().channels.length === 0 && rt.leftovers().tasks.length === 0, "nothing of the test is left"));
  afterAll(async () => {
    expect(await leftovers(rt)).toEqual(NOTHING);
  });
  const another = () => rt.supervise().service<Jobs>(url);

  describe("calls", () => {
    it("keep the state of a thread that is their own", async () => {
      const one = another();
      expect(one.state).toBe("starting");
      expect(await one.call.add(2)).toBe(2);
      await one.ready();
      expect(one.state).toBe("running");
      expect(await one.call.add(3)).toBe(5);
      const state = await one.call.state();
      expect(state).toMatchObject({ count: 5, hooks: ["start"], isCurrent: true });
      if (threads > 0) expect(state.threadId).toBe(one.threadId);
      else expect(one.threadId).toBe(0);
      await one.stop();
    });

    it("two services of one module do not share their state", async () => {
      const other = another();
      const before = await service.call.add(0);
      await Promise.all([service.call.add(1), other.call.add(10)]);
      expect([await service.call.add(0), await other.call.add(0)]).toEqual([before + 1, 10]);
      await other.stop();
    });

    it("a thousand at once settle each with its own result, begun in order", async () => {
      const before = await service.call.add(0);
      const sums = await Promise.all(Array.from({ length: 1_000 }, () => service.call.add(1)));
      expect(sums).toEqual(Array.from({ length: 1_000 }, (_, i) => before + i + 1));
    });

    it("take arguments as they are at the call", async () => {
      const values = [1, 2, 3];
      const sum = service.call.sum(from(values.slice()));
      const echoed = service.call.later(String(values));
      values.push(4);
      expect([await sum, await echoed]).toEqual([6, "1,2,3"]);
    });

    it("carry a megabyte back", async () => {
      const bytes = await service.call.big(1_048_576);
      expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([1_048_576, 7, 7]);
    });

    it("run beside each other", async () => {
      const gate = rt.channel(f64, 0);
      const begun = rt.channel(f64, 4);
      const waiting = service.call.waitAt(gate.receiver, begun);
      await begun.recv();
      expect(await service.call.later("beside")).toBe("beside");
      await gate.send(5);
      expect(await waiting).toBe(5);
      gate.close();
      begun[Symbol.dispose]();
    });
  });

  describe("errors", () => {
    it("come whole: class, code, cause, properties, and the stack of where it was thrown", async () => {
      const error = await (service.call.fails() as Promise<never>).catch((thrown: unknown) => thrown as Error & Record<string, unknown>);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: "boom", code: "E_BOOM", detail: { n: 1 }, cause: { message: "because", code: "E_REFUSED" } });
      expect((error as Error).stack).toMatch(/service-jobs/);
      expect(await service.call.later("unhurt")).toBe("unhurt");
    });

    it("need not be errors", async () => {
      await expect(service.call.failsWith("null")).rejects.toBe(null);
      await expect(service.call.failsWith("text")).rejects.toBe("text");
      await expect(service.call.failsWith("symbol")).rejects.toBe("Symbol(thrown)");
    });

    it("a function that is not there: ERR_NO_FUNCTION names those that are", async () => {
      const loose = service.call as unknown as Record<string, () => Promise<unknown>>;
      await expect(loose.ad!()).rejects.toMatchObject({ code: "ERR_NO_FUNCTION", message: expect.stringContaining(", streamState, ") });
      await expect(loose.start!()).rejects.toMatchObject({ code: "ERR_NO_FUNCTION" });
      expect((loose as { then?: unknown }).then).toBeUndefined();
    });

    it("what cannot cross: ERR_UNSENDABLE with the path, there and back", async () => {
      const loose = service.call as unknown as Record<string, (arg: unknown) => Promise<unknown>>;
      await expect(loose.later!({ a: [new WeakMap()] })).rejects.toMatchObject({
        code: "ERR_UNSENDABLE",
        message: expect.stringContaining("arguments of later[0].a[0]"),
      });
      await expect(service.call.givesUnsendable()).rejects.toMatchObject({
        code: "ERR_UNSENDABLE",
        message: expect.stringContaining("result of givesUnsendable.deep[0]"),
      });
    });
  });

  describe("callbacks", () => {
    it("are called from the service's thread, and answer", async () => {
      const told: number[] = [];
      const sum = await service.call.eachTo(5, async (i) => {
        told.push(i);
        return i * 10;
      });
      expect([told, sum]).toEqual([[0, 1, 2, 3, 4], 100]);
    });

    it("deep in an argument, too, which is left as it was", async () => {
      const options = { name: "it", ask: async (what: string) => `${what} not` };
      expect(await service.call.asks(options)).toBe("it: why not");
      expect(typeof options.ask).toBe("function");
    });

    it("what they throw comes whole to the service, and back", async () => {
      const thrown = service.call.eachTo(1, () => Promise.reject(Object.assign(new TypeError("no"), { code: "E_NO", cause: 1 })));
      await expect(thrown).rejects.toMatchObject({ name: "TypeError", code: "E_NO", cause: 1 });
      await expect(thrown).rejects.toBeInstanceOf(TypeError);
    });

    it("outlive the call they came with", async () => {
      const heard: number[] = [];
      await service.call.subscribe(async (n) => void heard.push(n));
      expect(await service.call.publish(1)).toBe(1);
      expect(await service.call.publish(2)).toBe(1);
      expect(heard).toEqual([1, 2]);
    });
  });

  describe("live objects", () => {
    it("stay on their thread: calls, properties, errors whole, a function of an inner object", async () => {
      const account = await service.call.open();
      expect(await account.deposit(5)).toBe(5);
      expect(await account.deposit(5)).toBe(10);
      expect(await account.balance).toBe(10);
      await expect(account.deposit(-1)).rejects.toMatchObject({ name: "RangeError", code: "E_LESS" });
      const { inner } = account as unknown as { inner: { twice(n: number): Promise<number> } };
      expect(await inner.twice(4)).toBe(8);
      release(account);
    });

    it("of this side serve the other", async () => {
      const account = {
        total: 0,
        deposit(n: number) {
          this.total += n;
          return this.total;
        },
      };
      expect(await service.call.depositTwice(proxy(account) as never, 3)).toBe(6);
      expect(account.total).toBe(6);
    });

    it("a function as a result can be called", async () => {
      const count = await service.call.counter();
      const before = await service.call.add(0);
      expect([await count(2), await count(3), await service.call.add(0)]).toEqual([before + 2, before + 5, before + 5]);
      release(count);
    });

    it("give and take live objects and functions", async () => {
      const bank = await service.call.bank();
      const account = await bank.open();
      await account.deposit(7);
      await expect(account.deposit(-1)).rejects.toMatchObject({ code: "E_LESS" });
      expect(await bank.withEach([1, 2], async (id) => `no ${id}`)).toEqual(["no 1", "no 2"]);
      const refused = bank.withEach([1], () => Promise.reject(Object.assign(new Error("no"), { code: "E_NO" })));
      await expect(refused).rejects.toMatchObject({ code: "E_NO" });
      expect(await bank.merge(proxy({ balance: 8 }) as never)).toBe(9);
      await expect(bank.weak()).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
      await expect((bank.withEach as (...args: unknown[]) => Promise<unknown>)([Symbol("s")])).rejects.toMatchObject({
        code: "ERR_UNSENDABLE",
      });
      const Class = (await service.call.counter()) as unknown as new () => Promise<unknown>;
      await expect(new Class()).rejects.toMatchObject({ code: "ERR_NO_FUNCTION" });
      for (const one of [account, bank]) release(one);
    });

    it("a call of one that waits when the service is stopped rejects", async () => {
      const other = another();
      const account = await other.call.open();
      const waiting = account.waits();
      const inner = await (await other.call.bank()).open();
      const innerWaiting = expect(inner.waits()).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
      const stopped = other.stop();
      await innerWaiting;
      await expect(waiting).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
      await expect(account.deposit(1)).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
      await stopped;
    });
  });

  describe("streams", () => {
    it("of an async generator are iterated at once, or after await", async () => {
      const seen: number[] = [];
      for await (const n of service.call.numbers(5)) seen.push(n);
      expect(seen).toEqual([0, 1, 2, 3, 4]);
      expect(await collect(await service.call.numbers(3))).toEqual([0, 1, 2]);
      expect(await collect(service.call.numbers(0))).toEqual([]);
    });

    it("give no faster than they are taken", async () => {
      const values = await service.call.numbers(1_000);
      expect((await values.next()).value).toBe(0);
      let { given } = await service.call.streamState();
      for (let before = -1; given !== before; ) {
        before = given;
        for (let turn = 0; turn < 20; turn++) ({ given } = await service.call.streamState());
      }
      expect(given).toBeLessThan(30);
      expect((await collect(values)).length).toBe(999);
    });

    it("left early end their generator", async () => {
      const before = (await service.call.streamState()).ended;
      for await (const n of service.call.numbers(1_000_000)) if (n === 3) break;
      await untilAsync(async () => (await service.call.streamState()).ended === before + 1, "the generator ended");
    });

    it("left early leave nothing behind, also of a source that says nothing more", async () => {
      for await (const n of service.call.silent()) if (n === 1) break;
      await until(() => rt.leftovers().channels.length === 0, "its channels are gone");
    });

    it("that fail throw the error, after what came before it", async () => {
      const seen: number[] = [];
      await expect(
        (async () => {
          for await (const n of service.call.failing(3)) seen.push(n);
        })(),
      ).rejects.toMatchObject({ message: "in the middle", code: "E_MIDDLE" });
      expect(seen).toEqual([0, 1, 2]);
    });

    it("that give what cannot cross throw ERR_UNSENDABLE", async () => {
      await expect(collect(service.call.unsendables())).rejects.toMatchObject({ code: "ERR_UNSENDABLE" });
    });

    it("as arguments are read from here, only as far as they are wanted", async () => {
      let given = 0;
      let ended = 0;
      async function* source() {
        try {
          for (; given < 1_000_000; given++) yield given;
        } finally {
          ended++;
        }
      }
      expect(await service.call.sum(from([1, 2, 3, 4]))).toBe(10);
      expect(await service.call.sum(source(), 10)).toBe(10);
      await until(() => ended === 1, "the source was left");
      expect(given).toBeLessThan(100);
    });

    it("as argument and result at once are a stage", async () => {
      expect(await collect(service.call.doubled(from([1, 2, 3])))).toEqual([2, 4, 6]);
    });

    it("as an argument that fails fail there", async () => {
      async function* source() {
        yield 1;
        throw Object.assign(new Error("dry"), { code: "E_DRY" });
      }
      await expect(service.call.sum(source())).rejects.toMatchObject({ code: "E_DRY" });
    });

    it("of what is none: an error that says so", async () => {
      const call = service.call.add(1) as unknown as AsyncIterable<number>;
      await expect(collect(call)).rejects.toMatchObject({ code: "ERR_INVALID_ARG" });
    });
  });

  describe("ends of a call", () => {
    it("an AbortSignal as an argument aborts there, with its reason", async () => {
      const begun = rt.channel(f64, 1);
      const stop = new AbortController();
      const call = service.call.untilAborted(stop.signal, begun);
      await begun.recv();
      stop.abort(new Error("enough"));
      expect(await call).toBe("enough");
      begun[Symbol.dispose]();
    });

    it("one that has aborted arrives so", async () => {
      const begun = rt.channel(f64, 1);
      expect(await service.call.untilAborted(AbortSignal.abort("early"), begun)).toBe("early");
      begun[Symbol.dispose]();
    });

    it("a context as an argument, too", async () => {
      const begun = rt.channel(f64, 1);
      const work = rt.background.withCancel();
      const call = service.call.untilDone(work.ctx, begun);
      await begun.recv();
      work.cancel();
      expect(await call).toBe(true);
      work[Symbol.dispose]();
      begun[Symbol.dispose]();
    });

    it("with a signal, a context, a timeout: the call ends, the next goes on", async () => {
      const gate = rt.channel(f64, 0);
      const begun = rt.channel(f64, 8);
      const sum = await service.call.add(0);
      const stop = new AbortController();
      const work = rt.background.withCancel();
      const first = service.with({ signal: stop.signal }).call.waitAt(gate.receiver, begun);
      const second = service.with({ ctx: work.ctx }).call.waitAt(gate.receiver, begun);
      const third = service.with({ timeoutMs: 20 }).call.waitAt(gate.receiver, begun);
      const ends = Promise.allSettled([first, second, third]);
      await begun.recv();
      stop.abort("enough");
      work.cancel("over");
      expect(await ends).toMatchObject([
        { reason: { code: "ABORT_ERR", cause: "enough" } },
        { reason: { code: "ABORT_ERR", cause: "over" } },
        { reason: { code: "ERR_TIMEOUT", message: expect.stringContaining("waitAt") } },
      ]);
      await expect(service.with({ signal: stop.signal }).call.add(1)).rejects.toMatchObject({ code: "ABORT_ERR" });
      await expect(service.with({ ctx: work.ctx }).call.add(1)).rejects.toMatchObject({ code: "ABORT_ERR" });
      await expect(service.with({ timeoutMs: 0 }).call.waitAt(gate.receiver, begun)).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
      expect(await service.with({ timeoutMs: Number.POSITIVE_INFINITY }).call.add(0)).toBe(sum); // none of the refused was begun
      gate.close();
      begun[Symbol.dispose]();
      work[Symbol.dispose]();
    });

    it("a signal that is never used leaves nothing behind", async () => {
      const stop = new AbortController();
      const before = rt.heapUse();
      for (let i = 0; i < 50; i++) await service.with({ signal: stop.signal }).call.add(1);
      await until(() => rt.heapUse().blocks <= before.blocks + 2, "what the calls used is free again");
    });
  });

  describe("stop", () => {
    it("lets what was begun end, refuses what comes, and is for good", async () => {
      const one = another();
      const gate = rt.channel(f64, 0);
      const begun = rt.channel(f64, 1);
      const last = one.call.waitAt(gate.receiver, begun);
      await begun.recv();
      const stopped = one.stop();
      const late = expect(one.call.add(1)).rejects.toMatchObject({ code: "ERR_SERVICE_DOWN" });
      await gate.send(3);
      expect(await last).toBe(3);
      await stopped;
      await late;
      expect(one.state).toBe("down");
      await expect(one.call.add(1)).rejects.toMatchObject({ code: "ERR_SERVICE_DOWN" });
      await expect(one.ready()).rejects.toMatchObject({ code: "ERR_SERVICE_DOWN" });
      await one.stop();
      expect(one.threadId).toBeUndefined();
      gate.close();
      begun[Symbol.dispose]();
    });

    it("kills what does not end in its time", async () => {
      const slow = rt.supervise().service<Jobs>(url, { shutdownMs: 20 });
      const gate = rt.channel(f64, 0);
      const begun = rt.channel(f64, 1);
      const last = slow.call.waitAt(gate.receiver, begun);
      await begun.recv();
      const stopped = slow.stop();
      await expect(last).rejects.toMatchObject({ code: "ERR_THREAD_DIED" });
      await stopped;
      gate.close();
      begun[Symbol.dispose]();
    });

    it("rt.close() stops services, and calls that wait are told", async () => {
      const own = await Runtime.start({ threads });
      const one = own.supervise().service<Jobs>(url);
      await one.ready();
      expect(await leftovers(own)).toEqual(NOTHING);
      await expect(one.call.add(1)).rejects.toMatchObject({ code: "ERR_SERVICE_DOWN" });
      expect(() => own.supervise()).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    });

    it("rt.close() in the middle of a start settles everything", async () => {
      const own = await Runtime.start({ threads });
      const one = own.supervise().service<Jobs>(url);
      const settled = Promise.allSettled([one.ready(), one.call.add(1), one.call.later("x")]);
      expect(await leftovers(own)).toEqual(NOTHING);
      for (const end of await settled) {
        if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "ERR_SERVICE_DOWN" });
      }
    });
  });

  it("names: the file's, numbered, or given and unique", async () => {
    const tree = rt.supervise();
    expect([tree.service(url).id, tree.service(url).id, tree.service(url, { id: "own" }).id]).toEqual([
      "service-jobs",
      "service-jobs-2",
      "own",
    ]);
    expect(() => tree.service(url, { id: "own" })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    await tree.stop();
  });

  it.each([
    { id: "" },
    { idempotent: "add" },
    { attempts: 0 },
    { maxWaiting: -1 },
    { hangMs: 1 },
    { hangMs: Number.NaN },
    { fallback: "none" },
    { restart: "often" },
    { shutdownMs: -1 },
    null,
  ])("faulty options are refused: %j", async (faulty) => {
    const made = () => rt.supervise().service<Jobs>(url, faulty as never);
    expect(made).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => service.with({ timeoutMs: -1 })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => rt.supervise().service("nowhere")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG" }));
    expect(() => rt.supervise().service(new URL("./none.js", import.meta.url))).toThrow(expect.objectContaining({ code: "ERR_NO_MODULE" }));
  });
});

async function* from<T>(values: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* values;
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function untilAsync(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 10_000; tries++) if (await isSo()) return;
  throw new Error(`watchdog: ${what} did not come about`);
}
