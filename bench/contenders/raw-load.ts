/**
 * A bare shared word as a contender: what one Atomics.load adds to each turn of the same loop.
 */
import type { Contender } from "../harness/scenario.ts";
import { loopOn } from "./loops.ts";

type Tasks = typeof import("../suites/sync-tasks.ts");

export function rawLoad(turns: number): Contender {
  return loopOn("one Atomics.load", "raw", turns, (stage, { orders, report }) =>
    stage.rt.with({ dedicated: true }).go(stage.tasks<Tasks>("sync-tasks").loadTurns, orders.receiver, report.sender),
  );
}
