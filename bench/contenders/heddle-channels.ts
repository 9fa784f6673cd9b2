/**
 * Heddle's channels as contenders: blocking doors on dedicated threads, awaited doors in light tasks, `for await` on the main thread, ping-pong.
 */
import { type Channel, CLOSED, f64, Runtime } from "../../src/index.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { nowNs } from "./clock.ts";
import { Ledger, together } from "./numbers.ts";

type Tasks = typeof import("../suites/channels-tasks.ts");

/** A runtime, its tasks, and what it takes to give them orders. */
class Stage {
  readonly rt: Runtime;
  readonly orders: Channel<number>[] = [];
  readonly reports: Channel<number>[] = [];
  readonly #running: PromiseLike<unknown>[] = [];

  private constructor(rt: Runtime) {
    this.rt = rt;
  }

  static async open(threads: number): Promise<Stage> {
    return new Stage(await Runtime.start({ threads }));
  }

  get tasks() {
    return this.rt.module<Tasks>(new URL("../suites/channels-tasks.js", import.meta.url));
  }

  /** A pair of channels for one more dedicated task. */
  line(): { orders: Channel<number>; report: Channel<number> } {
    const orders = this.rt.channel(f64, 1);
    const report = this.rt.channel(f64, 8);
    this.orders.push(orders);
    this.reports.push(report);
    return { orders, report };
  }

  keep(tasks: readonly PromiseLike<unknown>[]): void {
    this.#running.push(...tasks);
  }

  async close(): Promise<void> {
    for (const orders of this.orders) orders.close();
    await Promise.all(this.#running);
    for (const report of this.reports) report.close();
    await this.rt.close();
  }
}

async function figures(report: Channel<number>, count: number): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) {
    const value = await report.recv();
    if (value === CLOSED) throw new Error("expected a report, and its task is gone");
    all.push(value);
  }
  return all;
}

export interface Shape {
  readonly capacity: number;
  readonly senders: number;
  readonly receivers: number;
  readonly total: number;
}

/** sendSync and recvSync, each end on a dedicated thread of its own. */
export function heddleDedicated(name: string, shape: Shape, ends: "one-to-one" | "many-to-many"): Contender {
  let stage: Stage;
  return {
    name,
    family: "heddle",
    async open() {
      stage = await Stage.open(1);
      const own = stage.rt.with({ dedicated: true });
      const values = stage.rt.channel(f64, shape.capacity, { ends });
      for (let id = 0; id < shape.senders; id++) {
        const { orders, report } = stage.line();
        stage.keep([own.go(stage.tasks.sendRounds, orders.receiver, values.sender, id, report.sender)]);
      }
      for (let id = 0; id < shape.receivers; id++) {
        const { orders, report } = stage.line();
        stage.keep([own.go(stage.tasks.receiveRounds, orders.receiver, values.receiver, shape.senders, report.sender)]);
      }
    },
    async run(): Promise<Sample> {
      const { senders, receivers, total } = shape;
      for (const [i, orders] of stage.orders.entries()) await orders.send(i < senders ? total / senders : total / receivers);
      const reports = await Promise.all(stage.reports.map((report, i) => figures(report, i < senders ? 1 : 4)));
      const begun = Math.min(...reports.slice(0, senders).map(([at]) => at!));
      const received = reports.slice(senders);
      const ended = Math.max(...received.map(([at]) => at!));
      const seen = together(received.map(([, count, sum, disorder]) => ({ count: count!, sum: sum!, disorder: disorder! })));
      return { value: (ended - begun) / total, seen };
    },
    close: () => stage.close(),
  };
}

/** `await send` and `await recv` in light tasks on two threads, started anew each round. */
export function heddleLight(shape: Shape): Contender {
  let stage: Stage;
  return {
    name: "heddle",
    family: "heddle",
    async open() {
      stage = await Stage.open(2);
    },
    async run(): Promise<Sample> {
      const { capacity, senders, receivers, total } = shape;
      const values = stage.rt.channel(f64, capacity);
      const receiving = Array.from({ length: receivers }, () =>
        stage.rt.go(stage.tasks.receiveLight, values.receiver, senders, total / receivers),
      );
      const sending = Array.from({ length: senders }, (_, id) => stage.rt.go(stage.tasks.sendLight, values.sender, id, total / senders));
      const done = await Promise.all([...receiving, ...sending]);
      values.close();
      const begun = Math.min(...done.map((one) => one.begun));
      const ended = Math.max(...done.map((one) => one.ended));
      return { value: (ended - begun) / total, seen: together(done) };
    },
    close: () => stage.close(),
  };
}

/** `for await` on the main thread, fed by sendSync on a dedicated thread. */
export function heddleForAwait(capacity: number, total: number): Contender {
  let stage: Stage;
  let values: Channel<number>;
  return {
    name: "heddle",
    family: "heddle",
    async open() {
      stage = await Stage.open(1);
      values = stage.rt.channel(f64, capacity);
      const { orders, report } = stage.line();
      stage.keep([stage.rt.with({ dedicated: true }).go(stage.tasks.sendRounds, orders.receiver, values.sender, 0, report.sender)]);
    },
    async run(): Promise<Sample> {
      const ledger = new Ledger(1);
      await stage.orders[0]!.send(total);
      for await (const value of values) {
        ledger.add(value);
        if (ledger.count === total) break;
      }
      const ended = nowNs();
      const [begun] = await figures(stage.reports[0]!, 1);
      return { value: (ended - begun!) / total, seen: together([ledger]) };
    },
    close: () => stage.close(),
  };
}

/** There and back through two channels between two dedicated threads; microseconds a trip. */
export function heddlePingPong(trips: number, restMs: number): Contender {
  let stage: Stage;
  let there: Channel<number>;
  return {
    name: "heddle",
    family: "heddle",
    async open() {
      stage = await Stage.open(1);
      there = stage.rt.channel(f64, 0);
      const back = stage.rt.channel(f64, 0);
      const { orders, report } = stage.line();
      const own = stage.rt.with({ dedicated: true });
      stage.keep([
        own.go(stage.tasks.echoRounds, there.receiver, back.sender),
        own.go(stage.tasks.tripRounds, orders.receiver, there.sender, back.receiver, restMs, report.sender),
      ]);
    },
    async run(): Promise<Sample> {
      await stage.orders[0]!.send(trips);
      const [ns, count, sum] = await figures(stage.reports[0]!, 3);
      return { value: ns! / 1_000, seen: { count: count!, sum: sum!, disorder: 0 } };
    },
    close() {
      there.close();
      return stage.close();
    },
  };
}
