/**
 * Bench: waits for an idle machine, runs the chosen suites, judges the targets, writes the figures.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import pc from "picocolors";
import { BUSY_SHARE, idleGate, percent } from "../lab/idle-gate.ts";
import { loadAverage } from "../lab/machine.ts";
import { type BenchOptions, EXIT_FAILED } from "./cli.ts";
import { hardware, type Machine, versions } from "./machine.ts";
import { markdown } from "./markdown.ts";
import type { Which } from "./own-process-entry.ts";
import { judge, type Report, type Result, significant } from "./report.ts";
import { runScenario } from "./rounds.ts";
import type { Contender, Suite } from "./scenario.ts";
import { scenarioTable, targetTable } from "./table.ts";

/** The 1-minute load above which a full run waits. */
const IDLE_LOAD = 0.7;
const ROUND_LIMIT_MS = 120_000;

/** Where a contender runs; `onOthers` is to be told of the work of other programs meanwhile. */
export type Place = (contender: Contender, which: Which, onOthers: (share: number, ms: number) => void) => Contender;

const here: Place = (contender) => contender;

/** Runs and reports; gives the exit code. `say` gets a line or a table at a time. A contender that is a process anyway stays where it is. */
export async function runBench(
  options: BenchOptions,
  suites: readonly Suite[],
  say: (text: string) => void,
  place: Place = here,
): Promise<number> {
  if (options.from !== undefined) {
    write(options.markdown!, markdown(JSON.parse(readFileSync(options.from, "utf8")) as Report));
    return 0;
  }
  const host = hardware();
  const made = versions();
  const loadBefore = loadAverage();
  say(`${pc.bold("Heddle bench")}  ${host.cores} cores, ${host.cpuModel}, load ${loadBefore}, ${host.platform}`);
  say(
    Object.entries(made)
      .map((pair) => pair.join(" "))
      .join(", "),
  );
  const gate = await waitForIdle(say, options.patienceMs);

  const chosen = suites.filter((suite) => options.suites.includes(suite.name));
  const results: Result[] = [];
  const failed: Machine["failed"][number][] = [];
  const skipped = new Map<string, string>();
  const others = new OthersMeter();
  for (const suite of chosen) {
    say(`\n${pc.bold(suite.name)}`);
    for (const scenario of suite.scenarios({ quick: options.quick })) {
      if (options.rows && !options.rows.includes(scenario.id)) continue;
      const contenders = scenario.contenders.filter((contender) => isIn(contender, options, skipped));
      if (contenders.length === 0) continue;
      try {
        const measured = await runScenario(
          {
            ...scenario,
            contenders: contenders.map((contender) =>
              contender.isProcess
                ? contender
                : place(
                    contender,
                    { suite: suite.name, scenario: scenario.title, contender: contender.name, quick: options.quick },
                    (share, ms) => others.add(share, ms),
                  ),
            ),
          },
          { rounds: options.rounds, limitMs: ROUND_LIMIT_MS },
        );
        say(scenarioTable(scenario, measured));
        const { id, title, unit } = scenario;
        for (const { contender, median, min, max, rounds } of measured) {
          results.push({
            id,
            scenario: title,
            contender,
            unit,
            median: significant(median),
            min: significant(min),
            max: significant(max),
            rounds,
          });
        }
      } catch (error) {
        const why = (error as Error).message;
        failed.push({ scenario: scenario.title, why });
        say(pc.red(`no figures: ${why}`));
      }
    }
  }

  const busy = gate.busy || others.share > BUSY_SHARE;
  const report: Report = {
    machine: {
      ...host,
      versions: made,
      loadAverage: [loadBefore, loadAverage()],
      othersShare: Number(others.share.toFixed(3)),
      busy,
      waitedMs: gate.waitedMs,
      quick: options.quick,
      skipped: [...skipped].map(([contender, why]) => ({ contender, why })),
      failed,
      later: Object.assign({}, ...chosen.map((suite) => suite.later)),
    },
    results,
    targets: judge(
      chosen.flatMap((suite) => suite.targets).filter(({ id }) => !options.rows || options.rows.includes(id)),
      results,
    ),
  };
  say(`\n${targetTable(report.targets)}`);
  for (const { contender, why } of report.machine.skipped) say(`skipped: ${contender}: ${why}`);
  if (busy) say(pc.yellow(`busy machine: others used ${percent(others.share)} of the cores meanwhile; the figures are noisy`));
  write(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  say(`figures: ${options.json}`);
  if (options.markdown !== undefined) write(options.markdown, markdown(report));
  return failed.length === 0 ? 0 : EXIT_FAILED;
}

/** Waits, at most `patienceMs`, until the load of the last minute is low; what is used right now decides then. */
async function waitForIdle(say: (text: string) => void, patienceMs: number): Promise<{ busy: boolean; waitedMs: number }> {
  const start = performance.now();
  if (loadAverage() > IDLE_LOAD)
    say(`waiting for an idle machine (1-minute load ${loadAverage()}), at most ${Math.round(patienceMs / 1_000)} s`);
  while (loadAverage() > IDLE_LOAD && performance.now() - start < patienceMs) await new Promise((resolve) => setTimeout(resolve, 500));
  const { busy } = await idleGate(say, Math.min(patienceMs, 10_000));
  return { busy, waitedMs: Math.round(performance.now() - start) };
}

function isIn(contender: Contender, options: BenchOptions, skipped: Map<string, string>): boolean {
  if (!options.contenders.includes(contender.family)) {
    skipped.set(contender.family, "not asked for");
    return false;
  }
  const why = contender.missing?.();
  if (why !== undefined) skipped.set(contender.family, why);
  return why === undefined;
}

/** Share of the cores that other programs use while rounds run. */
class OthersMeter {
  #weighted = 0;
  #ms = 0;

  get share(): number {
    return this.#ms === 0 ? 0 : this.#weighted / this.#ms;
  }

  add(share: number, ms: number): void {
    this.#weighted += share * ms;
    this.#ms += ms;
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
