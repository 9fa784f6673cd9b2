// Runs the cases against every mutant until one notices. Those cases that caught a mutant of the same function before come before the others, cheap
// campaigns before dear ones.

import { build } from "./build.ts";
import { workbench } from "./campaigns.ts";
import { CASES } from "./cases.ts";
import { NARROW_CASES } from "./cases-narrow.ts";
import { whyEquivalent } from "./equivalent.ts";
import { explore } from "./explorer.ts";
import { mutate, NAMES } from "./interpreter.ts";
import { allMutants, type NamedMutant } from "./mutants.ts";
import type { Faults, ModelCase } from "./program.ts";
import { Violation } from "./world.ts";

export interface MutationOptions {
  minutes: number;
  only: string;
  log: (line: string) => void;
}

interface Stage {
  isFine: boolean;
  faults: Faults;
  cap: number;
  races: boolean;
  /** Runs of their own with the fault from different depths on, for a depth-first search that is cut off sees late faults only. */
  sample: Sample;
}
/** Runs with a fault, when sampling: how many, and the deepest point at which the fault may first strike. */
interface Sample {
  runs: number;
  deepest: number;
}

const FAULTS: readonly Faults[] = [
  { deaths: 0, fences: 0 },
  { deaths: 1, fences: 0 },
  { deaths: 0, fences: 1 },
  { deaths: 2, fences: 0 },
];
const stagesOf = (cap: number, faultCap: number, runs: number): Stage[] =>
  [false, true].flatMap((isFine) =>
    FAULTS.map((faults, i) => ({
      isFine,
      faults,
      cap: i === 0 ? cap : faultCap,
      races: isFine,
      sample: { runs: i === 0 ? 1 : runs, deepest: i === 0 ? 0 : isFine ? 160 : 36 },
    })),
  );

/** Larger capacities add nothing to what a mutant can show. */
const MUTANT_CASES = CASES.filter(({ name }) => !/^(?!bulk:).*capacity 2$|capacity 3$/.test(name));

/** All mutants go through the first round; what survives a round goes through the next. The third takes the cases made for one moment, to their ends. */
const ROUNDS: readonly { stages: readonly Stage[]; cases: readonly ModelCase[] }[] = [
  { stages: stagesOf(300, 60, 6), cases: MUTANT_CASES },
  { stages: stagesOf(2_000, 120, 14), cases: MUTANT_CASES },
  { stages: stagesOf(3_000_000, 3_000_000, 1), cases: NARROW_CASES },
  { stages: stagesOf(30_000, 300, 60), cases: MUTANT_CASES },
];

/** Which transitions each case calls under each kind of fault (an index into FAULTS): a mutant of another cannot show there. */
function coverage(): Map<ModelCase, Set<string>[]> {
  const { world, functions } = workbench();
  let called = new Set<string>();
  const watched = functions.map((fn, index) => ({
    ...fn,
    coarse: (...args: Parameters<typeof fn.coarse>) => {
      called.add(NAMES[index]!);
      return fn.coarse(...args);
    },
  }));
  return new Map(
    MUTANT_CASES.map((model) => [
      model,
      FAULTS.map((faults) => {
        called = new Set();
        if (model.faultless && faults.deaths + faults.fences > 0) return called;
        const scene = build(world, watched, model, faults, false);
        for (const name of ["slotOpen", "opChunk"]) called.delete(name); // every scene is set with them
        const { violation } = explore(scene, { maxStates: 800, seed: 7 });
        if (violation !== undefined) throw new Error(`without a mutant, ${model.name}: ${violation}`);
        return called;
      }),
    ]),
  );
}

export interface MutationResult {
  mutants: number;
  caught: number;
  equivalent: number;
  caughtShare: number;
  survivors: { name: string; reason: string }[];
  untried: number;
  seconds: number;
  caughtBy: Record<string, string>;
}

type Coverage = ReturnType<typeof coverage>;

/** What notices this mutant, or undefined. */
function notice(
  mutant: NamedMutant,
  order: readonly ModelCase[],
  stages: readonly Stage[],
  covered: Coverage,
  until: number,
): { by: string; model: ModelCase } | undefined {
  const { world, functions } = workbench();
  const restore = mutate(functions, world, mutant);
  try {
    for (const stage of stages) {
      for (const model of order) {
        if (performance.now() > until) return undefined;
        if (!covered.get(model)![FAULTS.indexOf(stage.faults)]!.has(mutant.fn)) continue;
        try {
          for (let run = 0; run < stage.sample.runs; run++) {
            const scene = build(world, functions, model, stage.faults, stage.isFine);
            const faultsFrom = (run * 7919) % (stage.sample.deepest + 1);
            const { violation, stuck } = explore(scene, {
              maxStates: stage.cap,
              races: stage.races,
              finish: true,
              seed: 7 + run,
              faultsFrom,
            });
            if (violation !== undefined || stuck > 0) return { by: `${model.name}: ${violation ?? "cannot finish"}`, model };
          }
        } catch (error) {
          // A mutant may drive the check itself onto nonsense; that is noticed as well.
          if (!(error instanceof Violation) && !(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
          return { by: `${model.name}: ${error.message}`, model };
        }
      }
    }
    return undefined;
  } finally {
    restore();
  }
}

export function runMutants({ minutes, only, log }: MutationOptions): MutationResult {
  const started = performance.now();
  const until = started + minutes * 60_000;
  const list = allMutants().filter(({ name }) => new RegExp(only).test(name));
  const covered = coverage();
  const good = new Map<string, ModelCase[]>();
  const caughtBy: Record<string, string> = {};
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0).padStart(5);
  let left: NamedMutant[] = list;
  let untried = 0;
  ROUNDS.forEach(({ stages, cases }, round) => {
    const survivors: NamedMutant[] = [];
    for (const [index, mutant] of left.entries()) {
      if (index % 100 === 0) log(`${seconds()} s  ${index} of ${left.length}`);
      const isKnown = round > 0 && whyEquivalent(mutant) !== undefined;
      if (isKnown || performance.now() > until) {
        if (round === 0) untried += 1;
        survivors.push(mutant);
        continue;
      }
      const before = good.get(mutant.fn) ?? [];
      const likely = before.filter((model) => cases.includes(model));
      const others = cases.filter((model) => !before.includes(model));
      const found = notice(mutant, likely, stages, covered, until) ?? notice(mutant, others, stages, covered, until);
      if (found === undefined) {
        survivors.push(mutant);
        log(`${seconds()} s  survives round ${round + 1}: ${mutant.name}`);
        continue;
      }
      if (round > 0) log(`${seconds()} s  caught after all: ${mutant.name}: ${found.by}`);
      caughtBy[mutant.name] = found.by;
      good.set(mutant.fn, [found.model, ...before.filter((model) => model !== found.model)].slice(0, 12));
    }
    left = survivors;
    log(`${seconds()} s  round ${round + 1}: ${survivors.length} of ${list.length} left`);
  });
  const equivalent = left.filter((mutant) => whyEquivalent(mutant) !== undefined).length;
  const caught = list.length - left.length;
  const caughtShare = caught / Math.max(1, list.length - untried - equivalent);
  log(
    `${list.length} mutants: ${caught} caught, ${left.length} survive, ${equivalent} of them equivalent: ${(caughtShare * 100).toFixed(1)} %`,
  );
  return {
    mutants: list.length,
    caught,
    equivalent,
    caughtShare,
    survivors: left.map((mutant) => ({ name: mutant.name, reason: whyEquivalent(mutant) ?? "" })),
    untried,
    seconds: (performance.now() - started) / 1000,
    caughtBy,
  };
}
