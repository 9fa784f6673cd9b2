/**
 * Channels of numbers: S1, S2, S3, S4 and S8 of TARGETS.
 */
import { heddleBulk, heddleDedicated, heddleForAwait, heddleLight, heddlePingPong, type Shape } from "../contenders/heddle-channels.ts";
import { messagePortBetweenWorkers, messagePortToMain } from "../contenders/message-port.ts";
import { GO, native, RUST } from "../contenders/native.ts";
import { expectedOf } from "../contenders/numbers.ts";
import { rawPingPong } from "../contenders/raw-ping-pong.ts";
import { rawRing } from "../contenders/raw-ring.ts";
import { ringbuf } from "../contenders/ringbuf.ts";
import type { Effort, Scenario, Target } from "../harness/scenario.ts";

const CAPACITY = 1_024;
const BATCH = 64;
const REST_MS = 12; // a peer that rests as long has parked
const S1 = "f64, capacity 1024, one to one on two threads, sendSync/recvSync";
const S2 = "f64, capacity 1024, one to one on two threads, sendManySync/recvManySync of 64";
const S3_TWO = "f64, capacity 1024, 2 to 2 light tasks on 2 threads, await send/recv";
const S3_EIGHT = "f64, capacity 1024, 8 to 8 light tasks on 2 threads, await send/recv";
const S3_OWN = "f64, capacity 1024, 2 to 2 dedicated tasks, sendSync/recvSync";
const S4 = "f64, capacity 1024, for await on the main thread fed by one thread";
const S8_HOT = "rendezvous ping-pong between two threads, hot";
const S8_COLD = "rendezvous ping-pong between two threads, cold";

/** The sum of i + 1 over all trips. */
function tripsSeen(trips: number): { count: number; sum: number; disorder: number } {
  return { count: trips, sum: (trips * (trips + 1)) / 2, disorder: 0 };
}

function go({ capacity, senders, receivers, total }: Shape) {
  return native(GO, ["stream", capacity, senders, receivers, total], (ns) => ns / total);
}

export function scenarios({ quick }: Effort): Scenario[] {
  const total = quick ? 40_000 : 1_000_000;
  const shape = (senders: number, receivers: number): Shape => ({ capacity: CAPACITY, senders, receivers, total });
  const stream = (id: string, title: string, senders: number, contenders: Scenario["contenders"]): Scenario => ({
    id,
    title,
    unit: "ns/item",
    expected: expectedOf(senders, total),
    contenders,
    warmUps: quick ? 3 : 8,
  });
  const hotTrips = quick ? 2_000 : 20_000;
  const coldTrips = quick ? 5 : 31;
  return [
    stream("S1", S1, 1, [
      heddleDedicated("heddle, one-to-one", shape(1, 1), "one-to-one"),
      heddleDedicated("heddle, not declared", shape(1, 1), "many-to-many"),
      go(shape(1, 1)),
      native(RUST, ["stream", CAPACITY, 1, total], (ns) => ns / total),
      messagePortBetweenWorkers("number", total),
      ringbuf(CAPACITY, total, 1),
      rawRing("raw ring, one at a time", CAPACITY, total, 1),
      rawRing("raw ring, by 64", CAPACITY, total, BATCH),
    ]),
    stream("S2", S2, 1, [
      heddleBulk("heddle, one-to-one", shape(1, 1), BATCH, "one-to-one"),
      heddleBulk("heddle, not declared", shape(1, 1), BATCH, "many-to-many"),
      go(shape(1, 1)),
      messagePortBetweenWorkers("number", total),
      ringbuf(CAPACITY, total, BATCH),
      rawRing("raw ring, by 64", CAPACITY, total, BATCH),
    ]),
    stream("S3", S3_TWO, 2, [heddleLight(shape(2, 2)), go(shape(2, 2))]),
    stream("S3", S3_EIGHT, 8, [heddleLight(shape(8, 8)), go(shape(8, 8))]),
    stream("S3", S3_OWN, 2, [heddleDedicated("heddle", shape(2, 2), "many-to-many"), go(shape(2, 2))]),
    stream("S4", S4, 1, [heddleForAwait(CAPACITY, total), messagePortToMain(total)]),
    {
      id: "S8",
      title: S8_HOT,
      unit: "µs/round trip",
      expected: tripsSeen(hotTrips),
      contenders: [
        heddlePingPong(hotTrips, 0),
        native(GO, ["pingpong", hotTrips], (ns) => ns / 1_000 / hotTrips),
        native(RUST, ["pingpong", hotTrips], (ns) => ns / 1_000 / hotTrips),
        rawPingPong("spin", hotTrips, 0),
        rawPingPong("wait", hotTrips, 0),
      ],
      warmUps: quick ? 3 : 8,
    },
    {
      id: "S8",
      title: S8_COLD,
      unit: "µs/round trip",
      expected: tripsSeen(coldTrips),
      contenders: [heddlePingPong(coldTrips, REST_MS), rawPingPong("wait", coldTrips, REST_MS)],
      warmUps: 1,
    },
  ];
}

const of = (scenario: string, contender: string) => ({ scenario, contender });
const declared = (scenario: string) => of(scenario, "heddle, one-to-one");
const undeclared = (scenario: string) => of(scenario, "heddle, not declared");

export const targets: Target[] = [
  { id: "S1", target: "declared one-to-one: ≤ 0.6 × Go's buffered channel", of: declared(S1), to: of(S1, "go"), atMost: 0.6 },
  { id: "S1", target: "not declared: ≤ 1.0 × Go's buffered channel", of: undeclared(S1), to: of(S1, "go"), atMost: 1 },
  { id: "S1", target: "declared one-to-one: ≥ 20 × faster than MessagePort", of: of(S1, "message-port"), to: declared(S1), atLeast: 20 },
  { id: "S1", target: "not declared: ≥ 20 × faster than MessagePort", of: of(S1, "message-port"), to: undeclared(S1), atLeast: 20 },
  { id: "S2", target: "declared one-to-one: ≤ 0.15 × Go's per item", of: declared(S2), to: of(S2, "go"), atMost: 0.15 },
  { id: "S2", target: "not declared: ≤ 0.15 × Go's per item", of: undeclared(S2), to: of(S2, "go"), atMost: 0.15 },
  { id: "S2", target: "declared one-to-one: ≥ 150 × faster than MessagePort", of: of(S2, "message-port"), to: declared(S2), atLeast: 150 },
  { id: "S2", target: "not declared: ≥ 150 × faster than MessagePort", of: of(S2, "message-port"), to: undeclared(S2), atLeast: 150 },
  { id: "S3", target: "2 to 2 light tasks: ≤ 1.0 × Go's", of: of(S3_TWO, "heddle"), to: of(S3_TWO, "go"), atMost: 1 },
  { id: "S3", target: "8 to 8 light tasks: ≤ 1.0 × Go's", of: of(S3_EIGHT, "heddle"), to: of(S3_EIGHT, "go"), atMost: 1 },
  { id: "S3", target: "2 to 2 dedicated tasks: ≤ 1.0 × Go's", of: of(S3_OWN, "heddle"), to: of(S3_OWN, "go"), atMost: 1 },
  { id: "S4", target: "≤ 130 ns per item (ratio: of 130)", of: of(S4, "heddle"), to: 130, atMost: 1 },
  { id: "S4", target: "≥ 6 × faster than MessagePort", of: of(S4, "message-port"), to: of(S4, "heddle"), atLeast: 6 },
  { id: "S8", target: "hot: ≤ 3 µs (ratio: of 3)", of: of(S8_HOT, "heddle"), to: 3, atMost: 1 },
  { id: "S8", target: "cold: ≤ 1.2 × raw wait/notify", of: of(S8_COLD, "heddle"), to: of(S8_COLD, "wait-notify"), atMost: 1.2 },
];
