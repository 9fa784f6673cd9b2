/**
 * Hedged: requests one after another to replicas of which one in twenty is slow: how long they take, and what a second replica costs.
 */
import { replicated } from "../../src/index.ts";
import type { Contender, Seen } from "../harness/scenario.ts";
import { ANSWER_LINKS, chain } from "../suites/patterns-tasks.ts";
import { onRuntime, percentile } from "./patterns-round.ts";

/** Whether, and when, a second replica is asked. */
export const HEDGES = {
  "asked once": Number.POSITIVE_INFINITY,
  hedged: 5,
  "both at once": 0,
} as const;
export type Hedge = keyof typeof HEDGES;

/** Of all requests of a round: milliseconds, or second replicas in percent of the requests. */
export type HedgeFigure = "p50" | "p99" | "extra";

export function answersExpected(requests: number): Seen {
  let sum = 0;
  for (let i = 0; i < requests; i++) sum += chain(i, ANSWER_LINKS);
  return { answers: requests, sum };
}

export function hedged(hedge: Hedge, figure: HedgeFigure, requests: number): Contender {
  return onRuntime(`heddle, ${hedge}`, async ({ rt, tasks, who }) => {
    const service = replicated(rt, tasks.answer, { replicas: 2, hedge: HEDGES[hedge], dedicated: true });
    const latencies: number[] = [];
    let sum = 0;
    for (let i = 0; i < requests; i++) {
      const begun = performance.now();
      const asked = service.request(i);
      sum += await asked.result;
      latencies.push(performance.now() - begun);
      await asked.ended; // the next request finds its threads free
    }
    await service.close();
    const { extra } = service.stats;
    const value = { p50: () => percentile(latencies, 50), p99: () => percentile(latencies, 99), extra: () => (100 * extra) / requests };
    const how: Hedge = extra === 0 ? "asked once" : extra < requests ? "hedged" : "both at once";
    return { value: value[figure](), seen: { answers: latencies.length, sum }, by: `${who}, ${how}` };
  });
}
