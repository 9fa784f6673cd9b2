/** The whole: what is written, what is skipped, what fails. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runBench } from "../../bench/harness/bench.ts";
import { type BenchOptions, parseCommandLine } from "../../bench/harness/cli.ts";
import { markdown } from "../../bench/harness/markdown.ts";
import { judge, type Report } from "../../bench/harness/report.ts";
import type { Around } from "../../bench/harness/run.ts";
import { type Contender, FAMILIES, type Suite, type Target } from "../../bench/harness/scenario.ts";
import { contender, scenario } from "./support.ts";

const A = { scenario: "made up", contender: "A" };
const TARGETS: Target[] = [{ id: "S1", target: "≤ 0.6 × B", of: A, to: { scenario: "made up", contender: "B" }, atMost: 0.6 }];

function suite(contenders: readonly Contender[], targets = TARGETS): Suite {
  return { name: "channels", scenarios: () => [scenario(contenders)], targets, later: { S2: "bulk" } };
}

async function run(
  made: Suite,
  more: Partial<BenchOptions> = {},
  around: Around = {},
): Promise<{ code: number; report: Report; said: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bench-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const json = join(folder, "out/bench.json");
  const options = {
    suites: ["channels"],
    contenders: FAMILIES,
    rows: undefined,
    rounds: 3,
    quick: true,
    patienceMs: 0,
    json,
    markdown: undefined,
    html: undefined,
    from: undefined,
    ...more,
  };
  const said: string[] = [];
  const code = await runBench(options, [made], (text) => said.push(text), around);
  return { code, report: JSON.parse(readFileSync(json, "utf8")), said: said.join("\n"), folder };
}

test("figures, targets and the machine, as they were announced", async () => {
  const { code, report, said } = await run(suite([contender("A", { values: [5, 6, 4] }), contender("B", { values: [10], family: "go" })]));
  expect(code).toBe(0);
  expect(Object.keys(report)).toEqual(["machine", "results", "targets"]);
  expect(report.results).toEqual([
    { id: "S1", scenario: "made up", contender: "A", unit: "ns/item", median: 5, min: 4, max: 6, rounds: 3 },
    { id: "S1", scenario: "made up", contender: "B", unit: "ns/item", median: 10, min: 10, max: 10, rounds: 3 },
  ]);
  expect(report.targets).toEqual([{ id: "S1", target: "≤ 0.6 × B", ratio: 0.5, met: true }]);
  expect(report.machine).toMatchObject({ quick: true, skipped: [], failed: [], later: { S2: "bulk" } });
  for (const key of ["cores", "cpuModel", "platform", "loadAverage", "othersShare", "busy", "waitedMs"])
    expect(report.machine).toHaveProperty(key);
  expect(report.machine.versions).toMatchObject({ node: process.versions.node, v8: process.versions.v8 });
  for (const word of ["made up", "ns/item", "≤ 0.6 × B"]) expect(said).toContain(word);
});

test("a contender that drops the work: no figures for its row, the others' too, and exit code 1", async () => {
  const lossy = contender("B", { values: [0.001], seen: [{ count: 9, sum: 36 }] });
  const { code, report, said } = await run(suite([contender("A"), lossy]));
  expect(code).toBe(1);
  expect(report.results).toEqual([]);
  expect(report.targets[0]).toMatchObject({ ratio: null, met: null });
  expect(report.machine.failed[0]!.why).toContain("B did not do the work: count: expected 10, saw 9");
  expect(said).toContain("no figures");
});

test("who is missing or not asked for is skipped, and said to be", async () => {
  const made = suite([
    contender("A"),
    contender("B", { family: "go", missing: "go is not installed" }),
    contender("C", { family: "rust" }),
    contender("D", { family: "piscina" }),
  ]);
  const { code, report, said } = await run(made, { contenders: ["heddle", "go", "piscina"] });
  expect(code).toBe(0);
  expect(report.results.map((result) => result.contender)).toEqual(["A", "D"]);
  expect(report.machine.skipped).toEqual([
    { contender: "go", why: "go is not installed" },
    { contender: "rust", why: "not asked for" },
  ]);
  expect(said).toContain("skipped: go: go is not installed");
});

test("targets are computed", () => {
  const result = (name: string, median: number) => ({
    id: "S1",
    scenario: "made up",
    contender: name,
    unit: "ns",
    median,
    min: median,
    max: median,
    rounds: 7,
  });
  const results = [result("A", 6), result("B", 10)];
  const B = { scenario: "made up", contender: "B" };
  const met = (target: Omit<Target, "id" | "target">) => judge([{ id: "S1", target: "t", ...target }], results)[0]!;
  expect(met({ of: A, to: B, atMost: 0.6 })).toMatchObject({ ratio: 0.6, met: true });
  expect(met({ of: A, to: B, atMost: 0.599 })).toMatchObject({ ratio: 0.6, met: false });
  expect(met({ of: B, to: A, atLeast: 1.6 })).toMatchObject({ ratio: 1.667, met: true });
  expect(met({ of: B, to: A, atLeast: 20 })).toMatchObject({ met: false });
  expect(met({ of: A, to: 3, atMost: 1 })).toMatchObject({ ratio: 2, met: false });
  expect(met({ of: B, to: A, plus: 4, atMost: 1 })).toMatchObject({ ratio: 1, met: true });
  expect(met({ of: A, to: { scenario: "made up", contender: "nobody" }, atMost: 9 })).toMatchObject({ ratio: null, met: null });
});

test("the page is made from the figures, without a date, and again from the file", async () => {
  const made = suite([contender("A", { values: [5] }), contender("B", { values: [10] })]);
  const { report, folder } = await run(made);
  const page = markdown({
    ...report,
    machine: { ...report.machine, busy: true, skipped: [{ contender: "go", why: "go is not installed" }] },
  });
  for (const words of [
    "A busy machine",
    "The quick form",
    "go: go is not installed",
    "| S1 | ≤ 0.6 × B | 0.500 | yes |",
    "S2 (bulk)",
    "| A | 5 | 5 | 5 | 3 |",
  ])
    expect(page).toContain(words);
  expect(page).not.toMatch(/\b20\d\d-\d\d/);
  const file = join(folder, "page.md");
  const again = {
    suites: [],
    contenders: FAMILIES,
    rows: undefined,
    rounds: 1,
    quick: false,
    patienceMs: 0,
    json: "",
    markdown: file,
    html: undefined,
    from: join(folder, "out/bench.json"),
  };
  expect(await runBench(again, [], () => undefined)).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(markdown(report));
});

test("rows that were not asked for are left out, their targets too", async () => {
  const made: Suite = {
    ...suite([contender("A", { values: [5] }), contender("B", { values: [10] })]),
    scenarios: () => [
      scenario([contender("A", { values: [5] }), contender("B", { values: [10] })]),
      scenario([contender("A"), contender("B")], { id: "S2", title: "another" }),
    ],
  };
  const { report } = await run(made, { rows: ["S2"] });
  expect(report.results.map(({ id }) => id)).toEqual(["S2", "S2"]);
  expect(report.targets).toEqual([]);
});

test("the command line: the quick form of everything, and all of it with --full", () => {
  const streams = { out: () => undefined, err: () => undefined };
  const everything = { suites: ["channels", "tasks"], contenders: FAMILIES };
  expect(parseCommandLine([], ["channels", "tasks"], streams)).toMatchObject({ ...everything, rounds: 3, quick: true });
  expect(parseCommandLine(["--full"], ["channels", "tasks"], streams)).toMatchObject({ ...everything, rounds: 7, quick: false });
});

test("fewer rounds than targets are judged by: said on every output, whatever form it is", async () => {
  const html = join(mkdtempSync(join(tmpdir(), "heddle-bench-test-")), "page.html");
  const made = suite([contender("A"), contender("B")]);
  const { report, said } = await run(made, { quick: false, rounds: 6, html });
  expect(report.machine.quick).toBe(true);
  expect(said).toContain("fewer rounds than 7");
  expect(markdown(report)).toContain("fewer rounds than targets are judged by");
  expect(readFileSync(html, "utf8")).toContain("quick run");
  rmSync(html);
  const { report: full, said: nothing } = await run(made, { quick: false, rounds: 7 });
  expect(full.machine).toMatchObject({ quick: false, partial: false });
  expect(nothing).not.toContain("fewer rounds");
  expect(markdown(full)).not.toContain("fewer rounds");
});

test("two contenders that were swapped: no figures, and who did it", async () => {
  const { code, report } = await run(suite([contender("A", { by: "B" }), contender("B", { by: "A" })]));
  expect(code).toBe(1);
  expect(report.results).toEqual([]);
  expect(report.machine.failed[0]!.why).toContain("expected the work to be done by A, it was done by B");
});

test("an interrupted run leaves what was measured, and says that it is not all", async () => {
  const interrupt = new AbortController();
  const ends = contender("C", {
    run: () => {
      interrupt.abort();
      return new Promise<never>(() => undefined);
    },
  });
  const log: string[] = [];
  const made: Suite = {
    ...suite([]),
    scenarios: () => [
      scenario([contender("A", { values: [5] }), contender("B", { values: [10] })]),
      scenario([contender("D", { log }), ends], { title: "interrupted" }),
      scenario([contender("E", { log })], { title: "never begun" }),
    ],
  };
  const html = join(mkdtempSync(join(tmpdir(), "heddle-bench-test-")), "page.html");
  const { code, report, said } = await run(made, { html }, { signal: interrupt.signal });
  expect(code).toBe(130);
  expect(report.results.map(({ contender: name }) => name)).toEqual(["A", "B"]);
  expect(report.targets).toEqual([{ id: "S1", target: "≤ 0.6 × B", ratio: 0.5, met: true }]);
  expect(report.machine).toMatchObject({ partial: true, failed: [] });
  expect(log).toEqual(["open D", "D", "close D"]);
  expect(said).toContain("interrupted");
  expect(markdown(report)).toContain("An interrupted run");
  expect(readFileSync(html, "utf8")).toContain("An interrupted run");
  rmSync(html);
});
