/**
 * Beats: a task that does nothing but beat, on a thread of its own; and the increment that a beat is at least.
 */
import { heartbeat } from "../../src/index.ts";
import type { Contender } from "../harness/scenario.ts";
import { loopOn } from "./loops.ts";
import type { Tasks } from "./patterns-round.ts";

/** `tells`: each beat with a progress. */
export function beats(turns: number, tells: boolean): Contender {
  return loopOn("heddle", "heddle", turns, (stage, { orders, report }) => {
    const { beatTurns } = stage.tasks<Tasks>("patterns-tasks");
    return heartbeat(stage.rt).go(beatTurns, orders.receiver, report.sender, tells).result;
  });
}

export function adds(turns: number): Contender {
  return loopOn("one Atomics.add", "raw", turns, (stage, { orders, report }) =>
    stage.rt.with({ dedicated: true }).go(stage.tasks<Tasks>("patterns-tasks").addTurns, orders.receiver, report.sender),
  );
}
