/** The suites: every row has its own name, every target names rows that exist, and real rows do their work with little of it. */
import { MessageChannel } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { callsExpected, echoPipelined } from "../../bench/contenders/calls.ts";
import { heddleCancelled } from "../../bench/contenders/heddle-cancelled.ts";
import { heddleBulk, heddleDedicated, heddleForAwait, heddleLight, heddlePingPong } from "../../bench/contenders/heddle-channels.ts";
import { heddleGo } from "../../bench/contenders/heddle-go.ts";
import { heddleMutex } from "../../bench/contenders/heddle-mutex.ts";
import { heddleSelect } from "../../bench/contenders/heddle-select.ts";
import { heddleReserve, heddleValues } from "../../bench/contenders/heddle-values.ts";
import { fill, KINDS, kindOf, LENGTH_BYTES, stamp } from "../../bench/contenders/kinds.js";
import { calling } from "../../bench/contenders/library.ts";
import { turnsExpected } from "../../bench/contenders/loops.ts";
import { messagePortBetweenWorkers, receive } from "../../bench/contenders/message-port.ts";
import { expectedOf, Ledger } from "../../bench/contenders/numbers.ts";
import { rawLoad } from "../../bench/contenders/raw-load.ts";
import { rawLock } from "../../bench/contenders/raw-lock.ts";
import { rawPingPong } from "../../bench/contenders/raw-ping-pong.ts";
import { rawSet } from "../../bench/contenders/raw-set.ts";
import { figures, Stage } from "../../bench/contenders/stage.ts";
import { runScenario } from "../../bench/harness/rounds.ts";
import type { Contender, Seen } from "../../bench/harness/scenario.ts";
import { SUITES } from "../../bench/suites/index.ts";
import { bytes } from "../../src/index.ts";

const all = SUITES.flatMap((suite) => suite.scenarios({ quick: false }));

test("no two rows have one name, no two contenders of a row", () => {
  const names = all.map((scenario) => scenario.title);
  expect(new Set(names).size).toBe(names.length);
  for (const { title, contenders } of all)
    expect([title, new Set(contenders.map((one) => one.name)).size]).toEqual([title, contenders.length]);
});

test.each([false, true])("every target names figures of a run, quick: %s", (quick) => {
  const rows = SUITES.flatMap((suite) => suite.scenarios({ quick }));
  const figures = new Set(rows.flatMap(({ title, contenders }) => contenders.map(({ name }) => `${title} / ${name}`)));
  const named = SUITES.flatMap((suite) => suite.targets).flatMap(({ of, to }) => (typeof to === "number" ? [of] : [of, to]));
  for (const { scenario, contender } of named) expect(figures).toContain(`${scenario} / ${contender}`);
});

test("every row of TARGETS is there, and no row bears another's id", () => {
  const known = new Set(["S14", ...all.map(({ id }) => id)]); // S14 is the service's
  for (let row = 1; row <= 16; row++) expect(known).toContain(`S${row}`);
  for (const { id } of all) expect(id).toMatch(/^(S([1-9]|1[0-6])|[a-z]+)$/);
});

const TOTAL = 400;
const shape = (senders: number, receivers: number) => ({ capacity: 16, senders, receivers, total: TOTAL });
const trips: Seen = { count: 20, sum: 210, disorder: 0 };

function once(contenders: readonly Contender[], expected: Seen) {
  return runScenario({ id: "S1", title: "little", unit: "ns", expected, contenders, warmUps: 1 }, { rounds: 1, limitMs: 20_000 });
}

test("real contenders of a row do the same work", async () => {
  const made = [
    heddleDedicated("heddle", shape(1, 1), "one-to-one"),
    messagePortBetweenWorkers("number", TOTAL),
    heddleForAwait(16, TOTAL),
  ];
  expect(await once(made, expectedOf(1, TOTAL))).toHaveLength(3);
});

test("several senders and receivers", async () => {
  for (const one of [heddleLight(shape(2, 2)), heddleDedicated("heddle", shape(2, 2), "many-to-many")])
    expect(await once([one], expectedOf(2, TOTAL))).toHaveLength(1);
});

test("ping-pong and calls", async () => {
  expect(await once([heddlePingPong(20, 0), rawPingPong("wait", 20, 0)], trips)).toHaveLength(2);
  expect(await once([calling(heddleGo, 2, echoPipelined(50))], callsExpected(50))).toHaveLength(1);
});

test("a real contender that is told to do less is caught", async () => {
  const lazy = heddleDedicated("heddle", { ...shape(1, 1), total: TOTAL - 1 }, "one-to-one");
  await expect(once([lazy], expectedOf(1, TOTAL))).rejects.toThrow(
    `heddle did not do the work: count: expected ${TOTAL}, saw ${TOTAL - 1}`,
  );
});

describe("S13 loops of one thread", { timeout: 60_000 }, () => {
  const loops = (turns: number) => [heddleMutex(turns), rawLock(turns), heddleCancelled(turns), rawLoad(turns)];

  test("all do the same work", async () => {
    for (const one of loops(300)) expect(await once([one], turnsExpected(300))).toHaveLength(1);
  });

  test("who turns less often is caught", async () => {
    for (const lazy of loops(299))
      await expect(once([lazy], turnsExpected(300))).rejects.toThrow(`${lazy.name} did not do the work: count: expected 300, saw 299`);
  });
});

const load = (total: number) => ({ capacity: 16, total, ends: "one-to-one" as const });
/** The contenders of the newer rows, made for a little work. */
const ROWS: readonly [row: string, make: (total: number) => Contender[]][] = [
  [
    "S2 bulk",
    (total) => [
      heddleBulk("heddle, one-to-one", { ...shape(1, 1), total }, 64, "one-to-one"),
      heddleBulk("heddle, not declared", { ...shape(1, 1), total }, 64, "many-to-many"),
    ],
  ],
  ["S5 struct", (total) => [heddleValues("heddle", "point", load(total)), messagePortBetweenWorkers("point", total)]],
  ["S6 objects", (total) => [heddleValues("heddle", "order", load(total)), messagePortBetweenWorkers("order", total)]],
  [
    "S7 bytes",
    (total) => [
      heddleValues("heddle, copying", "bytes", load(total)),
      heddleReserve("heddle, reserve/commit and recvInto", "bytes", load(total), 1),
      messagePortBetweenWorkers("bytes", total, "message-port, copying"),
      messagePortBetweenWorkers("bytesGivenAway", total, "message-port, transferring"),
      rawSet("one set between shared buffers", total, 1),
    ],
  ],
  [
    "S12 select",
    (total) => [
      heddleSelect("plain tryRecv", "try", 0, total),
      heddleSelect("over 3", "try", 3, total),
      heddleSelect("over 4", "sync", 4, total),
      heddleSelect("over 5", "async", 5, total),
    ],
  ],
];
const LITTLE = 70;

describe.each(ROWS)("%s", { timeout: 60_000 }, (_, make) => {
  test("all do the same work", async () => {
    const contenders = make(LITTLE);
    expect(await once(contenders, expectedOf(1, LITTLE))).toHaveLength(contenders.length);
  });

  test("who is told to do less is caught by count and by sum, and so is no work at all", async () => {
    const [right, fewer] = [expectedOf(1, LITTLE), expectedOf(1, LITTLE - 1)];
    const caught = make(LITTLE - 1).map((lazy) =>
      expect(once([lazy], expectedOf(1, LITTLE))).rejects.toThrow(
        `${lazy.name} did not do the work: count: expected ${LITTLE}, saw ${LITTLE - 1}; sum: expected ${right.sum}, saw ${fewer.sum}`,
      ),
    );
    await Promise.all(caught);
    const idle: Contender = {
      ...make(LITTLE)[0]!,
      name: "idle",
      run: async () => ({ value: 0.001, seen: { count: 0, sum: 0, disorder: 0 }, by: "idle" }),
    };
    await expect(once([idle], expectedOf(1, LITTLE))).rejects.toThrow(`idle did not do the work: count: expected ${LITTLE}, saw 0`);
  });
});

describe("a value that is not as it was made stands for no number", () => {
  test.each(["number", "point", "order", "bytes", "bytesGivenAway"] as const)("%s: as it was made it stands for its own", (name) => {
    for (const index of [0, 1, 77, 65_536, 2_000_003]) expect(kindOf(name).numberOf(kindOf(name).make(index), true)).toBe(index);
  });

  test("a field changed", () => {
    for (const key of ["y", "z", "w"]) expect(KINDS.point.numberOf({ ...KINDS.point.make(5), [key]: 6 }, false)).toBeNaN();
    const changes = [{ customer: "nobody" }, { price: 1 }, { isPaid: false }, { tags: ["new"] }, { tags: ["new", "slow"] }];
    for (const change of changes) expect(KINDS.order.numberOf({ ...KINDS.order.make(5), ...change }, false)).toBeNaN();
  });

  test("a byte changed anywhere, or one missing; outside the proving round at least where it looks", () => {
    const made = (at: number) => {
      const value = fill(new Uint8Array(LENGTH_BYTES));
      stamp(value, 9);
      value[at] = value[at]! ^ 1;
      return value;
    };
    for (const at of [4, 1_000, LENGTH_BYTES - 2]) expect(KINDS.bytes.numberOf(made(at), true)).toBeNaN();
    expect(KINDS.bytes.numberOf(made(LENGTH_BYTES - 1), false)).toBeNaN();
    expect(KINDS.bytes.numberOf(made(0), true)).toBe(8);
    expect(KINDS.bytes.numberOf(KINDS.bytes.make(9).subarray(1), false)).toBeNaN();
  });

  test("the ledger enters it as wrong", () => {
    const ledger = new Ledger(1);
    ledger.add(Number.NaN);
    expect(ledger).toMatchObject({ count: 1, sum: Number.NaN, disorder: 1 });
  });
});

/** 64 KiB of which one byte that is looked at in the proving round alone is wrong. */
function damaged(): Uint8Array {
  const wrong = fill(new Uint8Array(LENGTH_BYTES));
  stamp(wrong, 0);
  wrong[1_000] = wrong[1_000]! ^ 1;
  return wrong;
}

test("the first round of a receiver of bytes is the proving round", async () => {
  const stage = await Stage.open(1);
  const { receiveValues } = stage.tasks<typeof import("../../bench/suites/values-tasks.ts")>("values-tasks");
  const line = stage.line();
  const values = stage.rt.channel(bytes, 1);
  stage.keep(stage.rt.with({ dedicated: true }).go(receiveValues, line.orders.receiver, values.receiver, "bytes", line.report.sender));
  const sums: (number | undefined)[] = [];
  for (let round = 0; round < 2; round++) {
    await line.orders.send(1);
    await values.send(damaged());
    sums.push((await figures(line, 5))[2]);
  }
  await stage.close();
  expect(sums).toEqual([Number.NaN, 0]);
});

test.each([true, false])("a receiving port looks at all of them when told to: %s", async (isProof) => {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const receiving = receive(port2, "bytes", 1, isProof);
  port1.postMessage(damaged());
  expect((await receiving).ledger.sum).toBe(isProof ? Number.NaN : 0);
});
