// The cases of the model, in families. Values name themselves: each send case has its own number between 1 and 15.

import { SENDING } from "../src/runtime/memory/layout.ts";
import { ALONE_CASES } from "./cases-alone.ts";
import { blockChannels } from "./cases-blocks.ts";
import { BUCKET_CASES } from "./cases-buckets.ts";
import { bulks } from "./cases-bulk.ts";
import { cellChannels } from "./cases-cells.ts";
import { bothWays, closes, queues, timers } from "./cases-channels.ts";
import { HEAP_CASES } from "./cases-heap.ts";
import { LEASE_CASES, LEASE_CROWDS } from "./cases-lease.ts";
import { NARROW_CASES } from "./cases-narrow.ts";
import { heirs, selects } from "./cases-selects.ts";
import { SYNC_CASES } from "./cases-sync.ts";
import { TASK_CASES } from "./cases-tasks.ts";
import { claim, close, free, make, plan, recv, send } from "./notation.ts";
import type { ModelCase } from "./program.ts";

const CLAIM_CASES: ModelCase[] = [
  {
    name: "one-to-one claims",
    channels: [1],
    threads: [
      plan(claim(0, SENDING, 1), claim(0, SENDING, 1)),
      plan(claim(0, SENDING, 1), claim(0, 1, 2)),
      plan(claim(0, 1, 1), claim(0, 1, 2), claim(0, SENDING, 3)),
    ],
  },
  {
    name: "claims beside values",
    channels: [1],
    threads: [plan(claim(0, SENDING, 1)), plan(claim(0, 1, 2)), plan(send(0, 1), recv(0))],
  },
  {
    name: "a claim outlives its channel",
    channels: [1],
    threads: [plan(claim(0, SENDING, 1), close(0), free(0)), plan(claim(0, SENDING, 1), make(1, 1), claim(1, SENDING, 1))],
  },
];

/** Two producers, two consumers: too many for the fine grain, run with calls atomic. */
function crowds(capacity: number, values: 2 | 3): ModelCase {
  const [a, b] =
    values === 2
      ? [
          [1, 2],
          [3, 4],
        ]
      : [
          [1, 2, 3],
          [4, 5, 6],
        ];
  const take = Array.from({ length: values }, () => recv(0));
  return {
    name: `2×2×${values}, capacity ${capacity}`,
    channels: [capacity],
    threads: [plan(...a!.map((v) => send(0, v))), plan(...b!.map((v) => send(0, v))), plan(...take), plan(...take)],
  };
}

const small = [0, 1, 2];
export const CASES: ModelCase[] = [
  ...ALONE_CASES,
  ...small.flatMap((capacity) => [
    ...queues(capacity),
    ...bothWays(capacity),
    ...timers(capacity),
    ...closes(capacity),
    ...selects(capacity),
    ...heirs(capacity),
    ...blockChannels(capacity),
    ...cellChannels(capacity),
  ]),
  ...[1, 2, 3].flatMap(bulks),
  ...queues(3),
  ...CLAIM_CASES,
  ...HEAP_CASES,
  ...TASK_CASES,
  ...SYNC_CASES,
  ...BUCKET_CASES,
  ...LEASE_CASES,
  ...NARROW_CASES,
];
export const CROWDS: ModelCase[] = [0, 1, 2, 3].flatMap((capacity) => [crowds(capacity, 2), crowds(capacity, 3)]).concat(LEASE_CROWDS);
