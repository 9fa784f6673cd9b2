/** What follows from the rows: break-even lengths, speed-ups. */
import { expect, test } from "vitest";
import type { Result } from "../../bench/harness/report.ts";
import { speedUps, whenNotTo } from "../../bench/harness/verdicts.ts";
import { breakEvens } from "../../bench/suites/break-even.ts";
import { threadCounts } from "../../bench/suites/scaling.ts";
import { POINTS, titleOf } from "../../bench/suites/sweep.ts";

const row = (id: string, scenario: string, contender: string, median: number): Result => ({
  id,
  scenario,
  contender,
  unit: "µs/task",
  median,
  min: median,
  max: median,
  rounds: 7,
});

/** A contender with so much overhead a task on two threads, beside a plain loop that takes what the title says. */
const swept = (contender: string, overheadUs: number): Result[] =>
  POINTS.filter(({ lengthBytes }) => lengthBytes === 0).flatMap(({ us, lengthBytes }) => [
    row("sweep", titleOf(us, lengthBytes), "plain", us),
    row("sweep", titleOf(us, lengthBytes), contender, us / 2 + overheadUs),
  ]);

test("the length is found between the lengths that were swept", () => {
  const [found] = breakEvens(swept("pool", 20));
  expect(found).toEqual({ contender: "pool", lengthBytes: 0, us: 40, side: "at" }); // 40 / 2 + 20
});

test("one that wins or loses everywhere has none, and it is said on which side", () => {
  expect(breakEvens(swept("pool", 0))).toEqual([{ contender: "pool", lengthBytes: 0, us: 1, side: "below" }]);
  expect(breakEvens(swept("pool", 9_000))).toEqual([{ contender: "pool", lengthBytes: 0, us: 10_000, side: "above" }]);
});

test("nothing swept, nothing said; else a table", () => {
  expect(whenNotTo([])).toEqual([]);
  const table = whenNotTo([...swept("pool", 20), ...swept("slow", 9_000)]).join("\n");
  expect(table).toContain("| pool | 40 µs |");
  expect(table).toContain("| slow | over 10 ms |");
});

test("speed-ups are those of the medians", () => {
  expect(speedUps([])).toEqual([]);
  const rows = [row("scaling", "on 2 threads", "plain", 100), row("scaling", "on 2 threads", "pool", 54)];
  expect(speedUps(rows).join("\n")).toContain("| on 2 threads | 1.85 × |");
});

test("threads from one to twice the cores, all of them where they are few", () => {
  expect(threadCounts(2)).toEqual([1, 2, 3, 4]);
  expect(threadCounts(6)).toEqual([1, 2, 4, 6, 8, 12]);
  expect(threadCounts(8)).toEqual([1, 2, 4, 8, 16]);
});
