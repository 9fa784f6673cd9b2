// The controller from the command line.
//
//   tsx test/controller/main.ts [--schedules n] [--seed n] [--bound n] [--limit n] [--bases n] [--terminate n] [--only text] [--jobs n] [--json out.json]
//   tsx test/controller/main.ts --replay 'program :: mode=1 seed=7 …'
//   tsx test/controller/main.ts --mutants
//
// Runs every program in every campaign, prints a table, and fails if a run is wrong.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as B from "./board.ts";
import { Crew } from "./crew.ts";
import { atRandom, bounded, type Findings, stops, terminations } from "./explore.ts";
import { runMutants } from "./mutants.ts";
import { PROGRAMS } from "./programs.ts";
import { faultOf, parseLine, showHistory, showTrace } from "./replay.ts";

const { values: flags } = parseArgs({
  options: {
    schedules: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    bound: { type: "string", default: "2" },
    limit: { type: "string", default: "500" },
    bases: { type: "string", default: "3" },
    terminate: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "1" },
    json: { type: "string" },
    replay: { type: "string" },
    mutants: { type: "boolean", default: false },
  },
});

const ROOT = new URL("../../", import.meta.url).href;
const programs = PROGRAMS.filter(({ name }) => name.includes(flags.only));

async function replay(line: string): Promise<void> {
  const { program, schedule } = parseLine(line, PROGRAMS);
  const crew = Crew.on(ROOT);
  const run = await crew.run(program, schedule);
  await crew.close();
  console.log([...showTrace(run), "", ...showHistory(program, run.history)].join("\n"));
  const what = faultOf(program, run);
  console.log(what ?? "nothing is wrong with it");
  process.exitCode = what === undefined ? 0 : 1;
}

type Job = (crew: Crew) => Promise<Findings>;

function jobs(): Job[] {
  const { schedules, seed, bound, limit, bases, terminate } = flags;
  const share = Math.ceil(Number(schedules) / programs.length);
  return programs.flatMap((program, i): Job[] => {
    const from = Number(seed) + i * share;
    return [
      (crew) => bounded(crew, program, Number(bound), Number(limit)),
      (crew) => atRandom(crew, program, share, from, false),
      (crew) => atRandom(crew, program, share, from, true),
      (crew) => stops(crew, program, Number(bases), B.STOP),
      (crew) => stops(crew, program, Number(bases), B.FENCE),
      (crew) => terminations(crew, program, Number(terminate), from),
    ];
  });
}

async function runAll(list: Job[]): Promise<Findings[]> {
  const results: Findings[] = [];
  const next = list.values();
  const work = async () => {
    const crew = Crew.on(ROOT);
    for (const job of next) results.push(await job(crew));
    await crew.close();
  };
  await Promise.all(Array.from({ length: Number(flags.jobs) }, work));
  return results;
}

const row = (cells: readonly (string | number)[]) =>
  cells.map((cell, i) => (i === 0 ? String(cell).padEnd(26) : String(cell).padStart(12))).join("");

function report(results: readonly Findings[], seconds: number): boolean {
  console.log(row(["campaign", "programs", "runs", "steps", "left out", "repeated", "wrong"]));
  for (const campaign of new Set(results.map((one) => one.campaign))) {
    const list = results.filter((one) => one.campaign === campaign);
    const sum = (of: (one: Findings) => number) => list.reduce((total, one) => total + of(one), 0).toLocaleString("en");
    const cells = [sum(({ runs }) => runs), sum(({ steps }) => steps), sum(({ left }) => left), sum(({ repeated }) => repeated)];
    console.log(row([campaign, list.length, ...cells, sum(({ faults }) => faults.length)]));
  }
  console.log(`${seconds.toFixed(0)} s`);
  const faults = results.flatMap((one) => one.faults);
  for (const { line, what } of faults) console.log(`\n${what}\n  --replay '${line}'`);
  return faults.length === 0;
}

if (flags.replay !== undefined) await replay(flags.replay);
else if (flags.mutants) {
  const results = await runMutants(ROOT, flags.only, (line) => console.log(line));
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(results, null, 1)}\n`);
  process.exitCode = results.every(({ caughtBy }) => caughtBy !== undefined) ? 0 : 1;
} else {
  const started = performance.now();
  const results = await runAll(jobs());
  const seconds = (performance.now() - started) / 1000;
  if (!report(results, seconds)) process.exitCode = 1;
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ flags, node: process.version, seconds, results }, null, 1)}\n`);
}
