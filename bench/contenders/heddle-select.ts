/**
 * Heddle's select as a contender: over channels of which one is ready, beside a plain receive from a ready channel, all on one dedicated thread.
 */
import { f64 } from "../../src/index.ts";
import type { Contender, Sample } from "../harness/scenario.ts";
import { figures, Stage } from "./stage.ts";
import { nameOf } from "./witness.ts";

type Tasks = typeof import("../suites/select-tasks.ts");

/** Values a channel is given before as many selects are timed. */
const CAPACITY = 1_024;

/** The three doors: never waits, blocks the thread, is awaited. */
export type Door = "try" | "sync" | "async";

/** What a plain receive is called. */
export const PLAIN: Readonly<Record<Door, string>> = { try: "plain tryRecv", sync: "plain recvSync", async: "plain await recv" };

/** With `cases` 0 a plain receive. */
export function heddleSelect(name: string, door: Door, cases: number, total: number): Contender {
  let stage: Stage;
  return {
    name,
    family: "heddle",
    async open() {
      stage = await Stage.open(1);
      const { selectRounds } = stage.tasks<Tasks>("select-tasks");
      const { orders, report } = stage.line();
      const channels = Array.from({ length: Math.max(cases, 1) }, () => stage.rt.channel(f64, CAPACITY));
      stage.keep(stage.rt.with({ dedicated: true }).go(selectRounds, orders.receiver, channels, door, cases > 0, report.sender));
    },
    async run(): Promise<Sample> {
      const [line] = stage.lines;
      await line!.orders.send(total);
      const [ns, count, sum, disorder, mark, over] = await figures(line!, 6);
      const who = nameOf(mark);
      const by = who !== "heddle" ? who : over === 0 ? PLAIN[door] : `over ${over}`;
      return { value: ns! / total, seen: { count: count!, sum: sum!, disorder: disorder! }, by };
    },
    close: () => stage.close(),
  };
}
