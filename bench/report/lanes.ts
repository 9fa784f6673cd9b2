/**
 * Lanes: the space-time picture of a recorded run. Time goes to the right, each thread is a lane, each call a bar on it, and values cross between lanes
 * as lines, which lean as far as the value was on its way.
 *
 * What would be too fine to see is drawn together: bars closer than a pixel as one, and of very many lines every n-th.
 */
import { ticks } from "./axis.ts";
import { type Content, type Html, html } from "./html.ts";
import { counted, figure, milliseconds, percent } from "./numbers.ts";
import type { Call, Crossing, Recording } from "./recording/recording.ts";
import { SERIES } from "./style.ts";

const WIDTH = 1_000;
/** What a pixel is, about, of the picture's width. */
const FINE = 1;
const MOST_LINES = 500;
const MOST_LANES = 24;
/** Calls of one thread that are under way at once lie below each other. */
const MOST_ROWS = 5;
const BAR_HEIGHT = 24;
const ROW_HEIGHT = 11;
const GAP = 30;

export function lanesFigure(recording: Recording, caption: Content): Html {
  const { calls, crossings, lanes, ms, lost } = recording;
  const names = [...new Set(calls.map(({ name }) => name))];
  const kinds = new Map(names.map((name, i) => [name, SERIES[i % SERIES.length]!]));
  const rows = placed(recording);
  const shown = lanes.slice(0, MOST_LANES);
  let y = 0;
  const places = shown.map((lane, i) => {
    const count = Math.max(1, ...rows.filter((row) => row.call.lane === i).map((row) => row.row + 1));
    const height = i === 0 && !calls.some((call) => call.lane === 0) ? 8 : count === 1 ? BAR_HEIGHT : count * ROW_HEIGHT;
    const place = { lane, top: y, height, rowHeight: height / count };
    y += height + GAP;
    return place;
  });
  const height = y - GAP;
  const x = (at: number) => ((WIDTH * at) / Math.max(ms, 1e-9)).toFixed(1);
  const drawn = everyNth(crossings.filter(({ from, to }) => from < places.length && to < places.length));

  return html`<figure class="lanes">
<ul class="keys">${names.map((name) => html`<li class="${kinds.get(name)!}"><code>${name}</code></li>`)}<li class="crossing">values between threads</li></ul>
<div class="plot" style="height:${height}px"><svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-label="${summary(recording)}">
${ticks(ms).map((at) => html`<path class="rule" d="M${x(at)} 0V${height}"/>`)}
${places.map(({ top, height: thick }) => html`<rect class="floor" x="0" y="${top}" width="${WIDTH}" height="${thick}"/>`)}
<path class="cross" d="${drawn.map((crossing) => `M${leaving(crossing)}L${arriving(crossing)}`).join("")}"/>
${merged(
  rows.filter(({ call }) => call.lane < places.length),
  ms,
).map(({ call, row, count, end }) => {
  const { top, rowHeight } = places[call.lane]!;
  const width = Math.max(FINE, (WIDTH * (end - call.begin)) / ms).toFixed(1);
  const what = count > 1 ? counted(count, `call of ${call.name}`, `calls of ${call.name}`) : call.name;
  const open = call.end === undefined;
  const title = `${what}: ${milliseconds(end - call.begin)} from ${milliseconds(call.begin)} on${open ? ", until its thread died" : ""}`;
  return html`<rect class="call ${kinds.get(call.name)!}${open && " open"}" x="${x(call.begin)}" y="${(top + row * rowHeight).toFixed(1)}" width="${width}" height="${(rowHeight - (rowHeight < BAR_HEIGHT ? 1 : 0)).toFixed(1)}"><title>${title}</title></rect>`;
})}
<path class="arrival" d="${drawn.map((crossing) => `M${arriving(crossing)}h0`).join("")}"/>
</svg>
${places.map(({ lane, top, height: thick }) => html`<span class="lane" style="top:${top + thick / 2}px">${lane.name}</span>`)}
${ticks(ms).map((at) => html`<span class="x" style="left:${((100 * at) / ms).toFixed(2)}%">${figure(at)}</span>`)}
</div>
<p class="axis below">milliseconds since the run began</p>
<figcaption>${caption} ${summary(recording)}${drawn.length < crossings.length && html` Of the lines every ${Math.ceil(crossings.length / MOST_LINES)}th is drawn.`}${lanes.length > MOST_LANES && html` ${counted(lanes.length - MOST_LANES, "further thread")} not drawn.`}${lost > 0 && html` The last ${counted(lost, "event")} found no room in the recording.`}</figcaption>
${laneTable(recording)}
</figure>`;

  function leaving({ from, to, sent }: Crossing): string {
    const place = places[from]!;
    return `${x(sent)} ${from < to ? place.top + place.height : place.top}`;
  }
  function arriving({ from, to, received }: Crossing): string {
    const place = places[to]!;
    return `${x(received)} ${from < to ? place.top : place.top + place.height}`;
  }
}

interface Placed {
  readonly call: Call;
  readonly row: number;
  readonly end: number;
  readonly count: number;
}

/** Gives each call of a lane the first row that is free. */
function placed({ calls, ms }: Recording): Placed[] {
  const free = new Map<number, number[]>();
  return calls.map((call) => {
    const end = call.end ?? ms;
    const rows = free.get(call.lane) ?? free.set(call.lane, []).get(call.lane)!;
    let row = rows.findIndex((until) => until <= call.begin);
    if (row < 0) row = Math.min(rows.length, MOST_ROWS - 1);
    rows[row] = Math.max(end, rows[row] ?? 0);
    return { call, row, end, count: 1 };
  });
}

/** Calls too short to see, and too close to their neighbour to be told apart from it, as one. */
function merged(list: readonly Placed[], ms: number): Placed[] {
  const pixel = (FINE * ms) / WIDTH;
  const last = new Map<string, number>();
  const result: Placed[] = [];
  for (const one of list) {
    const key = `${one.call.lane}/${one.row}/${one.call.name}`;
    const at = last.get(key);
    const before = at === undefined ? undefined : result[at]!;
    if (before && one.end - one.call.begin < pixel && one.call.begin - before.end < pixel) {
      result[at!] = { ...before, end: Math.max(before.end, one.end), count: before.count + 1 };
    } else {
      last.set(key, result.push(one) - 1);
    }
  }
  return result;
}

function everyNth(crossings: readonly Crossing[]): Crossing[] {
  const step = Math.max(1, Math.ceil(crossings.length / MOST_LINES));
  return crossings.filter((_, i) => i % step === 0);
}

/** The picture in words. */
function summary({ ms, lanes, calls, crossings }: Recording): string {
  const names = [...new Set(calls.map(({ name }) => name))];
  const made = names.map((name) => counted(calls.filter((call) => call.name === name).length, `call of ${name}`, `calls of ${name}`));
  const crossed = (["task", "value", "job", "result"] as const).flatMap((what) => {
    const count = crossings.filter((crossing) => crossing.what === what).reduce((sum, crossing) => sum + crossing.count, 0);
    return count === 0 ? [] : [counted(count, what)];
  });
  const threads = counted(lanes.length - 1, "thread");
  return `${milliseconds(ms)} on ${threads} beside main: ${made.join(", ") || "no calls"}; ${crossed.join(", ") || "nothing"} crossed between threads.`;
}

function laneTable({ lanes, calls, crossings, ms }: Recording): Html {
  const rows = lanes.map(({ name }, lane) => {
    const own = calls.filter((call) => call.lane === lane);
    const total = (list: readonly Crossing[]) => list.reduce((sum, { count }) => sum + count, 0).toLocaleString("en-US");
    const busy = coveredMs(own, ms);
    return html`<tr><th scope="row">${name}</th><td class="n">${own.length}</td><td class="n">${milliseconds(busy)}</td><td class="n">${percent(busy / Math.max(ms, 1e-9))}</td><td class="n">${total(crossings.filter(({ from }) => from === lane))}</td><td class="n">${total(crossings.filter(({ to }) => to === lane))}</td></tr>\n`;
  });
  return html`<details><summary>The same as a table</summary><div class="wide" role="region" aria-label="Threads" tabindex="0"><table><caption><span>What each thread did in the recorded run</span></caption>
<thead><tr><th scope="col">thread</th><th scope="col" class="n">calls</th><th scope="col" class="n">in calls</th><th scope="col" class="n">of the run</th><th scope="col" class="n">values out</th><th scope="col" class="n">values in</th></tr></thead>
<tbody>${rows}</tbody></table></div></details>`;
}

/** How long at least one of the calls was under way. */
function coveredMs(calls: readonly Call[], ms: number): number {
  let covered = 0;
  let until = 0;
  for (const { begin, end = ms } of calls) {
    covered += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
  }
  return covered;
}
