/** The harness: what it times, in which order, and that a wrong result never passes. */
import { expect, test } from "vitest";
import type { Output, VariantName } from "../../bench/lab/job.ts";
import { measure, type RoundListener } from "../../bench/lab/rounds.ts";
import { jobOf, variantOf } from "./support.ts";

const QUIET: RoundListener = { runStarts() {}, runShare() {}, roundEnds() {} };
const COUNTS = { warmUps: 1, rounds: 3, budgetMs: 60_000 };

function fourWith(name: VariantName, outputs: readonly Output[], log: string[] = []) {
  const names: VariantName[] = ["plain", "inline", "threads", "ceiling"];
  return names.map((each) => variantOf(each, each === name ? outputs : ["right"], log));
}

test("every variant is timed once a round, after a run that is not timed", async () => {
  const log: string[] = [];
  const measured = await measure(jobOf(fourWith("inline", ["right"], log)), COUNTS, QUIET);
  expect(measured.differs).toEqual([]);
  for (const samples of measured.samples.values()) expect(samples).toHaveLength(3);
  expect(log.filter((entry) => entry === "run threads")).toHaveLength(4);
});

test("a job over its budget is warmed up once, timed three times, and no more", async () => {
  const log: string[] = [];
  const measured = await measure(jobOf(fourWith("inline", ["right"], log)), { warmUps: 5, rounds: 9, budgetMs: 0 }, QUIET);
  expect(measured.warmUps).toBe(1);
  for (const samples of measured.samples.values()) expect(samples).toHaveLength(3);
  expect(log.filter((entry) => entry === "run plain")).toHaveLength(1 + 3);
});

test("the order turns from round to round", async () => {
  const log: string[] = [];
  await measure(jobOf(fourWith("inline", ["right"], log)), COUNTS, QUIET);
  const runs = log.filter((entry) => entry.startsWith("run"));
  expect([runs[0], runs[4], runs[8], runs[12]]).toEqual(["run plain", "run plain", "run inline", "run threads"]);
});

test.each<VariantName>(["inline", "threads", "ceiling"])("a wrong result of %s is caught and gets no speed", async (name) => {
  const measured = await measure(jobOf(fourWith(name, ["wrong"])), COUNTS, QUIET);
  expect(measured.differs).toEqual([name]);
  for (const samples of measured.samples.values()) expect(samples).toEqual([]);
});

test("a result that is wrong once, in the last round, is caught", async () => {
  const measured = await measure(jobOf(fourWith("threads", ["right", "right", "right", "wrong"])), COUNTS, QUIET);
  expect(measured.differs).toEqual(["threads"]);
  expect(measured.samples.get("threads")).toEqual([]);
});

test("a plain loop that changes its mind is caught", async () => {
  const measured = await measure(jobOf(fourWith("plain", ["right", "wrong"])), COUNTS, QUIET);
  expect(measured.differs).toContain("plain");
});

test("one byte of many makes a difference", async () => {
  const right = new Uint8Array(100_000);
  const wrong = right.slice();
  wrong[99_999] = 1;
  const variants = [variantOf("plain", [right]), variantOf("threads", [wrong])];
  expect((await measure(jobOf(variants), COUNTS, QUIET)).differs).toEqual(["threads"]);
});

test("what was opened is closed when a run fails, and the failure comes through", async () => {
  const log: string[] = [];
  const failing = variantOf("threads", [], log);
  failing.run = () => Promise.reject(new Error("no such luck"));
  await expect(measure(jobOf([variantOf("plain", ["right"], log), failing]), COUNTS, QUIET)).rejects.toThrow("no such luck");
  expect(log).toContain("close plain");
  expect(log).toContain("close threads");
});

test("a variant that does not open closes the others", async () => {
  const log: string[] = [];
  const failing = variantOf("threads", [], log);
  failing.open = () => Promise.reject(new Error("no threads today"));
  await expect(measure(jobOf([variantOf("plain", ["right"], log), failing]), COUNTS, QUIET)).rejects.toThrow("no threads today");
  expect(log).toEqual(["open plain", "close plain"]);
});
