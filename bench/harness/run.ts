/**
 * Run: the rows of the chosen suites, one after the other, and what has come of them so far.
 */
import pc from "picocolors";
import type { BenchOptions } from "./cli.ts";
import { InterruptedError } from "./interruption.ts";
import type { Machine } from "./machine.ts";
import type { Which } from "./own-process-entry.ts";
import { type Progress, type ProgressStream, showProgress } from "./progress.ts";
import { type Result, significant } from "./report.ts";
import { runScenario } from "./rounds.ts";
import type { Contender, Scenario, Suite } from "./scenario.ts";
import { scenarioTable } from "./table.ts";

const ROUND_LIMIT_MS = 120_000;

/** Where a contender runs; `onOthers` is to be told of the work of other programs meanwhile. */
export type Place = (contender: Contender, which: Which, onOthers: (share: number, ms: number) => void) => Contender;

const here: Place = (contender) => contender;

export interface Around {
  /** Contenders that are processes anyway stay where they are. */
  readonly place?: Place;
  /** Where a bar, or lines, tell how far the run is. */
  readonly progress?: ProgressStream;
  /** Ends the run with what was measured so far. */
  readonly signal?: AbortSignal;
}

export class Run {
  readonly results: Result[] = [];
  readonly failed: Machine["failed"][number][] = [];
  readonly skipped = new Map<string, string>();
  readonly others = new OthersMeter();
  readonly #options: BenchOptions;
  readonly #around: Around;
  readonly #say: (text: string) => void;

  constructor(options: BenchOptions, around: Around, say: (text: string) => void) {
    this.#options = options;
    this.#around = around;
    this.#say = say;
  }

  async all(suites: readonly Suite[]): Promise<void> {
    const { quick, rows } = this.#options;
    const chosen = suites.map((suite) => ({
      suite,
      scenarios: suite
        .scenarios({ quick })
        .filter(({ id }) => !rows || rows.includes(id))
        .map((scenario) => ({ ...scenario, contenders: scenario.contenders.filter((contender) => this.#isIn(contender)) }))
        .filter(({ contenders }) => contenders.length > 0),
    }));
    const count = chosen.reduce((sum, { scenarios }) => sum + scenarios.length, 0);
    const progress = this.#around.progress && showProgress(this.#around.progress, count);
    for (const { suite, scenarios } of chosen) {
      if (scenarios.length > 0) this.#say(`\n${pc.bold(suite.name)}`);
      for (const scenario of scenarios) await this.#row(suite, scenario, progress);
    }
  }

  async #row(suite: Suite, scenario: Scenario, progress: Progress | undefined): Promise<void> {
    const { quick, rounds } = this.#options;
    const { place = here, signal } = this.#around;
    const { id, title, unit, contenders } = scenario;
    const placed = contenders.map((contender) =>
      contender.isProcess
        ? contender
        : place(contender, { suite: suite.name, scenario: title, contender: contender.name, quick }, (share, ms) =>
            this.others.add(share, ms),
          ),
    );
    progress?.row(scenario, (scenario.warmUps + Math.min(rounds, scenario.mostRounds ?? rounds)) * contenders.length);
    try {
      const measured = await runScenario(
        { ...scenario, contenders: placed },
        {
          rounds,
          limitMs: ROUND_LIMIT_MS,
          onRound: (contender, _, isWarmUp) => progress?.round(contender, isWarmUp),
          ...(signal && { signal }),
        },
      ).finally(() => progress?.rowEnds());
      this.#say(scenarioTable(scenario, measured));
      for (const { contender, median, min, max, rounds: timed } of measured) {
        const [middle, least, most] = [significant(median), significant(min), significant(max)];
        this.results.push({ id, scenario: title, contender, unit, median: middle, min: least, max: most, rounds: timed });
      }
    } catch (error) {
      if (error instanceof InterruptedError || signal?.aborted) throw new InterruptedError();
      const why = (error as Error).message;
      this.failed.push({ scenario: title, why });
      this.#say(pc.red(`no figures: ${why}`));
    }
  }

  #isIn({ family, missing }: Contender): boolean {
    if (!this.#options.contenders.includes(family)) {
      this.skipped.set(family, "not asked for");
      return false;
    }
    const why = missing?.();
    if (why !== undefined) this.skipped.set(family, why);
    return why === undefined;
  }
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
