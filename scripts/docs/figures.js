// The measured table of README.md, and the break-even of docs/when-not-to.md, made from docs/benchmarks.md and docs/lab.md, which their commands have made.
//
//   node scripts/docs/figures.js           writes them between the markers
//   node scripts/docs/figures.js --check   writes nothing, and exits 1 if they are not as they should be

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * What is shown: the scenario as docs/benchmarks.md names it, our contender, and those beside it with the name they get here. `isLater`: until it was
 * measured there is no row.
 */
const ROWS = [
  {
    what: "a number through a channel between two threads, one a call",
    scenario: "S1 f64, capacity 1024, one to one on two threads, sendSync/recvSync",
    ours: "heddle, one-to-one",
    beside: { go: "Go", "message-port": "MessagePort" },
  },
  {
    what: "the same, `for await` on the main thread",
    scenario: "S4 f64, capacity 1024, for await on the main thread fed by one thread",
    ours: "heddle",
    beside: { "message-port": "MessagePort" },
  },
  {
    what: "a struct of four numbers",
    scenario: "S5 struct of 4 numbers, capacity 1024, one to one on two threads, sendSync/recvSync",
    ours: "heddle",
    beside: { "message-port": "MessagePort" },
  },
  {
    what: "any object of five fields, default codec",
    scenario: "S6 any object of 5 fields, default codec, capacity 1024, one to one on two threads, sendSync/recvSync",
    ours: "heddle",
    beside: { "message-port": "MessagePort" },
  },
  {
    what: "64 KiB, written and read in place",
    scenario: "S7 bytes, 64 KiB values, capacity 64, one to one on two threads, sendSync/recvSync",
    ours: "heddle, reserve/commit and recvInto",
    beside: { "message-port, copying": "MessagePort", "one set between shared buffers": "one `set`" },
  },
  {
    what: "ping-pong between two running threads",
    scenario: "S8 rendezvous ping-pong between two threads, hot",
    ours: "heddle",
    beside: { go: "Go", "wait-notify": "`Atomics.wait`" },
  },
  {
    what: "… with one that sleeps",
    scenario: "S8 rendezvous ping-pong between two threads, cold",
    ours: "heddle",
    beside: { "wait-notify": "`Atomics.wait`" },
  },
  {
    what: "trivial calls of a pool, many at a time",
    scenario: "S9 calls of a pool of 2 threads, pipelined",
    ours: "heddle",
    beside: { piscina: "piscina", poolifier: "poolifier", comlink: "comlink" },
  },
  {
    what: "… one after the other",
    scenario: "S9 calls of a pool of 2 threads, awaited one by one, hot",
    ours: "heddle",
    beside: { piscina: "piscina", comlink: "comlink" },
  },
  {
    what: "a service under CPU load: event-loop delay, 99 %",
    scenario: "S14 a service under CPU load: event-loop delay, p99",
    ours: "heddle, 2 threads",
    beside: { plain: "in the handler" },
    isLater: true,
  },
  {
    what: "two threads ready",
    scenario: "S15 2 threads ready",
    ours: "heddle",
    beside: { "bare Workers": "bare Workers" },
  },
  {
    what: "resident memory of an idle thread",
    scenario: "S15 resident memory per idle thread",
    ours: "heddle",
    beside: { "bare Workers": "bare Workers" },
  },
];

const cellsOf = (line) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The table rows of a piece of Markdown: cells by line, the heading first. */
const tableOf = (text) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[-:|]+\|$/.test(line))
    .map(cellsOf);

const sectionOf = (page, name, level) => page.split(new RegExp(`^${level} `, "m")).find((text) => text.startsWith(`${name}\n`));

/** A scenario of docs/benchmarks.md: its unit, and its medians by contender. */
function scenarioOf(benchmarks, name) {
  const section = sectionOf(benchmarks, name, "###");
  if (!section) throw new Error(`docs/benchmarks.md has no scenario "${name}": scripts/docs/figures.js names it`);
  const [heading, ...rows] = tableOf(section);
  const [unit] = heading[1].split(",");
  return { unit, medians: new Map(rows.map(([contender, median]) => [contender, median])) };
}

function medianOf({ medians }, contender, name) {
  const median = medians.get(contender);
  if (median === undefined) throw new Error(`docs/benchmarks.md has no "${contender}" at "${name}": scripts/docs/figures.js names it`);
  return median;
}

function rowOf(benchmarks, { what, scenario, ours, beside }) {
  const found = scenarioOf(benchmarks, scenario);
  const others = Object.entries(beside).map(([contender, name]) => `${name} ${medianOf(found, contender, scenario)}`);
  return `| ${what} | ${found.unit} | ${medianOf(found, ours, scenario)} | ${others.join(" · ")} |`;
}

/** A line on the main job: every job's speed-up, the best first. */
function jobsOf(lab) {
  const [heading, ...rows] = tableOf(lab);
  const at = heading.indexOf("speed-up");
  if (at < 0) throw new Error("docs/lab.md has no column 'speed-up': scripts/docs/figures.js reads it");
  return rows
    .map((row) => ({ job: row[0], speedUp: row[at] }))
    .sort((a, b) => Number.parseFloat(b.speedUp) - Number.parseFloat(a.speedUp))
    .map(({ job, speedUp }) => `${job} ${speedUp}`)
    .join(" · ");
}

function machineOf(benchmarks) {
  const rows = new Map(tableOf(benchmarks).map(([key, value]) => [key, value]));
  const node = /node [\d.]+/.exec(rows.get("versions") ?? "")?.[0];
  return `${rows.get("cores")}, ${rows.get("platform")}, ${node}`;
}

/** The figures as Markdown. */
export function figuresOf(benchmarks, lab) {
  return [
    `Medians of one run on ${machineOf(benchmarks)}; ratios travel, absolute figures do not. All rows, targets missed among them: [benchmarks](docs/benchmarks.md).`,
    "",
    "| what | unit | Heddle | beside it |",
    "|---|---|---:|---|",
    ...ROWS.filter(({ scenario, isLater }) => !isLater || sectionOf(benchmarks, scenario, "###")).map((row) => rowOf(benchmarks, row)),
    "",
    `The [main job](docs/lab.md) on two threads against a plain loop: ${jobsOf(lab)}.`,
  ].join("\n");
}

/** The break-even as Markdown. */
export function breakEvenOf(benchmarks) {
  const section = sectionOf(benchmarks, "When not to use threads", "##");
  const text = section?.slice(section.indexOf("\n")).trim();
  return text ?? "Not in the [figures](benchmarks.md) yet; `npm run bench -- --suite sweep --full` measures it.";
}

const MARKED = /(<!-- figures -->\n)[\s\S]*?(<!-- \/figures -->)/;

export function withFigures(page, figures) {
  if (!MARKED.test(page)) throw new Error("the page has no <!-- figures --> … <!-- /figures -->");
  return page.replace(MARKED, (_, open, close) => `${open}${figures}\n${close}`);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const read = (file) => readFileSync(`${ROOT}/${file}`, "utf8");
  const benchmarks = read("docs/benchmarks.md");
  const made = { "README.md": figuresOf(benchmarks, read("docs/lab.md")), "docs/when-not-to.md": breakEvenOf(benchmarks) };
  for (const [file, figures] of Object.entries(made)) {
    const page = withFigures(read(file), figures);
    if (page === read(file)) continue;
    if (process.argv.includes("--check")) {
      console.error(`${file}: the figures are not those of docs/benchmarks.md and docs/lab.md; npm run docs:figures makes them so`);
      process.exitCode = 1;
    } else writeFileSync(`${ROOT}/${file}`, page);
  }
}
