/**
 * Heddle's shared heap as a contender against nobody: the bytes still in use, or newly touched, after much has come and gone.
 */
import { type Channel, CLOSED, f64, Runtime, type Task } from "../../src/index.ts";
import type { Contender } from "../harness/scenario.ts";
import { churn } from "../stress/churn.ts";
import { markOfClass, nameOf } from "./witness.ts";

type Tasks = typeof import("../suites/channels-tasks.ts");

/** Values through one channel, from a dedicated thread to another. */
export function heapAfterValues(total: number, capacity: number): Contender {
  let rt: Runtime;
  let lines: { orders: Channel<number>; report: Channel<number> }[];
  let running: Task<void>[];
  return {
    name: "heddle",
    family: "heddle",
    async open() {
      rt = await Runtime.start({ threads: 1 });
      const tasks = rt.module<Tasks>(new URL("../suites/channels-tasks.js", import.meta.url));
      const own = rt.with({ dedicated: true });
      const values = rt.channel(f64, capacity);
      lines = [0, 1].map(() => ({ orders: rt.channel(f64, 1), report: rt.channel(f64, 8) }));
      const [sending, receiving] = lines as [(typeof lines)[0], (typeof lines)[0]];
      running = [
        own.go(tasks.sendRounds, sending.orders.receiver, values.sender, 0, sending.report.sender),
        own.go(tasks.receiveRounds, receiving.orders.receiver, values.receiver, 1, receiving.report.sender),
      ];
    },
    async run() {
      const before = rt.heapUse();
      for (const { orders } of lines) await orders.send(total);
      const figures: number[] = [];
      await lines[0]!.report.recv();
      while (figures.length < 5) {
        const figure = await lines[1]!.report.recv();
        if (figure !== CLOSED) figures.push(figure);
      }
      const after = rt.heapUse();
      const [, count, sum, disorder, mark] = figures;
      return { value: left(before, after), seen: { count: count!, sum: sum!, disorder: disorder! }, by: nameOf(mark) };
    },
    async close() {
      for (const { orders } of lines) orders.close();
      await Promise.all(running);
      await rt.close();
    },
  };
}

/** Channels of capacities 0 to 64 made, used, closed and dropped. */
export function heapAfterChannels(total: number): Contender {
  return {
    name: "heddle",
    family: "heddle",
    async open() {},
    async run() {
      const { channels, kind, before, after, faults } = await churn(total);
      return {
        value: left(before, after),
        seen: { channels, lostValues: faults.filter((fault) => fault.startsWith("channel")).length },
        by: nameOf(markOfClass(kind)),
      };
    },
    async close() {},
  };
}

interface Bytes {
  readonly usedBytes: number;
  readonly touchedBytes: number;
}

/** Bytes more in use, and bytes of fresh memory touched. */
function left(before: Bytes, after: Bytes): number {
  return after.usedBytes - before.usedBytes + (after.touchedBytes - before.touchedBytes);
}
