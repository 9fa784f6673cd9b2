/**
 * Stage: a runtime with tasks on dedicated threads that wait for orders and report. Heddle's contenders of the channels suite stand on one.
 */
import { type Channel, CLOSED, f64, type ModuleRef, Runtime } from "../../src/index.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { together } from "./numbers.ts";
import { nameOf } from "./witness.ts";

/** What one dedicated task listens to and answers with. */
export interface Line {
  readonly orders: Channel<number>;
  readonly report: Channel<number>;
}

export class Stage {
  readonly rt: Runtime;
  readonly lines: Line[] = [];
  readonly #running: PromiseLike<unknown>[] = [];

  private constructor(rt: Runtime) {
    this.rt = rt;
  }

  static async open(threads: number): Promise<Stage> {
    return new Stage(await Runtime.start({ threads }));
  }

  /** A module of bench/suites, by its name. */
  tasks<M>(name: string): ModuleRef<M> {
    return this.rt.module<M>(new URL(`../suites/${name}.js`, import.meta.url));
  }

  /** A pair of channels for one more dedicated task. */
  line(): Line {
    const line = { orders: this.rt.channel(f64, 1), report: this.rt.channel(f64, 8) };
    this.lines.push(line);
    return line;
  }

  keep(...tasks: PromiseLike<unknown>[]): void {
    this.#running.push(...tasks);
  }

  async close(): Promise<void> {
    for (const { orders } of this.lines) orders.close();
    await Promise.all(this.#running);
    for (const { report } of this.lines) report.close();
    await this.rt.close();
  }
}

export async function figures({ report }: Line, count: number): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) {
    const value = await report.recv();
    if (value === CLOSED) throw new Error("expected a report, and its task is gone");
    all.push(value);
  }
  return all;
}

/** Throws when a contender was not what it is called. */
export type Proof = () => void;

/** How many values go from how many dedicated threads to how many. */
export interface Crowd {
  readonly senders: number;
  readonly receivers: number;
  readonly total: number;
}

export const ONE_TO_ONE = { senders: 1, receivers: 1 };

/**
 * One way from dedicated threads to dedicated threads; time per value. `start` starts the tasks: each sender is ordered to send its share and reports
 * when it began, each receiver to receive its share and reports when it ended, then count, sum, disorder and who. `how` is what else there is to say of
 * them, and what `start` gives back proves it when all rounds are over.
 */
export function heddleOneWay(
  name: string,
  { senders, receivers, total }: Crowd,
  start: (stage: Stage, sending: readonly Line[], receiving: readonly Line[]) => Proof | void,
  unitNs = 1,
  how = "",
): Contender {
  let stage: Stage;
  let sending: Line[];
  let receiving: Line[];
  let proof: Proof | void;
  return {
    name,
    family: "heddle",
    async open() {
      stage = await Stage.open(1);
      sending = Array.from({ length: senders }, () => stage.line());
      receiving = Array.from({ length: receivers }, () => stage.line());
      proof = start(stage, sending, receiving);
    },
    async run(): Promise<Sample> {
      for (const { orders } of sending) await orders.send(total / senders);
      for (const { orders } of receiving) await orders.send(total / receivers);
      const sent = await Promise.all(sending.map((line) => figures(line, 1)));
      const received = await Promise.all(receiving.map((line) => figures(line, 5)));
      const begun = Math.min(...sent.map(([at]) => at!));
      const ended = Math.max(...received.map(([at]) => at!));
      const seen = together(received.map(([, count, sum, disorder]) => ({ count: count!, sum: sum!, disorder: disorder! })));
      const who = [...new Set(received.map(([, , , , mark]) => nameOf(mark)))].join(" and ");
      return { value: (ended - begun) / total / unitNs, seen, by: who + how };
    },
    async close() {
      try {
        proof?.();
      } finally {
        await stage.close();
      }
    },
  };
}
