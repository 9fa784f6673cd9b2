/**
 * Table: the results for the reader of the terminal.
 */
import Table from "cli-table3";
import pc from "picocolors";
import type { JobResult } from "./result.ts";

export function resultTable(results: readonly JobResult[]): string {
  const table = new Table({
    head: ["job", "pattern", "plain ms", "inline ms", "threads ms", "ceiling ms", "speed-up", "ceiling's", "of the ceiling", "equal"],
    colAligns: ["left", "left", "right", "right", "right", "right", "right", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    table.push([
      result.name,
      result.pattern,
      time(result.plainMs),
      time(result.inlineMs),
      time(result.threadsMs),
      time(result.ceilingMs),
      times(result.speedUp),
      times(result.ceilingSpeedUp),
      result.shareOfCeiling === null ? "-" : `${(result.shareOfCeiling * 100).toFixed(0)} %`,
      result.equal ? pc.green("yes") : pc.red(`no: ${result.differs.join(", ")}`),
    ]);
  }
  return table.toString();
}

/** What the columns of the table mean. */
export function legend(threads: number): string {
  return [
    "plain    one thread, a loop, no library          inline   the Heddle program with threads: 0",
    `threads  the Heddle program on ${threads} ${threads === 1 ? "thread " : "threads"}         ceiling  ${threads} bare ${threads === 1 ? "Worker" : "Workers"}, work split beforehand`,
    "Medians of interleaved rounds. speed-up = plain / threads, ceiling's = plain / ceiling.",
  ].join("\n");
}

function time(ms: number | null): string {
  return ms === null ? "-" : ms.toFixed(0);
}

function times(value: number | null): string {
  return value === null ? "-" : `${value.toFixed(2)} x`;
}
