// Which grains and faults the cases are run with.

import { build } from "./build.ts";
import type { Compiled } from "./codegen.ts";
import { explore } from "./explorer.ts";
import { interpret } from "./interpreter.ts";
import type { Faults, ModelCase } from "./program.ts";
import { replay } from "./replay.ts";
import { World } from "./world.ts";

export interface Campaign {
  name: string;
  isFine: boolean;
  faults: Faults;
  races: boolean;
  cap: number;
  quickCap: number;
  isQuick: boolean;
  /** Also the cases with two producers and two consumers. */
  crowds: boolean;
}

const NONE = { deaths: 0, fences: 0 };
const DEATH = { deaths: 1, fences: 0 };
const DEATHS = { deaths: 2, fences: 0 };
const FENCE = { deaths: 0, fences: 1 };
const BOTH = { deaths: 1, fences: 1 };

export const CAMPAIGNS: readonly Campaign[] = [
  { name: "calls atomic", isFine: false, faults: NONE, races: false, cap: 8_000_000, quickCap: 20_000, isQuick: true, crowds: true },
  {
    name: "calls atomic, a death",
    isFine: false,
    faults: DEATH,
    races: false,
    cap: 3_000_000,
    quickCap: 10_000,
    isQuick: true,
    crowds: true,
  },
  {
    name: "calls atomic, a fence",
    isFine: false,
    faults: FENCE,
    races: false,
    cap: 3_000_000,
    quickCap: 10_000,
    isQuick: true,
    crowds: true,
  },
  {
    name: "calls atomic, two deaths",
    isFine: false,
    faults: DEATHS,
    races: false,
    cap: 1_500_000,
    quickCap: 0,
    isQuick: false,
    crowds: false,
  },
  {
    name: "calls atomic, a death and a fence",
    isFine: false,
    faults: BOTH,
    races: false,
    cap: 1_500_000,
    quickCap: 0,
    isQuick: false,
    crowds: false,
  },
  {
    name: "every atomic operation",
    isFine: true,
    faults: NONE,
    races: true,
    cap: 3_000_000,
    quickCap: 10_000,
    isQuick: true,
    crowds: false,
  },
  {
    name: "every atomic operation, a death",
    isFine: true,
    faults: DEATH,
    races: true,
    cap: 1_500_000,
    quickCap: 5_000,
    isQuick: true,
    crowds: false,
  },
  {
    name: "every atomic operation, a fence",
    isFine: true,
    faults: FENCE,
    races: true,
    cap: 1_500_000,
    quickCap: 5_000,
    isQuick: true,
    crowds: false,
  },
];

export function casesOf({ crowds, faults }: Campaign, cases: readonly ModelCase[], more: readonly ModelCase[]): readonly ModelCase[] {
  const hasFaults = faults.deaths + faults.fences > 0;
  return (crowds ? [...cases, ...more] : cases).filter(({ faultless }) => !(hasFaults && faultless));
}

export interface CaseResult {
  campaign: string;
  name: string;
  states: number;
  stuck: number;
  isCapped: boolean;
  seconds: number;
  violation?: string;
  lines?: string[];
}

let shared: { world: World; functions: Compiled[] } | undefined;
/** One world and one set of compiled functions, used again from case to case. */
export function workbench(): { world: World; functions: Compiled[] } {
  if (shared === undefined) {
    const world = new World();
    shared = { world, functions: interpret(world) };
  }
  return shared;
}

export function runCase(campaign: Campaign, model: ModelCase, maxStates: number, deadlineMs: number): CaseResult {
  const { world, functions } = workbench();
  const scene = () => build(world, functions, model, campaign.faults, campaign.isFine);
  const result = explore(scene(), { maxStates, races: campaign.races, finish: true, seed: 1, deadlineMs });
  const lines = result.trace === undefined ? undefined : replay(scene(), result.trace);
  const { states, stuck, isCapped, seconds, violation } = result;
  return {
    campaign: campaign.name,
    name: model.name,
    states,
    stuck,
    isCapped,
    seconds,
    ...(violation === undefined ? {} : { violation }),
    ...(lines ? { lines } : {}),
  };
}
