/**
 * Heddle's channels of numbers as contenders: blocking and bulk doors on dedicated threads, awaited doors in light tasks, `for await` on the main
 * thread, ping-pong.
 */
import { type Channel, f64 } from "../../src/index.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { nowNs } from "./clock.ts";
import { Ledger, together } from "./numbers.ts";
import { type Crowd, figures, heddleOneWay, type Line, Stage } from "./stage.ts";
import { markOf, nameOf } from "./witness.ts";

type Tasks = typeof import("../suites/channels-tasks.ts");
const TASKS = "channels-tasks";

export interface Shape extends Crowd {
  readonly capacity: number;
}

export type Ends = "one-to-one" | "many-to-many";
const DECLARED: Readonly<Record<Ends, string>> = { "one-to-one": ", one-to-one", "many-to-many": ", not declared" };

/** Only a channel that is declared one-to-one refuses a second sender. Nobody else sends or receives now. */
function proveEnds(values: Channel<number>, ends: Ends): void {
  let found: Ends = "many-to-many";
  try {
    if (values.trySend(0)) values.tryRecv();
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SECOND_SENDER") throw error;
    found = "one-to-one";
  }
  if (found !== ends) throw new Error(`expected a channel that is ${ends}, it was ${found}`);
}

/** sendSync and recvSync, each end on a dedicated thread of its own. */
export function heddleDedicated(name: string, shape: Shape, ends: Ends): Contender {
  const start = (stage: Stage, sending: readonly Line[], receiving: readonly Line[]) => {
    const tasks = stage.tasks<Tasks>(TASKS);
    const own = stage.rt.with({ dedicated: true });
    const values = stage.rt.channel(f64, shape.capacity, { ends });
    for (const [id, { orders, report }] of sending.entries())
      stage.keep(own.go(tasks.sendRounds, orders.receiver, values.sender, id, report.sender));
    for (const { orders, report } of receiving)
      stage.keep(own.go(tasks.receiveRounds, orders.receiver, values.receiver, shape.senders, report.sender));
    return () => proveEnds(values, ends);
  };
  return heddleOneWay(name, shape, start, 1, DECLARED[ends]);
}

/** sendManySync and recvManySync of `batch` values, each end on a dedicated thread of its own. */
export function heddleBulk(name: string, shape: Shape, batch: number, ends: Ends): Contender {
  const start = (stage: Stage, [sending]: readonly Line[], [receiving]: readonly Line[]) => {
    const tasks = stage.tasks<Tasks>(TASKS);
    const own = stage.rt.with({ dedicated: true });
    const values = stage.rt.channel(f64, shape.capacity, { ends });
    stage.keep(
      own.go(tasks.sendManyRounds, sending!.orders.receiver, values.sender, batch, sending!.report.sender),
      own.go(tasks.receiveManyRounds, receiving!.orders.receiver, values.receiver, batch, receiving!.report.sender),
    );
    return () => proveEnds(values, ends);
  };
  return heddleOneWay(name, shape, start, 1, DECLARED[ends]);
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
      const tasks = stage.tasks<Tasks>(TASKS);
      const values = stage.rt.channel(f64, capacity);
      const receiving = Array.from({ length: receivers }, () =>
        stage.rt.go(tasks.receiveLight, values.receiver, senders, total / receivers),
      );
      const sending = Array.from({ length: senders }, (_, id) => stage.rt.go(tasks.sendLight, values.sender, id, total / senders));
      const done = await Promise.all([...receiving, ...sending]);
      values.close();
      const begun = Math.min(...done.map((one) => one.begun));
      const ended = Math.max(...done.map((one) => one.ended));
      const by = [...new Set(done.map(({ mark }) => nameOf(mark)))].join(" and ");
      return { value: (ended - begun) / total, seen: together(done), by };
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
      const { sendRounds } = stage.tasks<Tasks>(TASKS);
      stage.keep(stage.rt.with({ dedicated: true }).go(sendRounds, orders.receiver, values.sender, 0, report.sender));
    },
    async run(): Promise<Sample> {
      const ledger = new Ledger(1);
      await stage.lines[0]!.orders.send(total);
      for await (const value of values) {
        ledger.add(value);
        if (ledger.count === total) break;
      }
      const ended = nowNs();
      const [begun] = await figures(stage.lines[0]!, 1);
      return { value: (ended - begun!) / total, seen: together([ledger]), by: nameOf(markOf(values)) };
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
      const tasks = stage.tasks<Tasks>(TASKS);
      stage.keep(
        own.go(tasks.echoRounds, there.receiver, back.sender),
        own.go(tasks.tripRounds, orders.receiver, there.sender, back.receiver, restMs, report.sender),
      );
    },
    async run(): Promise<Sample> {
      await stage.lines[0]!.orders.send(trips);
      const [ns, count, sum, mark] = await figures(stage.lines[0]!, 4);
      return { value: ns! / 1_000, seen: { count: count!, sum: sum!, disorder: 0 }, by: nameOf(mark) };
    },
    close() {
      there.close();
      return stage.close();
    },
  };
}
