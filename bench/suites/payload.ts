/**
 * Payload: what a value costs on its way, by kind and size, copied and given away: as the argument of a call to a pool, and one way through a channel.
 *
 * Numbers, objects and 64 KiB through a channel are S1, S6 and S7 of the channels suite.
 */
import { callsExpected, type Input, inLanes, UNDER_WAY } from "../contenders/calls.ts";
import { heddleReserve, heddleValues } from "../contenders/heddle-values.ts";
import { type KindName, kindOf, stamp } from "../contenders/kinds.js";
import { calling, type Job } from "../contenders/library.ts";
import { messagePortBetweenWorkers } from "../contenders/message-port.ts";
import { expectedOf } from "../contenders/numbers.ts";
import { PEERS } from "../contenders/peers.ts";
import type { Effort, Scenario, Suite } from "../harness/scenario.ts";

interface Row {
  readonly kind: KindName;
  readonly called: string;
  readonly job: Job;
  readonly full: number;
  readonly quick: number;
  /** Values under way at once. */
  readonly lanes: number;
}

const CALLS: readonly Row[] = [
  { kind: "number", called: "a number", job: "takeNumber", full: 10_000, quick: 1_000, lanes: UNDER_WAY },
  { kind: "text", called: "a string of about 100 characters", job: "takeText", full: 10_000, quick: 1_000, lanes: UNDER_WAY },
  { kind: "order", called: "an object of 5 fields", job: "takeOrder", full: 10_000, quick: 1_000, lanes: UNDER_WAY },
  { kind: "kib", called: "1 KiB, copied", job: "takeKib", full: 10_000, quick: 1_000, lanes: UNDER_WAY },
  { kind: "kibGivenAway", called: "1 KiB, given away", job: "takeKib", full: 10_000, quick: 1_000, lanes: UNDER_WAY },
  { kind: "bytes", called: "64 KiB, copied", job: "takeBytes", full: 2_000, quick: 300, lanes: UNDER_WAY },
  { kind: "bytesGivenAway", called: "64 KiB, given away", job: "takeBytes", full: 2_000, quick: 300, lanes: UNDER_WAY },
  { kind: "mib", called: "1 MiB, copied", job: "takeMib", full: 200, quick: 40, lanes: 8 },
  { kind: "mibGivenAway", called: "1 MiB, given away", job: "takeMib", full: 200, quick: 40, lanes: 8 },
];

/** What a lane sends: bytes that are copied are its own, so that no value changes while it is under way. */
function makerOf(name: KindName): (i: number) => Input {
  const kind = kindOf(name);
  if (kind.transfer) {
    return (i) => {
      const value = kind.make(i);
      return [value, kind.transfer!(value)];
    };
  }
  const own = kind.make(0);
  if (!(own instanceof Uint8Array)) return (i) => [kind.make(i)];
  const bytes = own.slice();
  return (i) => {
    stamp(bytes, i);
    return [bytes];
  };
}

function calls({ kind, called, job, full, quick: few, lanes }: Row, quick: boolean): Scenario {
  const total = quick ? few : full;
  const isGivenAway = kindOf(kind).transfer !== undefined;
  return {
    id: "payload",
    title: `calls of a pool of 2 threads with ${called}`,
    unit: "µs/call",
    expected: { ...callsExpected(total), givenAway: isGivenAway ? total : 0 },
    contenders: PEERS.map((library) =>
      calling(library, 2, (crew) =>
        inLanes(
          job,
          total,
          Array.from({ length: lanes }, () => makerOf(kind)),
        )(crew),
      ),
    ),
    warmUps: quick ? 1 : 3,
  };
}

const NS_PER_US = 1_000;

function oneWay({ quick }: Effort): Scenario[] {
  const load = (capacity: number, full: number) => ({ capacity, total: quick ? full / 10 : full, ends: "many-to-many" as const });
  const text = load(1_024, 200_000);
  const row = { id: "payload", warmUps: quick ? 2 : 8 };
  const bytes = (kind: "kib" | "mib", called: string, capacity: number, full: number): Scenario => {
    const { total } = load(capacity, full);
    return {
      ...row,
      title: `bytes, ${called} values, capacity ${capacity}, one to one on two threads`,
      unit: "µs/value",
      expected: expectedOf(1, total),
      contenders: [
        heddleValues("heddle, copying", kind, load(capacity, full), NS_PER_US),
        heddleReserve("heddle, reserve/commit and recvInto", kind, load(capacity, full), NS_PER_US),
        messagePortBetweenWorkers(kind, total, "message-port, copying", NS_PER_US),
        messagePortBetweenWorkers(`${kind}GivenAway`, total, "message-port, transferring", NS_PER_US),
      ],
    };
  };
  return [
    {
      ...row,
      title: "strings of about 100 characters, capacity 1024, one to one on two threads",
      unit: "ns/value",
      expected: expectedOf(1, text.total),
      contenders: [heddleValues("heddle", "text", text), messagePortBetweenWorkers("text", text.total)],
    },
    bytes("kib", "1 KiB", 1_024, 100_000),
    bytes("mib", "1 MiB", 4, 400),
  ];
}

export const payload: Suite = {
  name: "payload",
  scenarios: (effort) => [...CALLS.map((one) => calls(one, effort.quick)), ...oneWay(effort)],
  targets: [],
  later: {},
};
