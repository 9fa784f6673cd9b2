// Which runs are tried: every schedule with few interruptions, random ones beyond them, and a thread stopped before every step.

import * as B from "./board.ts";
import type { Crew, Run, Schedule } from "./crew.ts";
import type { Program } from "./program.ts";
import { faultOf, lineOf, repeats } from "./replay.ts";
import { costOf, nextRandom, threadOf } from "./schedule.ts";

export interface Findings {
  readonly campaign: string;
  readonly program: string;
  runs: number;
  steps: number;
  /** Schedules within the bound that the limit left out. */
  left: number;
  /** Runs that were done twice and took the same steps. */
  repeated: number;
  readonly faults: { readonly line: string; readonly what: string }[];
}

const MOST_FAULTS = 3;
const REPEAT_EVERY = 40;

/** One program on one crew, counted. */
class Trial {
  readonly findings: Findings;
  readonly #crew: Crew;
  readonly #program: Program;

  constructor(campaign: string, crew: Crew, program: Program) {
    this.findings = { campaign, program: program.name, runs: 0, steps: 0, left: 0, repeated: 0, faults: [] };
    this.#crew = crew;
    this.#program = program;
  }

  get isSpoiled(): boolean {
    return this.findings.faults.length >= MOST_FAULTS;
  }

  async run(schedule: Schedule): Promise<Run> {
    const { findings } = this;
    const run = await this.#crew.run(this.#program, schedule);
    findings.runs++;
    findings.steps += run.trace.choices.length;
    let what = faultOf(this.#program, run);
    if (what === undefined && findings.runs % REPEAT_EVERY === 0) {
      if (await repeats(this.#crew, this.#program, schedule, run)) findings.repeated++;
      else what = "a second run of the same schedule took other steps";
    }
    if (what !== undefined) findings.faults.push({ line: lineOf(this.#program, schedule), what });
    return run;
  }
}

/** Every schedule with at most `bound` interruptions, fewest first; of more than `limit`, a random choice of those with the most interruptions. */
export async function bounded(crew: Crew, program: Program, bound: number, limit: number): Promise<Findings> {
  const trial = new Trial(`${bound} interruptions`, crew, program);
  const levels: Uint8Array[][] = Array.from({ length: bound + 1 }, () => []);
  levels[0]!.push(new Uint8Array());
  const dice = Int32Array.of(1);
  for (const [cost, level] of levels.entries()) {
    while (level.length > 0 && trial.findings.runs < limit && !trial.isSpoiled) {
      const at = Math.floor(nextRandom(dice, 0) * level.length);
      const forced = level[at]!;
      level[at] = level.at(-1)!;
      level.pop();
      const { trace } = await trial.run({ mode: B.STAY, seed: 0, forced, bossRank: B.BOSS_LAST });
      branch(trace, forced.length, (prefix, extra) => levels[cost + extra]?.push(prefix));
    }
  }
  trial.findings.left = levels.reduce((sum, level) => sum + level.length, 0);
  return trial.findings;
}

/** All ways to choose otherwise at one decision from `from` on. */
function branch({ choices, options }: Run["trace"], from: number, add: (prefix: Uint8Array, cost: number) => void): void {
  for (let i = from; i < choices.length; i++) {
    const current = i === 0 ? 1 : threadOf(choices[i - 1]!);
    for (let other = 0; other < B.MAX_THREADS * B.KINDS; other++) {
      if ((options[i]! & (1 << other)) === 0 || other === choices[i]) continue;
      add(Uint8Array.from([...choices.slice(0, i), other]), costOf(other, options[i]!, current));
    }
  }
}

const STICKS = [0, 300, 600, 850, 950];

/** The random schedule of a seed; with faults, half of them retire a thread that runs on, half stop one. */
export function scheduleOf(seed: number, withFaults: boolean): Schedule {
  const dice = Int32Array.of(seed * 7_919 + 1);
  const below = (n: number) => Math.floor(nextRandom(dice, 0) * n);
  const schedule = { mode: B.AT_RANDOM, seed, stick: STICKS[below(STICKS.length)]!, busyShare: [0, 0, 50, 300, 970][below(5)]! };
  if (!withFaults) return { ...schedule, bossRank: B.BOSS_LAST };
  return { ...schedule, fault: [B.STOP, B.FENCE][below(2)]!, faultAt: below(80), bossRank: below(2) };
}

export async function atRandom(crew: Crew, program: Program, count: number, seed: number, withFaults: boolean): Promise<Findings> {
  const trial = new Trial(withFaults ? "random, a thread dies" : "random", crew, program);
  for (let i = 0; i < count && !trial.isSpoiled; i++) await trial.run(scheduleOf(seed + i, withFaults));
  return trial.findings;
}

/**
 * For each step of some runs: that thread is stopped before it for good, or retired and let run on; and every thread that sleeps is stopped there, once
 * per sleep. Each with the supervising thread in a hurry and late. `bases` counts the runs: one without interruption, the others random.
 */
export async function stops(crew: Crew, program: Program, bases: number, fault: number): Promise<Findings> {
  const trial = new Trial(fault === B.FENCE ? "retired at every step" : "stopped at every step", crew, program);
  for (let base = 0; base < bases; base++) {
    const first = base === 0 ? { mode: B.STAY, seed: 0, bossRank: B.BOSS_LAST } : { ...scheduleOf(base, false), busyShare: 0 };
    const { trace } = await trial.run(first);
    for (const { at, victim } of victims(trace)) {
      for (const bossRank of [B.BOSS_FIRST, B.BOSS_LAST]) {
        if (trial.isSpoiled) return trial.findings;
        await trial.run({ mode: B.STAY, seed: first.seed, forced: trace.choices.slice(0, at), fault, faultAt: at, victim, bossRank });
      }
    }
  }
  return trial.findings;
}

/** The same with Worker.terminate(), for a few of the steps. */
export async function terminations(crew: Crew, program: Program, count: number, seed: number): Promise<Findings> {
  const trial = new Trial("terminated", crew, program);
  for (let i = 0; i < count && !trial.isSpoiled; i++) {
    await trial.run({ ...scheduleOf(seed + i, true), fault: B.TERMINATE });
  }
  return trial.findings;
}

/** Before each step: the thread that takes it; and each other that fell asleep with the step before. */
function victims({ choices, options }: Run["trace"]): { at: number; victim: number }[] {
  const list: { at: number; victim: number }[] = [];
  for (const [at, choice] of choices.entries()) {
    if (threadOf(choice) !== B.BOSS) list.push({ at, victim: threadOf(choice) });
    const before = at === 0 ? B.BOSS : threadOf(choices[at - 1]!);
    const canGoOn = (options[at]! >> (before * B.KINDS)) & ((1 << B.KINDS) - 1);
    if (before !== B.BOSS && before !== threadOf(choice) && canGoOn === 0) list.push({ at, victim: before });
  }
  return list;
}
