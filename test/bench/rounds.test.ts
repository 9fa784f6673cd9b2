/** Rounds: turns, medians, and no speed for a wrong result. */
import { describe, expect, test } from "vitest";
import { expectedOf, Ledger, SPAN, together } from "../../bench/contenders/numbers.ts";
import { differences, median, runScenario } from "../../bench/harness/rounds.ts";
import { contender, RIGHT, scenario } from "./support.ts";

const options = { rounds: 3, limitMs: 5_000 };

test("contenders take turns, warm-up first, and each round begins with another", async () => {
  const log: string[] = [];
  const made = ["A", "B", "C"].map((name) => contender(name, { log }));
  await runScenario(scenario(made, { warmUps: 1 }), options);
  expect(log.slice(0, 6)).toEqual(["open A", "open B", "open C", "A", "B", "C"]);
  expect(log.slice(6, 15)).toEqual(["A", "B", "C", "B", "C", "A", "C", "A", "B"]);
  expect(log.slice(15)).toEqual(["close A", "close B", "close C"]);
});

test("medians of the timed rounds, warm-up left out", async () => {
  const [a, b] = await runScenario(
    scenario([contender("A", { values: [1_000, 3, 1, 2] }), contender("B", { values: [7] })], { warmUps: 1 }),
    options,
  );
  expect(a).toEqual({ contender: "A", median: 2, min: 1, max: 3, rounds: 3 });
  expect(b).toEqual({ contender: "B", median: 7, min: 7, max: 7, rounds: 3 });
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("a figure that is a count needs no more rounds than it says", async () => {
  const [a] = await runScenario(scenario([contender("A")], { mostRounds: 2 }), options);
  expect(a!.rounds).toBe(2);
});

describe("no speed for a wrong result", () => {
  const wrong: [name: string, seen: Record<string, number>, said: string][] = [
    ["dropped work", { count: 9, sum: 36 }, "count: expected 10, saw 9; sum: expected 45, saw 36"],
    ["a wrong sum", { count: 10, sum: 44 }, "sum: expected 45, saw 44"],
    ["nothing seen", {}, "count: expected 10, saw undefined"],
    ["something more", { ...RIGHT, disorder: 1 }, "disorder: expected undefined, saw 1"],
    ["not a number", { count: 10, sum: Number.NaN }, "sum: expected 45, saw NaN"],
  ];
  test.each(wrong)("%s", async (_, seen, said) => {
    const log: string[] = [];
    const swapped = scenario([contender("A", { log }), contender("B", { seen: [seen], log })]);
    await expect(runScenario(swapped, options)).rejects.toMatchObject({
      code: "ERR_WRONG_OUTPUT",
      message: expect.stringContaining(`B did not do the work: ${said}`),
    });
    expect(log.slice(-2)).toEqual(["close A", "close B"]);
  });
  test("in the last round as in the first, and in a warm-up", async () => {
    const late = scenario([contender("A", { seen: [RIGHT, RIGHT, { count: 1, sum: 0 }] })]);
    await expect(runScenario(late, options)).rejects.toThrow("A did not do the work");
    const early = scenario([contender("A", { seen: [{ count: 1, sum: 0 }, RIGHT] })], { warmUps: 1 });
    await expect(runScenario(early, options)).rejects.toThrow("A did not do the work");
  });
  test("whose work was done by another", async () => {
    const told = (by: string, name: string) => runScenario(scenario([contender(name, { by })]), options);
    await expect(told("piscina, 2 threads", "heddle")).rejects.toMatchObject({
      code: "ERR_WRONG_CONTENDER",
      message: "S1 made up: expected the work to be done by heddle, it was done by piscina, 2 threads",
    });
    for (const by of ["heddle, fanOut, 2 threads", "heddle", "heddles, pool", "piscina, pool"])
      await expect(told(by, "heddle, pool")).rejects.toThrow(`it was done by ${by}`);
    expect(await told("heddle, pool, 2 threads", "heddle, 2 threads")).toHaveLength(1);
  });
  test("against a reference that is computed when it is needed", async () => {
    const later = (sum: number) => scenario([contender("A")], { expected: async () => ({ count: 10, sum }) });
    expect(await runScenario(later(45), options)).toHaveLength(1);
    await expect(runScenario(later(46), options)).rejects.toThrow("sum: expected 46, saw 45");
  });
  test("a figure that is none", async () => {
    await expect(runScenario(scenario([contender("A", { values: [Number.NaN] })]), options)).rejects.toThrow("expected a figure, got NaN");
  });
});

test("a round that never ends is given up, with its name", async () => {
  const hung = scenario([contender("A", { run: () => new Promise<never>(() => undefined) })]);
  await expect(runScenario(hung, { rounds: 1, limitMs: 50 })).rejects.toThrow("expected made up: a round of A to end within 50 ms");
});

test("a contender that throws is the failure told, even if stopping it fails too", async () => {
  const broken = {
    ...contender("A", { run: () => Promise.reject(new Error("broken")) }),
    close: () => Promise.reject(new Error("no stop")),
  };
  await expect(runScenario(scenario([broken]), options)).rejects.toThrow("broken");
});

test("the ledger counts, sums and sees disorder within a sender", () => {
  const ledger = new Ledger(2);
  for (const value of [0, SPAN, 1, SPAN + 1]) ledger.add(value);
  expect(together([ledger])).toEqual(expectedOf(2, 4));
  ledger.add(1); // again
  expect(differences(together([ledger]), expectedOf(2, 4))).toHaveLength(3);
});

test("the ledger of one sender does, too", () => {
  const ledger = new Ledger(1);
  for (const value of [0, 1, 2, 3]) ledger.add(value);
  expect(together([ledger])).toEqual(expectedOf(1, 4));
  ledger.add(3);
  ledger.addAll([1, 4, 4]);
  expect(ledger).toMatchObject({ count: 8, sum: 18, disorder: 3 });
  ledger.addAll([5, Number.NaN]);
  expect(ledger).toMatchObject({ count: 10, sum: Number.NaN, disorder: 4 });
});

test("what must be seen is the plain sum", () => {
  const values = [0, 1, 2].flatMap((sender) => [0, 1, 2, 3].map((i) => sender * SPAN + i));
  expect(expectedOf(3, 12)).toEqual({ count: 12, sum: values.reduce((a, b) => a + b), disorder: 0 });
  expect(() => expectedOf(3, 10)).toThrow("a multiple of 3");
});
