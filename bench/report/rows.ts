/**
 * Rows: the benchmark's results by scenario, and each as a figure.
 */
import type { Result } from "../harness/report.ts";
import { type Bar, barTable } from "./bars.ts";
import { badge } from "./document.ts";
import { type Content, type Html, html, idOf } from "./html.ts";
import { percent, times } from "./numbers.ts";

/** The results of one scenario, the figures of its contenders. */
export interface Row {
  readonly id: string;
  readonly scenario: string;
  readonly unit: string;
  readonly results: readonly Result[];
}

/** What every speed-up is over: the work as a loop. */
const PLAIN = "plain";
/** What nobody goes beyond. */
const CEILING = /^bare Workers/;

export function rowsOf(results: readonly Result[]): Row[] {
  const rows = new Map<string, Row & { results: Result[] }>();
  for (const result of results) {
    const { id, scenario, unit } = result;
    const row = rows.get(scenario) ?? { id, scenario, unit, results: [] };
    row.results.push(result);
    rows.set(scenario, row);
  }
  return [...rows.values()];
}

export function isOurs(contender: string): boolean {
  return /^heddle\b/.test(contender);
}

export function isCeiling(contender: string): boolean {
  return CEILING.test(contender);
}

/** How many times faster than the plain loop each of the others was; empty where there is none, or no time was measured. */
export function speedUps({ results, unit }: Row): Map<string, number> {
  const plain = results.find(({ contender }) => contender === PLAIN);
  if (!plain || isRate(unit)) return new Map();
  return new Map(
    results.filter((one) => one !== plain && one.median > 0).map(({ contender, median }) => [contender, plain.median / median]),
  );
}

export function rowFigure(row: Row): Html {
  const { id, scenario, unit, results } = row;
  const factors = speedUps(row);
  const bars = results.map(({ contender, median, min, max }): Bar => {
    const factor = factors.get(contender);
    const kind = isOurs(contender) ? "threads" : isCeiling(contender) ? "ceiling" : "plain";
    const note = factor === undefined ? undefined : `${times(factor)} plain’s speed`;
    return { label: contender, kind, isOurs: isOurs(contender), median, min, max, note };
  });
  const caption = `${unit}; ${isRate(unit) ? "more is better" : "less is better"}`;
  return html`<h3 id="${idOf(`${id} ${scenario}`)}">${badge(id)} ${scenario}</h3>
<figure>${barTable({ caption, what: "contender", unit, bars })}${againstCeiling(factors)}</figure>\n`;
}

function againstCeiling(factors: ReadonlyMap<string, number>): Content {
  const ceiling = [...factors].find(([contender]) => isCeiling(contender));
  const ours = [...factors].filter(([contender]) => isOurs(contender) && !contender.endsWith("threads: 0"));
  if (!ceiling || ours.length === 0) return undefined;
  const shares = ours.map(([contender, factor]) => html` <strong>${contender}</strong> reaches ${percent(factor / ceiling[1])} of that.`);
  return html`<figcaption>The ceiling, ${ceiling[0]}, is ${times(ceiling[1])} the plain loop’s speed.${shares}</figcaption>`;
}

/** Things in a time, of which more is better; everything else is a cost. */
function isRate(unit: string): boolean {
  return unit.endsWith("/s");
}
