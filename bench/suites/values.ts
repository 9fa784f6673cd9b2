/**
 * Channels of values other than numbers: S5, S6 and S7 of TARGETS.
 */
import { heddleReserve, heddleValues, type Load } from "../contenders/heddle-values.ts";
import { messagePortBetweenWorkers } from "../contenders/message-port.ts";
import { expectedOf } from "../contenders/numbers.ts";
import { rawSet } from "../contenders/raw-set.ts";
import type { Effort, Scenario, Target } from "../harness/scenario.ts";

const CAPACITY = 1_024;
/** 4 MiB of values: more than the private cache of a core, so what is received comes from the shared cache and not out of the sender's own. */
const BYTES_CAPACITY = 64;
const NS_PER_US = 1_000;
const S5 = "struct of 4 numbers, capacity 1024, one to one on two threads, sendSync/recvSync";
const S6 = "any object of 5 fields, default codec, capacity 1024, one to one on two threads, sendSync/recvSync";
const S7 = "bytes, 64 KiB values, capacity 64, one to one on two threads, sendSync/recvSync";
const COPYING = "heddle, copying";
const RESERVED = "heddle, reserve/commit and recvInto";
const ONE_SET = "one set between shared buffers";

export function scenarios({ quick }: Effort): Scenario[] {
  const objects = quick ? 10_000 : 200_000;
  const blobs = quick ? 100 : 2_000;
  const load = (capacity: number, total: number, ends: Load["ends"]): Load => ({ capacity, total, ends });
  const bytesLoad = load(BYTES_CAPACITY, blobs, "many-to-many");
  return [
    {
      id: "S5",
      title: S5,
      unit: "ns/item",
      expected: expectedOf(1, objects),
      contenders: [heddleValues("heddle", "point", load(CAPACITY, objects, "one-to-one")), messagePortBetweenWorkers("point", objects)],
      warmUps: quick ? 3 : 8,
    },
    {
      id: "S6",
      title: S6,
      unit: "ns/item",
      expected: expectedOf(1, objects),
      contenders: [heddleValues("heddle", "order", load(CAPACITY, objects, "many-to-many")), messagePortBetweenWorkers("order", objects)],
      warmUps: quick ? 3 : 8,
    },
    {
      id: "S7",
      title: S7,
      unit: "µs/value",
      expected: expectedOf(1, blobs),
      contenders: [
        heddleValues(COPYING, "bytes", bytesLoad, NS_PER_US),
        heddleReserve(RESERVED, "bytes", bytesLoad, NS_PER_US),
        messagePortBetweenWorkers("bytes", blobs, "message-port, copying", NS_PER_US),
        messagePortBetweenWorkers("bytesGivenAway", blobs, "message-port, transferring", NS_PER_US),
        rawSet(ONE_SET, blobs, NS_PER_US),
      ],
      warmUps: quick ? 3 : 8,
    },
  ];
}

const of = (scenario: string, contender: string) => ({ scenario, contender });

export const targets: Target[] = [
  { id: "S5", target: "≤ 100 ns per item (ratio: of 100)", of: of(S5, "heddle"), to: 100, atMost: 1 },
  { id: "S5", target: "≥ 10 × faster than MessagePort", of: of(S5, "message-port"), to: of(S5, "heddle"), atLeast: 10 },
  { id: "S6", target: "≥ 2 × faster than MessagePort", of: of(S6, "message-port"), to: of(S6, "heddle"), atLeast: 2 },
  { id: "S7", target: "reserve/commit: ≥ 70 % of the rate of one set", of: of(S7, ONE_SET), to: of(S7, RESERVED), atLeast: 0.7 },
];
