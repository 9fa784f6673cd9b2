/** The suites: every row has its own name, every target names rows that exist, and real rows do their work with little of it. */
import { expect, test } from "vitest";
import { callsExpected } from "../../bench/contenders/calls.ts";
import { heddleDedicated, heddleForAwait, heddleLight, heddlePingPong } from "../../bench/contenders/heddle-channels.ts";
import { heddlePipelined } from "../../bench/contenders/heddle-go.ts";
import { messagePortBetweenWorkers } from "../../bench/contenders/message-port.ts";
import { expectedOf } from "../../bench/contenders/numbers.ts";
import { rawPingPong } from "../../bench/contenders/raw-ping-pong.ts";
import { runScenario } from "../../bench/harness/rounds.ts";
import type { Contender, Seen } from "../../bench/harness/scenario.ts";
import { SUITES } from "../../bench/suites/index.ts";

const all = SUITES.flatMap((suite) => suite.scenarios({ quick: false }));

test("no two rows have one name, no two contenders of a row", () => {
  const names = all.map((scenario) => scenario.title);
  expect(new Set(names).size).toBe(names.length);
  for (const { title, contenders } of all)
    expect([title, new Set(contenders.map((one) => one.name)).size]).toEqual([title, contenders.length]);
});

test("every target names figures of a full run", () => {
  const figures = new Set(all.flatMap(({ title, contenders }) => contenders.map(({ name }) => `${title} / ${name}`)));
  const named = SUITES.flatMap((suite) => suite.targets).flatMap(({ of, to }) => (typeof to === "number" ? [of] : [of, to]));
  for (const { scenario, contender } of named) expect(figures).toContain(`${scenario} / ${contender}`);
});

const TOTAL = 400;
const shape = (senders: number, receivers: number) => ({ capacity: 16, senders, receivers, total: TOTAL });
const trips: Seen = { count: 20, sum: 210, disorder: 0 };

function once(contenders: readonly Contender[], expected: Seen) {
  return runScenario({ id: "S1", title: "little", unit: "ns", expected, contenders, warmUps: 1 }, { rounds: 1, limitMs: 20_000 });
}

test("real contenders of a row do the same work", async () => {
  const made = [heddleDedicated("dedicated", shape(1, 1), "one-to-one"), messagePortBetweenWorkers(TOTAL), heddleForAwait(16, TOTAL)];
  expect(await once(made, expectedOf(1, TOTAL))).toHaveLength(3);
});

test("several senders and receivers", async () => {
  expect(
    await once([heddleLight(shape(2, 2)), heddleDedicated("dedicated", shape(2, 2), "many-to-many")], expectedOf(2, TOTAL)),
  ).toHaveLength(2);
});

test("ping-pong and calls", async () => {
  expect(await once([heddlePingPong(20, 0), rawPingPong("wait", 20, 0)], trips)).toHaveLength(2);
  expect(await once([heddlePipelined(50)], callsExpected(50))).toHaveLength(1);
});

test("a real contender that is told to do less is caught", async () => {
  const lazy = heddleDedicated("lazy", { ...shape(1, 1), total: TOTAL - 1 }, "one-to-one");
  await expect(once([lazy], expectedOf(1, TOTAL))).rejects.toThrow(`lazy did not do the work: count: expected ${TOTAL}, saw ${TOTAL - 1}`);
});
