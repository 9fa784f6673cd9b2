/**
 * Heddle's mutex as a contender: locked and unlocked again and again by the one thread that knows it.
 */
import type { Contender } from "../harness/scenario.ts";
import { loopOn } from "./loops.ts";

type Tasks = typeof import("../suites/sync-tasks.ts");

export function heddleMutex(turns: number): Contender {
  return loopOn("heddle", "heddle", turns, (stage, { orders, report }) =>
    stage.rt
      .with({ dedicated: true })
      .go(stage.tasks<Tasks>("sync-tasks").mutexTurns, orders.receiver, stage.rt.sync.mutex(), report.sender),
  );
}
