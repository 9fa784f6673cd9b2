/**
 * Curves: how something changes with something else, for several that are compared; and the same as a table.
 */
import { logTicks, ticks } from "./axis.ts";
import { wide } from "./document.ts";
import { type Content, type Html, html } from "./html.ts";

export interface Series {
  readonly name: string;
  /** The class that names its colour. */
  readonly kind: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Axis {
  readonly label: string;
  readonly scale: "linear" | "log";
  shown(value: number): string;
}

export interface Curves {
  readonly series: readonly Series[];
  /** Drawn dashed, and not in the table. */
  readonly ideal?: Series;
  readonly x: Axis;
  readonly y: Axis;
  readonly caption: Content;
}

const WIDTH = 1_000;
const HEIGHT = 280;

export function curvesFigure({ series, ideal, x, y, caption }: Curves): Html {
  const points = [...series, ...(ideal ? [ideal] : [])].flatMap((one) => one.points);
  const across = scaleOf(
    x,
    points.map((point) => point.x),
    WIDTH,
  );
  const up = scaleOf(
    y,
    points.map((point) => point.y),
    HEIGHT,
  );
  const place = (point: Point) => `${across.at(point.x).toFixed(1)} ${(HEIGHT - up.at(point.y)).toFixed(1)}`;
  const line = ({ points: list }: Series) => `M${list.map(place).join("L")}`;
  const label = `${y.label} by ${x.label}: ${series.map(({ name, points: list }) => `${name} ${list.map((point) => y.shown(point.y)).join(", ")}`).join("; ")}`;

  return html`<figure>
<ul class="keys">${[...series, ...(ideal ? [ideal] : [])].map(({ name, kind }) => html`<li class="${kind}">${name}</li>`)}</ul>
<p class="axis">${y.label}</p>
<div class="plot" style="height:${HEIGHT}px"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
${up.ticks.map((tick) => html`<path class="rule${tick === 1 && y.scale === "log" && " one-rule"}" d="M0 ${(HEIGHT - up.at(tick)).toFixed(1)}H${WIDTH}"/>`)}
${ideal && html`<path class="curve ideal" d="${line(ideal)}"/>`}
${series.map((one) => html`<g class="${one.kind}"><path class="curve" d="${line(one)}"/><path class="point" d="${one.points.map((point) => `M${place(point)}h0`).join("")}"/></g>`)}
</svg>
${up.ticks.map((tick) => html`<span class="y" style="top:${(100 - (100 * up.at(tick)) / HEIGHT).toFixed(2)}%">${y.shown(tick)}</span>`)}
${across.ticks.map((tick) => html`<span class="x" style="left:${((100 * across.at(tick)) / WIDTH).toFixed(2)}%">${x.shown(tick)}</span>`)}
</div>
<p class="axis below">${x.label}</p>
<figcaption>${caption}</figcaption>
<details><summary>The same as a table</summary>${curveTable(series, x, y)}</details>
</figure>\n`;
}

interface Scale {
  readonly ticks: readonly number[];
  /** Where a value lies along the axis, in the drawing's units. */
  at(value: number): number;
}

function scaleOf({ scale }: Axis, values: readonly number[], length: number): Scale {
  const most = Math.max(...values);
  if (scale === "linear") return { ticks: ticks(most), at: (value) => (length * value) / most };
  const list = logTicks(Math.min(...values), most);
  const [first, last] = [Math.log10(list[0]!), Math.log10(list.at(-1)!)];
  return { ticks: list, at: (value) => (length * (Math.log10(value) - first)) / (last - first) };
}

function curveTable(series: readonly Series[], x: Axis, y: Axis): Html {
  const places = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const cell = ({ points }: Series, place: number) => {
    const found = points.find((point) => point.x === place);
    return html`<td class="n">${found ? y.shown(found.y) : "–"}</td>`;
  };
  const table = html`<table><caption><span>${y.label} by ${x.label}</span></caption>
<thead><tr><th scope="col">contender</th>${places.map((place) => html`<th scope="col" class="n">${x.shown(place)}</th>`)}</tr></thead>
<tbody>${series.map((one) => html`<tr><th scope="row">${one.name}</th>${places.map((place) => cell(one, place))}</tr>\n`)}</tbody></table>`;
  return wide(`${y.label} by ${x.label}`, table);
}
