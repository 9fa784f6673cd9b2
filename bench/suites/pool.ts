/**
 * Pool: S9 of TARGETS, beside the libraries people use, each as its own documentation shows.
 */
import { callsExpected, echoOneByOne, echoPipelined } from "../contenders/calls.ts";
import { heddleInline } from "../contenders/heddle-inline.ts";
import { calling, type Drive } from "../contenders/library.ts";
import { PEERS } from "../contenders/peers.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

const PIPELINED = "calls of a pool of 2 threads, pipelined";
const ONE_BY_ONE = "calls of a pool of 2 threads, awaited one by one, hot";

function scenarios({ quick }: Effort): Scenario[] {
  const calls = quick ? 2_000 : 20_000;
  const turns = quick ? 300 : 3_000;
  const contenders = (drive: Drive) => [...PEERS.map((library) => calling(library, 2, drive)), calling(heddleInline, 0, drive)];
  return [
    {
      id: "S9",
      title: PIPELINED,
      unit: "calls/s",
      expected: callsExpected(calls),
      contenders: contenders(echoPipelined(calls)),
      warmUps: 5,
    },
    {
      id: "S9",
      title: ONE_BY_ONE,
      unit: "µs/call",
      expected: callsExpected(turns),
      contenders: contenders(echoOneByOne(turns)),
      warmUps: 3,
    },
  ];
}

const of = (scenario: string) => ({ scenario, contender: "heddle" });
const to = (scenario: string) => ({ scenario, contender: "piscina" });

export const pool: Suite = {
  name: "pool",
  scenarios,
  targets: [
    { id: "S9", target: "pipelined: ≥ 10 × piscina's rate", of: of(PIPELINED), to: to(PIPELINED), atLeast: 10 },
    { id: "S9", target: "awaited one by one, hot: ≤ 0.7 × piscina's latency", of: of(ONE_BY_ONE), to: to(ONE_BY_ONE), atMost: 0.7 },
  ],
  later: {},
};
