/**
 * Patterns: what hedging, shedding, limiting, healing and heartbeats bring and cost. The rows have no target of TARGETS but those that the patterns promise.
 */
import { adds, beats } from "../contenders/beats.ts";
import { bareHealed, gapsExpected, healed } from "../contenders/crashing.ts";
import { answersExpected, HEDGES, type Hedge, type HedgeFigure, hedged } from "../contenders/hedged.ts";
import { limited, TAKEN_EXPECTED, THREADS } from "../contenders/limited.ts";
import { turnsExpected } from "../contenders/loops.ts";
import { jobsExpected, type Overload, type OverloadFigure, overloaded, SHED } from "../contenders/overloaded.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

const REQUESTS: Readonly<Record<HedgeFigure, string>> = {
  p50: "requests to replicas, one in twenty slow: half are answered within",
  p99: "requests to replicas, one in twenty slow: 99 of 100 are answered within",
  extra: "requests to replicas, one in twenty slow: second replicas asked",
};
const OVERLOAD: Readonly<Record<OverloadFigure, string>> = {
  p99: `twice as many jobs as can be done, shed above ${SHED.targetMs} ms, or 16 places: 99 of 100 served jobs waited at most`,
  lost: `twice as many jobs as can be done, shed above ${SHED.targetMs} ms, or 16 places: not served`,
};
const RATE = `one bucket for ${THREADS} threads: how far off its rate`;
const HEALING = "from a crash to the next output";
const BEAT = "a beat";
const TELLING = "a beat that tells its progress";
const HEDGE_NAMES = Object.keys(HEDGES) as Hedge[];
const OVERLOADS: readonly Overload[] = ["all wait", "shed", "rejected"];

function scenarios({ quick }: Effort): Scenario[] {
  const requests = quick ? 40 : 200;
  const jobs = quick ? 500 : 1_000;
  const gaps = quick ? 3 : 10;
  const turns = quick ? 50_000 : 2_000_000;
  const row = { id: "patterns", warmUps: 1, mostRounds: quick ? 1 : 5 };
  const loop = { id: "patterns", warmUps: quick ? 2 : 5 };
  const asked = (figure: HedgeFigure): Scenario => ({
    ...row,
    title: REQUESTS[figure],
    unit: figure === "extra" ? "% of requests" : "ms",
    expected: async () => answersExpected(requests),
    contenders: HEDGE_NAMES.map((hedge) => hedged(hedge, figure, requests)),
  });
  const flooded = (figure: OverloadFigure): Scenario => ({
    ...row,
    title: OVERLOAD[figure],
    unit: figure === "p99" ? "ms" : "% of jobs",
    expected: jobsExpected(jobs),
    contenders: OVERLOADS.map((overload) => overloaded(overload, figure, jobs)),
  });
  return [
    asked("p50"),
    asked("p99"),
    asked("extra"),
    flooded("p99"),
    flooded("lost"),
    {
      ...row,
      title: RATE,
      unit: "% off",
      expected: TAKEN_EXPECTED,
      contenders: (["asking", "waiting"] as const).map((manner) => limited(manner, quick ? 200 : 1_000)),
    },
    {
      ...row,
      title: HEALING,
      unit: "ms",
      expected: gapsExpected(gaps),
      contenders: [healed("throw", gaps), healed("death", gaps), bareHealed(gaps)],
    },
    { ...loop, title: BEAT, unit: "ns/beat", expected: turnsExpected(turns), contenders: [beats(turns, false), adds(turns)] },
    { ...loop, title: TELLING, unit: "ns/beat", expected: turnsExpected(turns / 10), contenders: [beats(turns / 10, true)] },
  ];
}

const of = (scenario: string, manner: string) => ({ scenario, contender: `heddle, ${manner}` });

export const patterns: Suite = {
  name: "patterns",
  scenarios,
  targets: [
    {
      id: "patterns",
      target: "hedging: 99 of 100 requests within ≤ 0.5 × the time without",
      of: of(REQUESTS.p99, "hedged"),
      to: of(REQUESTS.p99, "asked once"),
      atMost: 0.5,
    },
    {
      id: "patterns",
      target: "hedging: second replicas for ≤ 10 % of the requests (ratio: of 10)",
      of: of(REQUESTS.extra, "hedged"),
      to: 10,
      atMost: 1,
    },
    {
      id: "patterns",
      target: "shedding: 99 of 100 served jobs wait ≤ 0.5 × as long as with a queue that takes all",
      of: of(OVERLOAD.p99, "shed"),
      to: of(OVERLOAD.p99, "all wait"),
      atMost: 0.5,
    },
    { id: "patterns", target: "a rate for 8 threads: < 1 % off, asking", of: of(RATE, "asking"), to: 1, atMost: 1 },
    { id: "patterns", target: "a rate for 8 threads: < 1 % off, waiting", of: of(RATE, "waiting"), to: 1, atMost: 1 },
  ],
  later: {},
};
