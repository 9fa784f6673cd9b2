/**
 * The least a lock can do, as a contender: one compareExchange to take a shared word, one to give it back. It cannot wait, and knows no holder.
 */
import type { Contender } from "../harness/scenario.ts";
import { loopOn } from "./loops.ts";

type Tasks = typeof import("../suites/sync-tasks.ts");

export function rawLock(turns: number): Contender {
  return loopOn("two compareExchanges", "raw", turns, (stage, { orders, report }) =>
    stage.rt.with({ dedicated: true }).go(stage.tasks<Tasks>("sync-tasks").rawLockTurns, orders.receiver, report.sender),
  );
}
