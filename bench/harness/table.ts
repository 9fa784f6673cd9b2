/**
 * Table: results and targets for the reader of the terminal.
 */
import Table from "cli-table3";
import pc from "picocolors";
import type { TargetResult } from "./report.ts";
import type { Measured } from "./rounds.ts";
import type { Scenario } from "./scenario.ts";

export function scenarioTable(scenario: Scenario, measured: readonly Measured[]): string {
  const table = new Table({
    head: [`${scenario.id}  ${scenario.title}`, scenario.unit, "min", "max", "rounds"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: ["bold"], border: [] },
  });
  for (const one of measured) table.push([one.contender, shown(one.median), shown(one.min), shown(one.max), String(one.rounds)]);
  return table.toString();
}

export function targetTable(targets: readonly TargetResult[]): string {
  const table = new Table({
    head: ["id", "target", "ratio", "met"],
    colAligns: ["left", "left", "right", "left"],
    style: { head: ["bold"], border: [] },
  });
  for (const { id, target, ratio, met } of targets) {
    table.push([
      id,
      target,
      ratio === null ? "-" : shownRatio(ratio),
      met === null ? "not measured" : met ? pc.green("yes") : pc.red("no"),
    ]);
  }
  return table.toString();
}

/** As many digits as say something. */
export function shown(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}

/** Enough digits that a target missed by little does not read as one met. */
export function shownRatio(ratio: number): string {
  return Number.isInteger(ratio) ? String(ratio) : ratio.toFixed(Math.abs(ratio) < 10 ? 3 : 1);
}
