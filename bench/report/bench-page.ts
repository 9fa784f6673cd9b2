/**
 * Bench page: the benchmark's figures as a page, made from its JSON and nothing else.
 */
import type { Report, Result, TargetResult } from "../harness/report.ts";
import { badge, documentOf, facts, type Notice, tiles, wide } from "./document.ts";
import { type Content, type Html, html } from "./html.ts";
import { counted, figure, percent } from "./numbers.ts";
import { type Row, rowFigure, rowsOf } from "./rows.ts";
import { breakEven, scaledBy, scaling, sweptBy } from "./sweeps.ts";

export function benchPage(report: Report): string {
  const { machine, results, targets } = report;
  const met = targets.filter((target) => target.met === true).length;
  const judged = targets.filter((target) => target.met !== null).length;
  const rows = rowsOf(results);
  return documentOf({
    title: "Heddle benchmark",
    lead: html`${counted(rows.length, "row")} on ${machine.cores} × ${machine.cpuModel}: every round proved its output before its time counted.`,
    notices: noticesOf(report),
    body: html`
${tiles([
  { name: "targets met", value: `${met} of ${judged}`, note: targets.length > judged && `${targets.length - judged} not measured` },
  { name: "rows", value: rows.length, note: machine.failed.length > 0 && `${machine.failed.length} without figures` },
  { name: "contenders", value: new Set(results.map(({ contender }) => contender)).size },
  { name: "rounds", value: roundsOf(results), note: "of each contender, interleaved" },
])}
<h2 id="targets">Targets</h2>
${targetTable(targets)}
${laterOf(machine.later)}
${breakEven(rows)}
${scaling(rows, machine.cores)}
<h2 id="reading">How to read the rows</h2>
<p>A bar is the median of a contender's rounds, the line across it goes from the least to the greatest of them. Rounds of the contenders took turns, after every
thread had warmed up on its own. <em>Hot</em>: the peer is running; <em>cold</em>: it has slept for at least 10 ms. Absolute figures belong to this machine;
how the bars compare is the result.</p>
${rows.filter((row) => !isOfCurve(row)).map(rowFigure)}
${ofCurves(rows.filter(isOfCurve))}
<h2 id="machine">Machine</h2>
${machineFacts(report)}`,
    footer: html`Made from the figures of one run by <code>npm run bench</code>; not edited by hand.`,
  });
}

function noticesOf({ machine }: Report): Notice[] {
  const notices: Notice[] = [];
  if (machine.busy) {
    const text = html`<strong>A busy machine.</strong> Other programs used ${percent(machine.othersShare)} of the cores while rounds ran: the figures are noisy.`;
    notices.push({ kind: "warn", text });
  }
  if (machine.quick)
    notices.push({ kind: "warn", text: html`<strong>A quick run.</strong> It shows that the rows work, not how fast they are.` });
  if (machine.partial) notices.push({ kind: "warn", text: html`<strong>An interrupted run.</strong> Rows are missing.` });
  for (const { scenario, why } of machine.failed)
    notices.push({ kind: "bad", text: html`<strong>No figures for ${scenario}:</strong> ${why}` });
  return notices;
}

function targetTable(targets: readonly TargetResult[]): Html {
  if (targets.length === 0) return html`<p>This run measured nothing that a target is about.</p>`;
  const table = html`<table><caption><span>Each computed from the medians below. The ratio is what the target compares.</span></caption>
<thead><tr><th scope="col">row</th><th scope="col">target</th><th scope="col" class="n">ratio</th><th scope="col">met</th></tr></thead>
<tbody>${targets.map(({ id, target, ratio, met }) => html`<tr><th scope="row">${id}</th><td>${target}</td><td class="n">${ratio === null ? "" : ratio}</td><td>${verdict(met)}</td></tr>\n`)}</tbody></table>`;
  return wide("Targets", table);
}

function verdict(met: boolean | null): Html {
  if (met === null) return badge("not measured");
  return met ? badge("✓ met", "good") : badge("✗ not met", "bad");
}

function laterOf(later: Readonly<Record<string, string>>): Content {
  const list = Object.entries(later);
  return list.length > 0 && html`<p class="quiet">Not measured here: ${list.map(([id, what]) => `${id} (${what})`).join(", ")}.</p>`;
}

/** Drawn as a point of a curve already. */
function isOfCurve(row: Row): boolean {
  return sweptBy(row) !== undefined || scaledBy(row) !== undefined;
}

function ofCurves(rows: readonly Row[]): Content {
  return (
    rows.length > 0 &&
    html`<details><summary>${counted(rows.length, "row")} that the curves are made of</summary>${rows.map(rowFigure)}</details>`
  );
}

function roundsOf(results: readonly Result[]): string {
  const rounds = results.map((result) => result.rounds);
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)];
  return rounds.length === 0 ? "0" : least === most ? String(least) : `${least} to ${most}`;
}

function machineFacts({ machine }: Report): Html {
  return facts([
    ["cores", `${machine.cores} × ${machine.cpuModel}`],
    ["memory", `${figure(machine.memoryGiB)} GiB`],
    ["platform", machine.platform],
    ["load average", `${machine.loadAverage[0]} before, ${machine.loadAverage[1]} after`],
    ["used by others", `${percent(machine.othersShare)} of the cores, while rounds ran`],
    ["waited", `${(machine.waitedMs / 1_000).toFixed(0)} s for an idle machine`],
    [
      "versions",
      Object.entries(machine.versions)
        .map((pair) => pair.join(" "))
        .join(", "),
    ],
    ["skipped", machine.skipped.map(({ contender, why }) => `${contender}: ${why}`).join("; ") || "nobody"],
  ]);
}
