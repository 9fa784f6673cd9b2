// A small share of the model's cases of sync records, and protocols for them that are known to be wrong.

import { afterEach, describe, expect, test } from "vitest";
import { build } from "../../model/build.ts";
import { CAMPAIGNS, runCase, workbench } from "../../model/campaigns.ts";
import { SYNC_CASES } from "../../model/cases-sync.ts";
import { explore } from "../../model/explorer.ts";
import { broken } from "../../model/park.ts";
import type { Faults } from "../../model/program.ts";

const NO_FAULT = { deaths: 0, fences: 0 };
const DEATH = { deaths: 1, fences: 0 };
const FENCE = { deaths: 0, fences: 1 };

function verdict(name: string, faults: Faults, isFine: boolean, maxStates = 60_000): string | number | undefined {
  const model = SYNC_CASES.find((candidate) => candidate.name === `sync: ${name}`)!;
  const { world, functions } = workbench();
  const { violation, stuck } = explore(build(world, functions, model, faults, isFine), { maxStates, finish: true, seed: 1, races: isFine });
  return violation ?? (stuck > 0 ? stuck : undefined);
}

describe("the shipped bytes", () => {
  test.each(CAMPAIGNS.filter(({ isQuick }) => isQuick))("$name: nothing wrong in a share of the states", (campaign) => {
    for (const model of SYNC_CASES) {
      const { violation, stuck } = runCase(campaign, model, 400, 2_000);
      expect(violation, model.name).toBeUndefined();
      expect(stuck, model.name).toBe(0);
    }
  });

  test.each(["a mutex, two threads", "a group, two wait", "a barrier is closed"])("%s: every state of every atomic operation", (name) => {
    const { world, functions } = workbench();
    const model = SYNC_CASES.find((candidate) => candidate.name === `sync: ${name}`)!;
    const result = explore(build(world, functions, model, NO_FAULT, true), { maxStates: 100_000, finish: true, races: true });
    expect(result).toMatchObject({ isCapped: false, stuck: 0 });
    expect(result.violation).toBeUndefined();
    expect(result.states).toBeGreaterThan(500);
  });
});

describe("a protocol that is known to be wrong is found wrong", () => {
  afterEach(() => {
    for (const name of Object.keys(broken) as (keyof typeof broken)[]) broken[name] = false;
  });

  const wrong: [keyof typeof broken, string, Faults, boolean][] = [
    ["noServe", "a group, two wait", NO_FAULT, false],
    ["noServeAfterDeath", "a group, two wait", DEATH, false],
    ["earlyHandOn", "a mutex is recovered", FENCE, false],
    ["noMark", "a mutex, two threads", DEATH, false],
    ["noAlarm", "a condition, two wait, two signals", DEATH, false],
    ["noSweep", "a mutex, two threads", DEATH, false],
    ["noSecondSweep", "a mutex, two threads", FENCE, true],
    ["noLookBeforeSleep", "a mutex, two threads", NO_FAULT, false],
  ];
  test.each(wrong)("%s", (name, model, faults, isFine) => {
    broken[name] = true;
    expect(verdict(model, faults, isFine)).toBeDefined();
    broken[name] = false;
    expect(verdict(model, faults, isFine, 20_000)).toBeUndefined();
  });
});
