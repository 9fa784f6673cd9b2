// Runs the cases against every mutant until one notices. Cheap campaigns come first; those cases that caught a mutant of the same function before
// come before the others.

import { build } from "./build.ts";
import { workbench } from "./campaigns.ts";
import { CASES } from "./cases.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { explore } from "./explorer.ts";
import { mutate } from "./interpreter.ts";
import { allMutants, type NamedMutant } from "./mutants.ts";
import type { Faults, ModelCase } from "./program.ts";
import { Violation } from "./world.ts";

export interface MutationOptions {
  minutes: number;
  only: string;
  log: (line: string) => void;
  /** Most states per case, in order of the stages. */
  stages?: readonly Stage[];
}

interface Stage {
  isFine: boolean;
  faults: Faults;
  cap: number;
  races: boolean;
}
const none = { deaths: 0, fences: 0 };
const STAGES: readonly Stage[] = [
  { isFine: false, faults: none, cap: 3_000, races: false },
  { isFine: false, faults: { deaths: 1, fences: 0 }, cap: 4_000, races: false },
  { isFine: false, faults: { deaths: 0, fences: 1 }, cap: 4_000, races: false },
  { isFine: true, faults: none, cap: 8_000, races: true },
  { isFine: true, faults: { deaths: 1, fences: 0 }, cap: 8_000, races: true },
  { isFine: true, faults: { deaths: 0, fences: 1 }, cap: 8_000, races: true },
];

export interface MutationResult {
  mutants: number;
  caught: number;
  equivalent: number;
  caughtShare: number;
  survivors: string[];
  untried: number;
  seconds: number;
  caughtBy: Record<string, string>;
}

/** What notices this mutant, or undefined. */
function notice(
  mutant: NamedMutant,
  order: readonly ModelCase[],
  stages: readonly Stage[],
  until: number,
): { by: string; model: ModelCase } | undefined {
  const { world, functions } = workbench();
  const restore = mutate(functions, world, mutant);
  try {
    for (const stage of stages) {
      for (const model of order) {
        if (performance.now() > until) return undefined;
        try {
          const scene = build(world, functions, model, stage.faults, stage.isFine);
          const { violation, stuck } = explore(scene, { maxStates: stage.cap, races: stage.races, finish: true, seed: 7 });
          if (violation !== undefined || stuck > 0) return { by: `${model.name}: ${violation ?? "cannot finish"}`, model };
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

export function runMutants({ minutes, only, log, stages = STAGES }: MutationOptions): MutationResult {
  const started = performance.now();
  const until = started + minutes * 60_000;
  const list = allMutants().filter(({ name }) => name.includes(only));
  const good = new Map<string, ModelCase[]>();
  const survivors: NamedMutant[] = [];
  const caughtBy: Record<string, string> = {};
  let tried = 0;
  for (const mutant of list) {
    if (performance.now() > until) break;
    tried += 1;
    const before = good.get(mutant.fn) ?? [];
    const found = notice(mutant, [...before, ...CASES.filter((model) => !before.includes(model))], stages, until);
    if (found === undefined) {
      survivors.push(mutant);
      log(
        `${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  survives: ${mutant.name}${EQUIVALENT[mutant.name] ? ` (${EQUIVALENT[mutant.name]})` : ""}`,
      );
    } else {
      caughtBy[mutant.name] = found.by;
      good.set(mutant.fn, [found.model, ...before.filter((model) => model !== found.model)].slice(0, 12));
    }
  }
  const equivalent = survivors.filter(({ name }) => EQUIVALENT[name] !== undefined).length;
  const caught = tried - survivors.length;
  const caughtShare = caught / Math.max(1, tried - equivalent);
  log(
    `${list.length} mutants, ${tried} tried: ${caught} caught, ${survivors.length} survive, ${equivalent} of them equivalent: ${(caughtShare * 100).toFixed(1)} %`,
  );
  return {
    mutants: list.length,
    caught,
    equivalent,
    caughtShare,
    survivors: survivors.map(({ name }) => name),
    untried: list.length - tried,
    seconds: (performance.now() - started) / 1000,
    caughtBy,
  };
}
