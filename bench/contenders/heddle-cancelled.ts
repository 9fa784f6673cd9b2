/**
 * A context's flag as a contender: what looking at it adds to each turn of a loop.
 */
import type { Contender } from "../harness/scenario.ts";
import { loopOn } from "./loops.ts";

type Tasks = typeof import("../suites/sync-tasks.ts");

export function heddleCancelled(turns: number): Contender {
  return loopOn("heddle", "heddle", turns, (stage, { orders, report }) => {
    const { ctx } = stage.rt.background.withCancel();
    return stage.rt.with({ dedicated: true }).go(stage.tasks<Tasks>("sync-tasks").cancelledTurns, orders.receiver, ctx, report.sender);
  });
}
