/** The benchmark's page: targets, rows, and curves where rows differ in one thing alone. */
import { expect, test } from "vitest";
import { benchPage } from "../../bench/report/index.ts";
import { breakEvenPoint, scaledBy, sweptBy } from "../../bench/report/sweeps.ts";
import { SUITES } from "../../bench/suites/index.ts";
import { attribute, benchReport, read, result, textOf } from "./support.ts";

const S1 = "a channel";
const RESULTS = [
  result("S1", S1, "heddle", 40),
  result("S1", S1, "message-port", 800),
  result("S10", "tasks & <more>", "heddle", 5e5, "tasks/s"),
];
const TARGETS = [
  { id: "S1", target: "≥ 20 × faster", ratio: 20, met: true },
  { id: "S2", target: "≤ 0.6 ×", ratio: 0.7, met: false },
  { id: "S3", target: "≤ 1 ×", ratio: null, met: null },
];

function sweepOf(lengths: readonly number[], payload: string, cost: number) {
  return lengths.flatMap((us) => {
    const title = `tasks of about ${us < 1_000 ? `${us} µs` : `${us / 1_000} ms`}, ${payload}, on 2 threads`;
    return [result("sweep", title, "plain", us, "µs/task"), result("sweep", title, "heddle, pool", us / 2 + cost, "µs/task")];
  });
}

const scalingOf = (counts: readonly number[]) =>
  counts.flatMap((threads) => {
    const title = `64 tasks, on ${threads} thread${threads === 1 ? "" : "s"}`;
    return [
      result("scaling", title, "plain", 64, "ms"),
      result("scaling", title, "heddle", 64 / Math.min(threads, 2), "ms"),
      result("scaling", title, "bare Workers", 60 / Math.min(threads, 2), "ms"),
    ];
  });

test("well formed, loads nothing, says which targets are met", () => {
  const page = benchPage(benchReport(RESULTS, { targets: TARGETS }));
  const { errors, elements } = read(page);
  expect(errors).toEqual([]);
  expect(page).not.toMatch(/https?:\/\/|<script|<link|url\(/);
  const rows = elements("tr").map((tr) => textOf(tr));
  expect(rows).toContain("S1≥ 20 × faster20✓ met");
  expect(rows).toContain("S2≤ 0.6 ×0.7✗ not met");
  expect(rows).toContain("S3≤ 1 ×not measured");
  expect(textOf(elements("dl")[0]!)).toContain("1 of 2");
});

test("a row is a figure: median, spread, and which way is better", () => {
  const { elements } = read(benchPage(benchReport(RESULTS)));
  const headings = elements("h3").map(textOf);
  expect(headings).toEqual(["S1 a channel", "S10 tasks & <more>"]);
  const [first, second] = elements("figure").map(textOf);
  expect(first).toContain("less is better");
  expect(first).toMatch(/heddle\s+40\s*36 – 48/);
  expect(first).toMatch(/message-port\s+800\s*720 – 960/);
  expect(second).toContain("more is better");
});

test("bars are as long as what they stand for", () => {
  const { elements } = read(benchPage(benchReport(RESULTS.slice(0, 2))));
  const widths = elements("rect").map((rect) => Number(attribute(rect, "width")));
  expect(widths[0]! / widths[1]!).toBeCloseTo(40 / 800, 2);
  expect(widths[1]).toBeCloseTo((100 * 800) / 960, 1);
});

test("beside the ceiling: the speed-up of each, and the share of the ceiling", () => {
  const job = ["plain", "heddle, threads: 0", "heddle", "bare Workers"].map((name, i) =>
    result("S11", "a job", name, [600, 610, 320, 300][i]!, "ms"),
  );
  const [figure] = read(benchPage(benchReport(job)))
    .elements("figure")
    .map(textOf);
  expect(figure).toContain("1.88 × plain’s speed");
  expect(figure).toContain("The ceiling, bare Workers, is 2.00 × the plain loop’s speed. heddle reaches 94 % of that.");
});

test("a sweep becomes curves with their break-even points, and the same as a table", () => {
  const lengths = [1, 10, 100, 1_000];
  const page = benchPage(benchReport([...sweepOf(lengths, "no payload", 5), ...sweepOf(lengths, "64 KiB", 500)]));
  const { errors, elements } = read(page);
  expect(errors).toEqual([]);
  expect(elements("path").filter((path) => attribute(path, "class") === "curve")).toHaveLength(2);
  expect(textOf(elements("main")[0]!)).toContain("8 rows that the curves are made of");
  const cells = elements("tr").map(textOf);
  expect(cells.filter((cell) => cell.startsWith("heddle, pool"))).toContain("heddle, pool10 µs1 ms");
  expect(cells).toContain("heddle, pool0.182 ×1 ×1.82 ×1.98 ×");
});

test("break-even: between two lengths, below the shortest, above the longest", () => {
  const at = (...factors: number[]) => factors.map((y, i) => ({ x: 10 ** i, y }));
  expect(breakEvenPoint(at(0.5, 2))).toBe("3.16 µs");
  expect(breakEvenPoint(at(1.2, 2))).toBe("below 1 µs");
  expect(breakEvenPoint(at(0.2, 0.5))).toBe("above 10 µs");
  expect(breakEvenPoint(at(1.2, 0.5, 2))).toBe("31.6 µs");
  expect(breakEvenPoint([])).toBe("–");
});

test("a scaling becomes a curve beside what the cores could give", () => {
  const page = benchPage(benchReport(scalingOf([1, 2, 3, 4])));
  const { errors, elements } = read(page);
  expect(errors).toEqual([]);
  expect(elements("path").map((path) => attribute(path, "class"))).toEqual(expect.arrayContaining(["curve ideal", "curve"]));
  expect(elements("tr").map(textOf)).toContain("heddle1 ×2 ×2 ×2 ×");
});

test("without such rows there are no such headings", () => {
  const page = benchPage(benchReport(RESULTS));
  expect(page).not.toMatch(/id="break-even"|id="scaling"/);
});

test("the titles of the real sweep and scaling are understood", () => {
  const titles = (name: string) => SUITES.find((suite) => suite.name === name)!.scenarios({ quick: true });
  const swept = titles("sweep").map(({ id, title }) => sweptBy({ id, scenario: title }));
  expect(swept).toHaveLength(15);
  expect(swept).toContainEqual({ us: 10_000, payload: "64 KiB" });
  expect(swept).not.toContain(undefined);
  const scaled = titles("scaling").map(({ id, title }) => scaledBy({ id, scenario: title }));
  expect(scaled[0]).toMatchObject({ threads: 1 });
  expect(new Set(scaled.map((one) => one?.work)).size).toBe(1);
  for (const { id, title } of titles("channels"))
    expect(sweptBy({ id, scenario: title }) ?? scaledBy({ id, scenario: title })).toBeUndefined();
});

test("a busy machine, a quick run, rows without figures and those who were skipped are told", () => {
  const quiet = read(benchPage(benchReport(RESULTS)))
    .elements("header")
    .map(textOf)[0];
  expect(quiet).not.toMatch(/busy|quick|No figures/);
  const machine = {
    busy: true,
    othersShare: 0.37,
    quick: true,
    failed: [{ scenario: "<b>", why: "a wrong sum" }],
    skipped: [{ contender: "go", why: "not installed" }],
  };
  const { elements } = read(benchPage(benchReport(RESULTS, {}, machine)));
  expect(textOf(elements("header")[0]!)).toMatch(/used 37 % of the cores.*A quick run\..*No figures for <b>: a wrong sum/s);
  expect(textOf(elements("main")[0]!)).toContain("go: not installed");
});

test("nothing measured is a page, too", () => {
  expect(read(benchPage(benchReport([]))).errors).toEqual([]);
});
