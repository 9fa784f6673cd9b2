/**
 * Bench: waits for an idle machine, runs the chosen suites, judges the targets, writes the figures. An interrupted run writes those it has.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pc from "picocolors";
import { BUSY_SHARE, idleGate, percent } from "../lab/idle-gate.ts";
import { loadAverage } from "../lab/machine.ts";
import { benchPage } from "../report/index.ts";
import { type BenchOptions, EXIT_FAILED, EXIT_INTERRUPTED, ROUNDS } from "./cli.ts";
import { InterruptedError } from "./interruption.ts";
import { hardware, versions } from "./machine.ts";
import { markdown } from "./markdown.ts";
import { judge, type Report } from "./report.ts";
import { type Around, Run } from "./run.ts";
import type { Suite } from "./scenario.ts";
import { targetTable } from "./table.ts";

/** The 1-minute load above which a full run waits. */
const IDLE_LOAD = 0.7;

/** Runs and reports; gives the exit code. `say` gets a line or a table at a time. */
export async function runBench(
  options: BenchOptions,
  suites: readonly Suite[],
  say: (text: string) => void,
  around: Around = {},
): Promise<number> {
  if (options.from !== undefined) {
    writePages(options, JSON.parse(readFileSync(options.from, "utf8")) as Report);
    return 0;
  }
  const host = hardware();
  const made = versions();
  const loadBefore = loadAverage();
  const quick = options.quick || options.rounds < ROUNDS;
  say(`${pc.bold("Heddle bench")}  ${host.cores} cores, ${host.cpuModel}, load ${loadBefore}, ${host.platform}`);
  say(pairs(made));
  if (quick) say(pc.yellow(QUICK));
  const chosen = suites.filter((suite) => options.suites.includes(suite.name));
  const run = new Run(options, around, say);
  let idleness = { busy: false, waitedMs: 0 };
  try {
    idleness = await waitForIdle(say, options.patienceMs, around.signal);
    await run.all(chosen);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
  const partial = around.signal?.aborted ?? false;
  const busy = idleness.busy || run.others.share > BUSY_SHARE;
  const report: Report = {
    machine: {
      ...host,
      versions: made,
      loadAverage: [loadBefore, loadAverage()],
      othersShare: Number(run.others.share.toFixed(3)),
      busy,
      waitedMs: idleness.waitedMs,
      quick,
      partial,
      skipped: [...run.skipped].map(([contender, why]) => ({ contender, why })),
      failed: run.failed,
      later: Object.assign({}, ...chosen.map((suite) => suite.later)),
    },
    results: run.results,
    targets: judge(
      chosen.flatMap((suite) => suite.targets).filter(({ id }) => !options.rows || options.rows.includes(id)),
      run.results,
    ),
  };
  say(`\n${targetTable(report.targets)}`);
  for (const { contender, why } of report.machine.skipped) say(`skipped: ${contender}: ${why}`);
  if (busy) say(pc.yellow(`busy machine: others used ${percent(run.others.share)} of the cores meanwhile; the figures are noisy`));
  if (quick) say(pc.yellow(QUICK));
  if (partial) say(pc.yellow("interrupted: the figures are those of the rows that were done"));
  write(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  say(`figures: ${options.json}`);
  writePages(options, report);
  if (partial) return EXIT_INTERRUPTED;
  return run.failed.length === 0 ? 0 : EXIT_FAILED;
}

const QUICK = `the quick form, or fewer rounds than ${ROUNDS}: it shows that the rows work and roughly how they compare; --full gives figures to quote`;

/** Waits, at most `patienceMs`, until the load of the last minute is low; what is used right now decides then. */
async function waitForIdle(
  say: (text: string) => void,
  patienceMs: number,
  signal: AbortSignal | undefined,
): Promise<{ busy: boolean; waitedMs: number }> {
  const start = performance.now();
  if (loadAverage() > IDLE_LOAD)
    say(`waiting for an idle machine (1-minute load ${loadAverage()}), at most ${Math.round(patienceMs / 1_000)} s`);
  while (loadAverage() > IDLE_LOAD && performance.now() - start < patienceMs && !signal?.aborted) await sleep(500);
  const { busy } = await idleGate(say, signal?.aborted ? 0 : Math.min(patienceMs, 10_000));
  return { busy, waitedMs: Math.round(performance.now() - start) };
}

function pairs(record: Readonly<Record<string, string>>): string {
  return Object.entries(record)
    .map((pair) => pair.join(" "))
    .join(", ");
}

function writePages({ markdown: page, html }: BenchOptions, report: Report): void {
  if (page !== undefined) write(page, markdown(report));
  if (html !== undefined) write(html, String(benchPage(report)));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
