/**
 * Sweeps: rows that differ in one thing alone, as curves. From which length of a task on threads pay, by what goes with it; and what more threads bring.
 *
 * What differs stands in the rows' titles, and is read off them.
 */
import { type Axis, curvesFigure, type Point, type Series } from "./curves.ts";
import { wide } from "./document.ts";
import { type Content, type Html, html } from "./html.ts";
import { counted, figure } from "./numbers.ts";
import { isCeiling, isOurs, type Row, speedUps } from "./rows.ts";

const SWEEP = /^tasks of about (?<length>[\d.]+) (?<unit>µs|ms), (?<payload>.+), on (?<threads>\d+) threads?$/;
const SCALING = /^(?<work>.+), on (?<threads>\d+) threads?$/;
const US: Readonly<Record<string, number>> = { µs: 1, ms: 1_000 };

/** A task's length and what goes with it, of a row that is one of a sweep. */
export function sweptBy({ id, scenario }: Pick<Row, "id" | "scenario">): { us: number; payload: string } | undefined {
  const { length, unit, payload } = (id === "sweep" && SWEEP.exec(scenario)?.groups) || {};
  return length === undefined ? undefined : { us: Number(length) * US[unit!]!, payload: payload! };
}

/** What is done, and on how many threads, of a row that is one of a scaling. */
export function scaledBy({ id, scenario }: Pick<Row, "id" | "scenario">): { work: string; threads: number } | undefined {
  const { work, threads } = (id === "scaling" && SCALING.exec(scenario)?.groups) || {};
  return work === undefined ? undefined : { work, threads: Number(threads) };
}

const SPEED_UP: Omit<Axis, "scale"> = { label: "speed-up over the plain loop", shown: (factor) => `${Number(factor.toPrecision(3))} ×` };
const LENGTH: Axis = { label: "length of a task", scale: "log", shown: lengthShown };

export function breakEven(rows: readonly Row[]): Content {
  const groups = grouped(
    rows,
    sweptBy,
    ({ payload }) => payload,
    ({ us }) => us,
  );
  if (groups.size === 0) return undefined;
  return html`<h2 id="break-even">From which length of a task threads pay</h2>
<p>The same tasks in a plain loop, and spread over threads by each contender, which bears what it costs to hand one over. Above 1 × threads pay; where a curve
crosses that line is its break-even point.</p>
${breakEvenTable(groups)}
${[...groups].map(([payload, series]) => curvesFigure({ series, x: LENGTH, y: { ...SPEED_UP, scale: "log" }, caption: html`Tasks with <strong>${payload}</strong>.` }))}`;
}

export function scaling(rows: readonly Row[], cores: number): Content {
  const groups = grouped(
    rows,
    scaledBy,
    ({ work }) => work,
    ({ threads }) => threads,
  );
  if (groups.size === 0) return undefined;
  const x: Axis = { label: "threads", scale: "linear", shown: String };
  return html`<h2 id="scaling">What more threads bring</h2>
${[...groups].map(([work, series]) => {
  const most = Math.max(...series.flatMap(({ points }) => points.map((point) => point.x)));
  const corners = [...new Set([1, Math.min(cores, most), most])];
  const ideal: Series = {
    name: "as many times as cores",
    kind: "ideal",
    points: corners.map((threads) => ({ x: threads, y: Math.min(threads, cores) })),
  };
  return curvesFigure({ series, ideal, x, y: { ...SPEED_UP, scale: "linear" }, caption: html`${work}, on ${counted(cores, "core")}.` });
})}`;
}

/** The speed-ups of rows that belong together, a series a contender. */
function grouped<By>(
  rows: readonly Row[],
  read: (row: Row) => By | undefined,
  groupOf: (by: By) => string,
  placeOf: (by: By) => number,
): Map<string, Series[]> {
  const groups = new Map<string, Map<string, Point[]>>();
  for (const row of rows) {
    const by = read(row);
    if (by === undefined) continue;
    const group = groups.get(groupOf(by)) ?? new Map<string, Point[]>();
    groups.set(groupOf(by), group);
    for (const [contender, y] of speedUps(row)) group.set(contender, [...(group.get(contender) ?? []), { x: placeOf(by), y }]);
  }
  return new Map([...groups].filter(([, group]) => group.size > 0).map(([name, group]) => [name, seriesOf(group)]));
}

const OURS = ["threads", "inline"];
const THEIRS = ["four", "five", "six", "plain"];

function seriesOf(group: ReadonlyMap<string, readonly Point[]>): Series[] {
  const names = [...group.keys()];
  const kindOf = (name: string) => {
    if (isCeiling(name)) return "ceiling";
    const [own, kinds] = isOurs(name) ? [names.filter(isOurs), OURS] : [names.filter((one) => !isOurs(one) && !isCeiling(one)), THEIRS];
    return kinds[own.indexOf(name) % kinds.length]!;
  };
  return [...group].map(([name, points]) => ({ name, kind: kindOf(name), points: [...points].sort((a, b) => a.x - b.x) }));
}

function breakEvenTable(groups: ReadonlyMap<string, readonly Series[]>): Html {
  const names = [...new Set([...groups.values()].flatMap((series) => series.map(({ name }) => name)))];
  const cell = (name: string, series: readonly Series[]) => breakEvenPoint(series.find((one) => one.name === name)?.points ?? []);
  const table = html`<table><caption><span>Break-even points: the shortest tasks for which threads pay, between the lengths that were measured by interpolation.</span></caption>
<thead><tr><th scope="col">contender</th>${[...groups.keys()].map((payload) => html`<th scope="col" class="n">${payload}</th>`)}</tr></thead>
<tbody>${names.map((name) => html`<tr><th scope="row">${name}</th>${[...groups.values()].map((series) => html`<td class="n">${cell(name, series)}</td>`)}</tr>\n`)}</tbody></table>`;
  return wide("Break-even points", table);
}

/** From which place on the curve stays at 1 or above, in words. */
export function breakEvenPoint(points: readonly Point[]): string {
  const last = points.at(-1);
  if (!last) return "–";
  const below = points.findLastIndex(({ y }) => y < 1);
  if (below < 0) return `below ${lengthShown(points[0]!.x)}`;
  if (below === points.length - 1) return `above ${lengthShown(last.x)}`;
  const [a, b] = [points[below]!, points[below + 1]!];
  const share = Math.log(1 / a.y) / Math.log(b.y / a.y);
  return lengthShown(a.x * (b.x / a.x) ** share);
}

function lengthShown(us: number): string {
  return us < 1_000 ? `${figure(us)} µs` : `${figure(us / 1_000)} ms`;
}
