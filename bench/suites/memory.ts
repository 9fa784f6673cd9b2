/**
 * Memory: S16 of TARGETS.
 */
import { heapAfterChannels, heapAfterValues } from "../contenders/heddle-heap.ts";
import { expectedOf } from "../contenders/numbers.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

const VALUES = "shared heap, bytes more in use or newly touched after 10 M values";
const CHANNELS = "shared heap, bytes more in use or newly touched after 1 M channels made and dropped";

function scenarios({ quick }: Effort): Scenario[] {
  const values = quick ? 100_000 : 10_000_000;
  const channels = quick ? 10_000 : 1_000_000;
  return [
    {
      id: "S16",
      title: quick ? `${VALUES} (quick: ${values})` : VALUES,
      unit: "bytes",
      expected: expectedOf(1, values),
      contenders: [heapAfterValues(values, 1_024)],
      warmUps: 1,
      mostRounds: 3,
    },
    {
      id: "S16",
      title: quick ? `${CHANNELS} (quick: ${channels})` : CHANNELS,
      unit: "bytes",
      expected: { channels, lostValues: 0 },
      contenders: [heapAfterChannels(channels)],
      warmUps: 0,
      mostRounds: 3,
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
