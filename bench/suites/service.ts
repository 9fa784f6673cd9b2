/**
 * Service: S14 of TARGETS. An HTTP server makes pictures smaller for 8 connections; how long its event loop keeps others waiting, and what its clients see.
 */
import { type Figure, services } from "../contenders/service.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

const LOOP = "a service under CPU load: event-loop delay, p99";
const ROWS: readonly [id: string, title: string, unit: string, figure: Figure][] = [
  ["S14", LOOP, "ms", "loopP99Ms"],
  ["service", "a service under CPU load: requests answered", "requests/s", "requestsPerSecond"],
  ["service", "a service under CPU load: latency, p50", "ms", "p50Ms"],
  ["service", "a service under CPU load: latency, p99", "ms", "p99Ms"],
];

function scenarios({ quick }: Effort): Scenario[] {
  const amount = quick ? 16 : 48;
  return ROWS.map(([id, title, unit, figure]) => ({
    id,
    title,
    unit,
    expected: { right: amount, wrong: 0 },
    contenders: services(figure, amount),
    warmUps: 1,
  }));
}

const of = { scenario: LOOP, contender: "heddle, 2 threads" };

export const service: Suite = {
  name: "service",
  scenarios,
  targets: [
    { id: "S14", target: "event-loop delay p99: ≤ 20 ms (ratio: of 20 ms)", of, to: 20, atMost: 1 },
    { id: "S14", target: "≤ 1/10 of threads: 0's", of, to: { scenario: LOOP, contender: "heddle, threads: 0" }, atMost: 0.1 },
    { id: "S14", target: "≤ 1/10 of that with the work in the handler", of, to: { scenario: LOOP, contender: "plain" }, atMost: 0.1 },
  ],
  later: {},
};
