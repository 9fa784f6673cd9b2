// A small share of the model: nothing wrong is found in the shipped bytes, and what is known to be wrong is found.

import { afterEach, describe, expect, test } from "vitest";
import { build } from "../../model/build.ts";
import { CAMPAIGNS, casesOf, runCase, workbench } from "../../model/campaigns.ts";
import { CASES } from "../../model/cases.ts";
import { explore } from "../../model/explorer.ts";
import { mutate } from "../../model/interpreter.ts";
import { allMutants } from "../../model/mutants.ts";
import { broken } from "../../model/park.ts";
import type { Faults } from "../../model/program.ts";

const NO_FAULT = { deaths: 0, fences: 0 };
const DEATH = { deaths: 1, fences: 0 };
const FENCE = { deaths: 0, fences: 1 };

function caseOf(name: string) {
  const model = CASES.find((candidate) => candidate.name === name);
  if (model === undefined) throw new Error(`there is no case ${name}`);
  return model;
}

/** What the model says about a case: a violation, the number of states that cannot finish, or nothing. */
function verdict(name: string, faults: Faults, isFine: boolean, maxStates = 60_000): string | number | undefined {
  const { world, functions } = workbench();
  const { violation, stuck } = explore(build(world, functions, caseOf(name), faults, isFine), {
    maxStates,
    finish: true,
    seed: 1,
    races: isFine,
  });
  return violation ?? (stuck > 0 ? stuck : undefined);
}

describe("the shipped bytes", () => {
  test.each(CAMPAIGNS.filter(({ isQuick }) => isQuick))("$name: nothing wrong in a share of the states", (campaign) => {
    for (const model of casesOf(campaign, CASES, [])) {
      const { violation, stuck } = runCase(campaign, model, 300, 2_000);
      expect(violation, model.name).toBeUndefined();
      expect(stuck, model.name).toBe(0);
    }
  });

  test.each([
    "1×1×2, capacity 0",
    "1×1×2, capacity 1",
    "one task, one worker",
    "close, drain and free, capacity 1",
    "blocks: 1×1×3, capacity 1",
    "bulk: many to many, capacity 1",
  ])("%s: every state of every atomic operation", (name) => {
    const { world, functions } = workbench();
    const result = explore(build(world, functions, caseOf(name), NO_FAULT, true), { maxStates: 100_000, finish: true, races: true });
    expect(result).toMatchObject({ isCapped: false, stuck: 0 });
    expect(result.violation).toBeUndefined();
    expect(result.states).toBeGreaterThan(500);
    expect(result.ends).toBeGreaterThan(0);
  });
});

describe("a protocol that is known to be wrong is found wrong", () => {
  afterEach(() => {
    for (const name of Object.keys(broken) as (keyof typeof broken)[]) broken[name] = false;
  });

  const wrong: [keyof typeof broken, string, Faults, boolean][] = [
    ["noLookBeforeSleep", "1×1×2, capacity 0", NO_FAULT, false],
    ["noSecondLook", "one task, one worker", NO_FAULT, false],
    ["noIntent", "close against two receivers, capacity 0", DEATH, false],
    ["noSelfLock", "two facing selects, capacity 0", NO_FAULT, false],
    ["noUnlink", "tries, capacity 0", NO_FAULT, false],
    ["useLocked", "1×1×2, capacity 0", NO_FAULT, true],
    ["noSweep", "receivers give up, capacity 0", DEATH, false],
    ["noSecondSweep", "receivers give up, capacity 0", FENCE, true],
    ["noKick", "one task, two workers", DEATH, false],
    ["noLateCollect", "one task, one worker", DEATH, false],
    ["noGrace", "one task, one worker", DEATH, true],
    ["listBeforeScan", "two tasks, one worker", DEATH, false],
  ];
  test.each(wrong)("%s", (name, model, faults, isFine) => {
    broken[name] = true;
    expect(verdict(model, faults, isFine)).toBeDefined();
    broken[name] = false;
    expect(verdict(model, faults, isFine, 20_000)).toBeUndefined();
  });
});

test("mutants of the bytes are found wrong: one of each kind", () => {
  const { world, functions } = workbench();
  const kinds = [
    { fn: "trySend", op: "f64.store", change: "drop" },
    { fn: "chanOp", op: "i32.atomic.rmw.cmpxchg", change: "always", at: 0 }, // the last one only wakes once too often
    { fn: "chanOp", op: "memory.atomic.notify", change: "drop" },
    { fn: "tryRecv", op: "if", change: "invert" },
    { fn: "blockFree", op: "i32.store", change: "drop" },
    { fn: "trySendMany", op: "memory.copy", change: "drop", at: 0 },
    { fn: "tryRecvMany", op: "memory.copy", change: "drop", at: 0 },
    { fn: "taskFinish", op: "i32.atomic.rmw.xchg", change: "drop" },
  ];
  for (const kind of kinds) {
    const mutant = allMutants()
      .filter(({ fn, op, change }) => fn === kind.fn && op === kind.op && change === kind.change)
      .at(kind.at ?? 0)!;
    const restore = mutate(functions, world, mutant);
    const names = [
      "1×1×2, capacity 0",
      "1×1×2, capacity 1",
      "blocks of one class",
      "one task, one worker",
      "bulk: many to many, capacity 1",
    ];
    let verdicts: (string | number | undefined)[];
    try {
      verdicts = names.flatMap((name) => [false, true].map((isFine) => verdict(name, NO_FAULT, isFine, 20_000)));
    } catch (error) {
      verdicts = [String(error)]; // the setup itself failed
    } finally {
      restore();
    }
    expect(
      verdicts.some((found) => found !== undefined),
      mutant.name,
    ).toBe(true);
  }
});
