// A small share of the model's cases of buckets, tables of keys and kept blocks; and whether it is able to fail.

import { describe, expect, test } from "vitest";
import { build } from "../../model/build.ts";
import { CAMPAIGNS, runCase, workbench } from "../../model/campaigns.ts";
import { BUCKET_CASES } from "../../model/cases-buckets.ts";
import { explore } from "../../model/explorer.ts";
import { mutate } from "../../model/interpreter.ts";
import { allMutants } from "../../model/mutants.ts";

const NO_FAULT = { deaths: 0, fences: 0 };

test.each(CAMPAIGNS.filter(({ isQuick }) => isQuick))("$name: nothing wrong in a share of the states", (campaign) => {
  for (const model of BUCKET_CASES) {
    const { violation, stuck } = runCase(campaign, model, 400, 2_000);
    expect(violation, model.name).toBeUndefined();
    expect(stuck, model.name).toBe(0);
  }
});

test.each(["bucket: from two or from none", "keys: two offer for one key"])("%s: every state of every atomic operation", (name) => {
  const { world, functions } = workbench();
  const model = BUCKET_CASES.find((candidate) => candidate.name === name)!;
  const result = explore(build(world, functions, model, NO_FAULT, true), { maxStates: 100_000, finish: true, races: true });
  expect(result).toMatchObject({ isCapped: false, stuck: 0 });
  expect(result.violation).toBeUndefined();
});

/** Whether any case sees that the code was changed, nothing else being wrong. */
function isSeen(mutant: ReturnType<typeof allMutants>[number]): boolean {
  const { world, functions } = workbench();
  const restore = mutate(functions, world, mutant);
  try {
    return BUCKET_CASES.some((model) => {
      try {
        const { violation, stuck } = explore(build(world, functions, model, NO_FAULT, false), { maxStates: 400, finish: true, seed: 1 });
        return violation !== undefined || stuck > 0;
      } catch {
        return true; // the check itself was driven onto nonsense
      }
    });
  } finally {
    restore();
  }
}

describe("spoiled code is found: every plain store that is left out, calls atomic", () => {
  test.each([
    ["bucketTake", "f64.store"],
    ["bucketGive", "f64.store"],
    ["keyTake", "i32.store"],
    ["keyDrop", "i32.store"],
  ])("%s", (fn, op) => {
    const mutants = allMutants().filter((mutant) => mutant.fn === fn && mutant.change === "drop" && mutant.op === op);
    const missed = mutants.filter((mutant) => !isSeen(mutant));
    expect(mutants.length).toBeGreaterThan(0);
    expect(missed.map(({ name }) => name)).toEqual([]);
  });
});
