/**
 * Report: what a run comes to, as it is written to JSON and read back from it.
 */
import type { Machine } from "./machine.ts";
import type { Figure, Target } from "./scenario.ts";

export interface Result {
  readonly id: string;
  readonly scenario: string;
  readonly contender: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

export interface TargetResult {
  readonly id: string;
  readonly target: string;
  /** null: a figure it needs was not measured in this run. */
  readonly ratio: number | null;
  readonly met: boolean | null;
}

export interface Report {
  readonly machine: Machine;
  readonly results: readonly Result[];
  readonly targets: readonly TargetResult[];
}

/** Compares results with targets; nothing here is typed in by hand. */
export function judge(targets: readonly Target[], results: readonly Result[]): TargetResult[] {
  const value = (figure: Figure | number) => {
    if (typeof figure === "number") return figure;
    return results.find((result) => result.scenario === figure.scenario && result.contender === figure.contender)?.median;
  };
  return targets.map((target) => {
    const { id } = target;
    const of = value(target.of);
    const to = value(target.to);
    if (of === undefined || to === undefined) return { id, target: target.target, ratio: null, met: null };
    const ratio = of / (to + (target.plus ?? 0));
    const met = ratio <= (target.atMost ?? Number.POSITIVE_INFINITY) && ratio >= (target.atLeast ?? Number.NEGATIVE_INFINITY);
    return { id, target: target.target, ratio: significant(ratio), met };
  });
}

/** Four significant digits. */
export function significant(value: number): number {
  return Number(value.toPrecision(4));
}
