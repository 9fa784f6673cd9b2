/**
 * Lab: runs the chosen jobs one after the other, prints the table, writes `lab.json` and the page made from it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { jobsPage } from "../report/index.ts";
import type { Recording } from "../report/recording/recording.ts";
import { traceOf } from "../report/recording/trace.ts";
import { EXIT_WRONG_OUTPUT, type LabOptions } from "./cli.ts";
import { BUSY_SHARE, idleGate, percent, watchOthers } from "./idle-gate.ts";
import type { Job, JobSettings } from "./job.ts";
import { loadAverage, machine, versions } from "./machine.ts";
import { type LabReport, labPage } from "./page.ts";
import { type LabStream, showProgress } from "./progress.ts";
import { recorded } from "./recorded.ts";
import { type JobResult, summarize } from "./result.ts";
import { measure, type RoundCounts } from "./rounds.ts";
import { legend, resultTable } from "./table.ts";

/** The jobs by name, in the order they run. */
export type JobCatalog = Readonly<Record<string, (settings: JobSettings) => Job>>;

/** How thoroughly to measure. */
export interface Effort extends RoundCounts {
  /** How long to wait for an idle machine: not long, a busy one is reported rather than waited out. */
  readonly patienceMs: number;
}

const FULL: Effort = { warmUps: 2, rounds: 7, budgetMs: 20_000, patienceMs: 10_000 };
const QUICK: Effort = { warmUps: 1, rounds: 3, budgetMs: 4_000, patienceMs: 2_000 };

/** Runs the lab, which writes into the folder `options.report`, and gives back the exit code: 0 when all outputs were equal. */
export async function runLab(
  options: LabOptions,
  catalog: JobCatalog,
  stream: LabStream,
  effort: Effort = options.quick ? QUICK : FULL,
): Promise<number> {
  const say = (line: string) => void stream.write(`${line}\n`);
  const start = performance.now();
  const host = machine();
  const made = versions();

  say(`${pc.bold("Heddle lab")}  ${host.cores} cores, ${host.cpuModel}, load ${host.loadAverage}, ${host.platform}`);
  say(
    Object.entries(made)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  );
  const idleness = await idleGate(say, effort.patienceMs);

  const results: JobResult[] = [];
  const recordings = new Map<string, Recording>();
  for (const name of options.jobs) {
    const job = catalog[name]!({ size: options.quick ? "quick" : "full", threads: options.threads, folder: options.report });
    results.push(await runJob(job, options, effort, stream, recordings));
  }

  say(`\n${resultTable(results)}\n${legend(options.threads)}`);
  const wrong = results.filter((result) => !result.equal);
  const report: LabReport = {
    jobs: results,
    machine: { ...host, loadAverageAfter: loadAverage(), idleness },
    versions: made,
    settings: { threads: options.threads, quick: options.quick, ...effort },
    input: Object.fromEntries(results.map((result) => [result.name, result.input])),
    totalMs: Math.round(performance.now() - start),
    at: new Date().toISOString(),
  };
  writeFileSync(join(options.report, "lab.json"), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(options.report, "index.html"), jobsPage(report, recordings));
  if (options.markdown !== undefined) writeFileSync(options.markdown, labPage(report));
  say(
    `Report: ${join(options.report, "index.html")}, figures: ${join(options.report, "lab.json")} (${(report.totalMs / 1000).toFixed(0)} s in all)`,
  );
  for (const result of wrong) say(pc.red(`${result.name}: the output of ${result.differs.join(", ")} differs from the plain loop's`));
  return wrong.length === 0 ? 0 : EXIT_WRONG_OUTPUT;
}

/** What is recorded of it goes into `recordings`. */
async function runJob(
  job: Job,
  options: LabOptions,
  counts: RoundCounts,
  stream: LabStream,
  recordings: Map<string, Recording>,
): Promise<JobResult> {
  const say = (line: string) => void stream.write(`${line}\n`);
  say(`\n${pc.bold(job.name)}  ${job.title}`);
  const progress = showProgress(job.name, job.variants.length, counts, stream);
  try {
    const others = watchOthers();
    const timed = await measure(job, counts, progress);
    const othersShare = others();
    progress.stop();
    const { measured, recording } = await recorded(job, timed);
    if (othersShare > BUSY_SHARE) say(`Others used ${percent(othersShare)} of the cores meanwhile: the times are noisy.`);
    const file = job.save(measured.output, options.report);
    const outcome = job.describe(measured.output);
    say(`${outcome}; written to ${join(options.report, file)}`);
    const trace = recording ? `trace-${job.name}.json` : null;
    if (recording) {
      recordings.set(job.name, recording);
      writeFileSync(join(options.report, trace!), JSON.stringify(traceOf(recording, job.name)));
    }
    return summarize(job, measured, { threads: options.threads, output: file, outcome, trace, othersShare });
  } finally {
    progress.stop();
  }
}
