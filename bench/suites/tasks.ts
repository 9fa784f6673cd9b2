/**
 * Tasks: S10 (go() beside piscina) and S15 of TARGETS; S9 is the pool suite's.
 */
import { callsExpected, echoOneByOne, echoPipelined } from "../contenders/calls.ts";
import { heddleGo } from "../contenders/heddle-go.ts";
import { calling } from "../contenders/library.ts";
import { piscina } from "../contenders/piscina.ts";
import { probed } from "../contenders/probed.ts";
import { heddleStart, workersStart } from "../contenders/start.ts";
import type { Effort, Scenario, Suite, Target } from "../harness/scenario.ts";

const S10_CALLS = "trivial calls from the main thread to 2 threads, pipelined";
const S10_LATENCY = "trivial calls from the main thread to 2 threads, awaited one by one, hot";
const S10_PARKED = "tasks parked at once on 2 threads, resident memory each";
const S15_START = "2 threads ready";
const S15_MEMORY = "resident memory per idle thread";
const S15_CHANNEL = "open channel of capacity 64, shared and JavaScript heap";

function scenarios({ quick }: Effort): Scenario[] {
  const calls = quick ? 2_000 : 20_000;
  const turns = quick ? 300 : 3_000;
  const parked = 100_000;
  const threads = quick ? 2 : 8;
  const channels = quick ? 1_000 : 10_000;
  return [
    {
      id: "S10",
      title: S10_CALLS,
      unit: "tasks/s",
      expected: callsExpected(calls),
      contenders: [heddleGo, piscina].map((library) => calling(library, 2, echoPipelined(calls))),
      warmUps: 3,
    },
    {
      id: "S10",
      title: S10_LATENCY,
      unit: "µs/call",
      expected: callsExpected(turns),
      contenders: [heddleGo, piscina].map((library) => calling(library, 2, echoOneByOne(turns))),
      warmUps: 3,
    },
    {
      id: "S10",
      title: `${parked.toLocaleString("en-US")} ${S10_PARKED}`,
      unit: "bytes/task",
      expected: { tasks: parked, sum: (parked * (parked - 1)) / 2 },
      contenders: [probed("heddle", "heddle", "parkedTasks", parked)],
      warmUps: 0,
      mostRounds: quick ? 1 : 3,
    },
    {
      id: "S15",
      title: S15_START,
      unit: "ms",
      expected: { threads: 2 },
      contenders: [heddleStart(2), workersStart(2)],
      warmUps: 2,
    },
    {
      id: "S15",
      title: S15_MEMORY,
      unit: "MB/thread",
      expected: { threads },
      contenders: [probed("heddle", "heddle", "threadsOfHeddle", threads), probed("bare Workers", "workers", "bareWorkers", threads)],
      warmUps: 0,
      mostRounds: 7,
    },
    {
      id: "S15",
      title: S15_CHANNEL,
      unit: "bytes/channel",
      expected: { channels },
      contenders: [probed("heddle", "heddle", "openChannels", channels)],
      warmUps: 0,
      mostRounds: 3,
    },
  ];
}

const heddle = (scenario: string) => ({ scenario, contender: "heddle" });
const workers = (scenario: string) => ({ scenario, contender: "bare Workers" });

const targets: Target[] = [
  { id: "S10", target: "go(): ≥ 300,000 trivial tasks a second (ratio: of 300,000)", of: heddle(S10_CALLS), to: 300_000, atLeast: 1 },
  {
    id: "S10",
    target: "100,000 tasks parked with ≤ 4 KB each (ratio: of 4,096)",
    of: heddle(`100,000 ${S10_PARKED}`),
    to: 4_096,
    atMost: 1,
  },
  { id: "S15", target: "runtime of 2 threads ready: ≤ 1.4 × two bare Workers", of: heddle(S15_START), to: workers(S15_START), atMost: 1.4 },
  {
    id: "S15",
    target: "memory per thread: ≤ bare Worker + 4 MB (ratio: of that)",
    of: heddle(S15_MEMORY),
    to: workers(S15_MEMORY),
    plus: 4,
    atMost: 1,
  },
  { id: "S15", target: "open channel of capacity 64: ≤ 1.5 KB (ratio: of 1,536)", of: heddle(S15_CHANNEL), to: 1_536, atMost: 1 },
];

export const tasks: Suite = {
  name: "tasks",
  scenarios,
  targets,
  later: {},
};
