/**
 * Markdown: docs/benchmarks.md, made from the figures and nothing else.
 */
import type { Report, Result } from "./report.ts";
import { shown, shownRatio } from "./table.ts";
import { speedUps, whenNotTo } from "./verdicts.ts";

export function markdown(report: Report): string {
  const { machine, results, targets } = report;
  const lines = [
    "# Benchmarks",
    "",
    "Made from the figures of one run by `npm run bench -- --full --markdown docs/benchmarks.md`; not edited by hand. Every round of every row proved its output",
    "(counts, sums, order) before its time counted. Medians of interleaved rounds (A B C, B C A, ...) after every thread had warmed up on its own; native",
    "programs warm up inside their process. *Hot*: the peer is running; *cold*: it has slept for at least 10 ms. Absolute figures belong to this machine;",
    "the ratios are the result.",
    "",
  ];
  if (machine.busy) lines.push("**A busy machine: other programs were at work during this run, and the figures are noisy.**", "");
  if (machine.quick)
    lines.push("**The quick form, or fewer rounds than targets are judged by: it shows that the rows work, not how fast they are.**", "");
  if (machine.partial) lines.push("**An interrupted run: rows are missing.**", "");
  lines.push(
    "## Machine",
    "",
    "| | |",
    "|---|---|",
    `| cores | ${machine.cores} × ${machine.cpuModel} |`,
    `| memory | ${machine.memoryGiB} GiB |`,
    `| platform | ${machine.platform} |`,
    `| load average, before and after | ${machine.loadAverage.join(" · ")} |`,
    `| cores used by other programs meanwhile | ${(machine.othersShare * 100).toFixed(1)} % |`,
    `| versions | ${Object.entries(machine.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(" · ")} |`,
    `| skipped | ${machine.skipped.map(({ contender, why }) => `${contender}: ${why}`).join(" · ") || "nobody"} |`,
    `| without figures | ${machine.failed.map(({ scenario, why }) => `${scenario}: ${why}`).join(" · ") || "none"} |`,
    "",
    "## Targets",
    "",
    "| id | target | ratio | met |",
    "|---|---|---:|---|",
    ...targets.map(
      ({ id, target, ratio, met }) =>
        `| ${id} | ${target} | ${ratio === null ? "" : shownRatio(ratio)} | ${met === null ? "not measured" : met ? "yes" : "**no**"} |`,
    ),
    "",
  );
  const later = Object.entries(machine.later).map(([id, what]) => `${id} (${what})`);
  if (later.length > 0) lines.push(`Not measured yet: ${later.join(" · ")}.`, "");
  lines.push(...whenNotTo(results), ...speedUps(results), "## Results");
  for (const group of byScenario(results)) {
    const { id, scenario, unit } = group[0]!;
    lines.push("", `### ${id} ${scenario}`, "", `| contender | ${unit}, median | min | max | rounds |`, "|---|---:|---:|---:|---:|");
    for (const one of group) {
      lines.push(`| ${one.contender} | ${shown(one.median)} | ${shown(one.min)} | ${shown(one.max)} | ${one.rounds} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function byScenario(results: readonly Result[]): Result[][] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const group = groups.get(result.scenario);
    if (group) group.push(result);
    else groups.set(result.scenario, [result]);
  }
  return [...groups.values()];
}
