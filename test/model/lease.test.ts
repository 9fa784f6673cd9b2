// A small share of the model's cases of leased queues, and protocols and bytes for them that are known to be wrong.

import { afterEach, describe, expect, test } from "vitest";
import { build } from "../../model/build.ts";
import { CAMPAIGNS, runCase, workbench } from "../../model/campaigns.ts";
import { LEASE_CASES } from "../../model/cases-lease.ts";
import { explore } from "../../model/explorer.ts";
import { mutate } from "../../model/interpreter.ts";
import { allMutants } from "../../model/mutants.ts";
import { broken } from "../../model/park.ts";
import type { Faults } from "../../model/program.ts";

const NO_FAULT = { deaths: 0, fences: 0 };
const DEATH = { deaths: 1, fences: 0 };

const caseOf = (name: string) => LEASE_CASES.find((candidate) => candidate.name === `lease: ${name}`)!;
function verdict(name: string, faults: Faults, maxStates = 60_000): string | number | undefined {
  const { world, functions } = workbench();
  const { violation, stuck } = explore(build(world, functions, caseOf(name), faults, false), { maxStates, finish: true, seed: 1 });
  return violation ?? (stuck > 0 ? stuck : undefined);
}

describe("the shipped bytes", () => {
  test.each(CAMPAIGNS.filter(({ isQuick }) => isQuick))("$name: nothing wrong in a share of the states", (campaign) => {
    for (const model of LEASE_CASES) {
      const { violation, stuck } = runCase(campaign, model, 400, 2_000);
      expect(violation, model.name).toBeUndefined();
      expect(stuck, model.name).toBe(0);
    }
  });

  test("capacity 1, one to one: every state of every atomic operation", () => {
    const { world, functions } = workbench();
    const result = explore(build(world, functions, caseOf("capacity 1, one to one"), NO_FAULT, true), {
      maxStates: 200_000,
      finish: true,
      races: true,
    });
    expect(result).toMatchObject({ isCapped: false, stuck: 0 });
    expect(result.violation).toBeUndefined();
    expect(result.states).toBeGreaterThan(500);
  });
});

describe("a protocol that is known to be wrong is found wrong", () => {
  afterEach(() => {
    for (const name of Object.keys(broken) as (keyof typeof broken)[]) broken[name] = false;
  });

  const wrong: [keyof typeof broken, string, Faults][] = [
    ["noServe", "capacity 1, one to one", NO_FAULT],
    ["noServeAfterDeath", "capacity 1, two to one", DEATH],
    ["noReturn", "capacity 1, one to one", DEATH],
    ["noLookBeforeSleep", "capacity 1, one to one", NO_FAULT],
  ];
  test.each(wrong)("%s", (name, model, faults) => {
    broken[name] = true;
    expect(verdict(model, faults)).toBeDefined();
    broken[name] = false;
    expect(verdict(model, faults, 20_000)).toBeUndefined();
  });
});

test("changed bytes of leaseAck are noticed by one thread alone", () => {
  const { world, functions } = workbench();
  const own = allMutants().filter(({ fn }) => fn === "leaseAck");
  expect(own.length).toBeGreaterThan(20);
  const survivors = own.filter((mutant) => {
    const restore = mutate(functions, world, mutant);
    try {
      return ["alone: two at once", "alone", "alone: time is up"].every((name) => {
        try {
          return verdict(name, NO_FAULT, 5_000) === undefined;
        } catch {
          return false; // it could not even be set up
        }
      });
    } finally {
      restore();
    }
  });
  expect(survivors.length / own.length).toBeLessThan(0.5);
});
