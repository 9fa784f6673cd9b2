/** The rows of the patterns: real contenders do their work with little of it, and who does less, or something else, is caught. */
import { expect, test, vi } from "vitest";
import { adds, beats } from "../../bench/contenders/beats.ts";
import { bareHealed, gapsExpected, healed } from "../../bench/contenders/crashing.ts";
import { answersExpected, hedged } from "../../bench/contenders/hedged.ts";
import { limited, TAKEN_EXPECTED } from "../../bench/contenders/limited.ts";
import { turnsExpected } from "../../bench/contenders/loops.ts";
import { jobsExpected, overloaded } from "../../bench/contenders/overloaded.ts";
import { percentile } from "../../bench/contenders/patterns-round.ts";
import { runScenario } from "../../bench/harness/rounds.ts";
import type { Contender, Seen } from "../../bench/harness/scenario.ts";

vi.setConfig({ testTimeout: 120_000 });

async function once(contenders: readonly Contender[], expected: Seen): Promise<number[]> {
  const scenario = { id: "patterns", title: "little", unit: "ms", expected, contenders, warmUps: 0 };
  return (await runScenario(scenario, { rounds: 1, limitMs: 60_000 })).map(({ median }) => median);
}

test("hedging: the same answers, and a share of second replicas that tells how they were asked", async () => {
  const [never, always] = await once([hedged("asked once", "extra", 4), hedged("both at once", "extra", 4)], answersExpected(4));
  expect([never, always]).toEqual([0, 100]);
  await expect(once([hedged("asked once", "p50", 3)], answersExpected(4))).rejects.toThrow("answers: expected 4, saw 3");
});

test("overload: every job is served, shed or rejected", async () => {
  const [wait, rejected] = await once([overloaded("all wait", "lost", 60), overloaded("rejected", "lost", 60)], jobsExpected(60));
  expect(wait).toBe(0);
  expect(rejected).toBeGreaterThan(0);
  await expect(once([overloaded("all wait", "p99", 59)], jobsExpected(60))).rejects.toThrow("jobs: expected 60, saw 59");
});

test("a rate: eight threads took from one bucket, none of them above it", async () => {
  const figures = await once([limited("asking", 100), limited("waiting", 100)], TAKEN_EXPECTED);
  for (const off of figures) expect(off).toBeGreaterThanOrEqual(0);
});

test("healing: as many gaps as were to be, each after its crash, and the crash is what it is called", async () => {
  const figures = await once([healed("throw", 2), healed("death", 2), bareHealed(2)], gapsExpected(2));
  for (const ms of figures) expect(ms).toBeGreaterThan(0);
  await expect(once([{ ...healed("throw", 1), name: "heddle, death" }], gapsExpected(1))).rejects.toThrow("heddle, throw");
});

test("beats: all of them are beaten", async () => {
  expect(await once([beats(500, false), adds(500)], turnsExpected(500))).toHaveLength(2);
  await expect(once([beats(499, true)], turnsExpected(500))).rejects.toThrow("count: expected 500, saw 499");
});

test("a percentile is one of the values", () => {
  expect([1, 50, 99, 100].map((percent) => percentile([4, 2, 3, 1], percent))).toEqual([1, 2, 4, 4]);
  expect(percentile([], 99)).toBeNaN();
});
