/**
 * Bars: measured values beside each other, each a bar from nothing to its median, with a line from its least to its greatest.
 *
 * A table whose cells hold the drawing and the figure: who cannot see the one reads the other.
 */
import { type Content, type Html, html } from "./html.ts";
import { figure } from "./numbers.ts";

export interface Bar {
  readonly label: Content;
  /** The class that names its colour. */
  readonly kind: string;
  /** It is what the page is about. */
  readonly isOurs?: boolean;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** What was measured, where that is known; else the two ends alone are drawn. */
  readonly samples?: readonly number[];
  readonly note?: Content;
}

export interface BarTable {
  readonly caption: Content;
  /** What the labels are. */
  readonly what: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const HEIGHT = 24;

export function barTable({ caption, what, unit, bars }: BarTable): Html {
  const most = Math.max(...bars.map(({ max, median }) => Math.max(max, median)), Number.MIN_VALUE);
  return html`<table class="bars"><caption>${caption}</caption>
<thead><tr><th scope="col">${what}</th><th scope="col"><span class="quiet">0 to ${figure(most)} ${unit}</span></th><th scope="col" class="n">${unit}</th></tr></thead>
<tbody>${bars.map((bar) => row(bar, most))}</tbody></table>`;
}

function row(bar: Bar, most: number): Html {
  const { label, kind, isOurs, median, min, max, note } = bar;
  return html`<tr class="${kind}${isOurs === true && " ours"}"><th scope="row">${label}${note !== undefined && html`<small>${note}</small>`}</th>
<td class="track">${drawing(bar, most)}</td><td class="n">${figure(median)}<small>${min === max ? "" : `${figure(min)} – ${figure(max)}`}</small></td></tr>\n`;
}

function drawing({ median, min, max, samples = [] }: Bar, most: number): Html {
  const x = (value: number) => ((100 * value) / most).toFixed(2);
  const middle = HEIGHT / 2;
  return html`<svg viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><rect class="fill" x="0" y="4" width="${x(median)}" height="${HEIGHT - 8}"/><path class="spread" d="M${x(min)} ${middle}H${x(max)}M${x(min)} ${middle - 4}v8M${x(max)} ${middle - 4}v8"/>${samples.map((value) => html`<path class="dot" d="M${x(value)} ${middle}h0"/>`)}</svg>`;
}

/** A bar of a speed-up, with a mark where the ceiling is. */
export function gauge(value: number, ceiling: number | null, most: number): Html {
  const x = (factor: number) => ((100 * factor) / most).toFixed(2);
  return html`<svg viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><rect class="fill" x="0" y="6" width="${x(value)}" height="${HEIGHT - 12}"/>${ceiling !== null && html`<path class="mark" d="M${x(ceiling)} 2v${HEIGHT - 4}"/>`}</svg>`;
}
