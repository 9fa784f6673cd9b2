/**
 * Memory: S16 of TARGETS.
 */
import { heapAfterChannels, heapAfterValues } from "../contenders/heddle-heap.ts";
import { expectedOf } from "../contenders/numbers.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

const VALUES = "shared heap, bytes more in use or newly touched after 10 M values";
const CHANNELS = "shared heap, bytes more in use or newly touched after 1 M channels made and dropped";

function scenarios({ quick }: Effort): Scenario[] {
  const values = 10_000_000;
  const channels = 1_000_000;
  const mostRounds = quick ? 1 : 3;
  return [
    {
      id: "S16",
      title: VALUES,
      unit: "bytes",
      expected: expectedOf(1, values),
      contenders: [heapAfterValues(values, 1_024)],
      warmUps: quick ? 0 : 1,
      mostRounds,
    },
    {
      id: "S16",
      title: CHANNELS,
      unit: "bytes",
      expected: { channels, lostValues: 0 },
      contenders: [heapAfterChannels(channels)],
      warmUps: 0,
      mostRounds,
    },
  ];
}

export const memory: Suite = {
  name: "memory",
  scenarios,
  targets: [
    {
      id: "S16",
      target: "after 10 M values: back where it began (ratio: bytes)",
      of: { scenario: VALUES, contender: "heddle" },
      to: 1,
      atMost: 0,
    },
    {
      id: "S16",
      target: "after 1 M channels: back where it began (ratio: bytes)",
      of: { scenario: CHANNELS, contender: "heddle" },
      to: 1,
      atMost: 0,
    },
  ],
  later: {},
};
