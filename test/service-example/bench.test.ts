// The benchmark of a service under load (S14): its contenders do the same work, and one that does less is caught.

import { expect, test } from "vitest";
import { services } from "../../bench/contenders/service.ts";
import { runScenario } from "../../bench/harness/rounds.ts";
import type { Contender } from "../../bench/harness/scenario.ts";

const AMOUNT = 9;

function once(contenders: readonly Contender[]) {
  return runScenario(
    { id: "S14", title: "little", unit: "ms", expected: { right: AMOUNT, wrong: 0 }, contenders, warmUps: 0 },
    { rounds: 1, limitMs: 60_000 },
  );
}

test("every contender answers every request rightly, by its own means", { timeout: 120_000 }, async () => {
  const measured = await once(services("loopP99Ms", AMOUNT));
  expect(measured.map(({ contender }) => contender)).toEqual(["heddle, 2 threads", "heddle, threads: 0", "plain"]);
  for (const { median } of measured) expect(median).toBeGreaterThan(0);
});

test("fewer answers are caught", { timeout: 120_000 }, async () => {
  await expect(once(services("loopP99Ms", AMOUNT - 1).slice(2))).rejects.toThrow(
    `did not do the work: right: expected ${AMOUNT}, saw ${AMOUNT - 1}`,
  );
});
