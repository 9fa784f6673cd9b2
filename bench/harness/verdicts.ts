/**
 * Verdicts: what follows from the rows for somebody who has to choose: when threads do not pay, and how far more of them help. Computed, as all figures.
 */
import { type BreakEven, breakEvens } from "../suites/break-even.ts";
import { PAYLOADS } from "../suites/sweep.ts";
import type { Result } from "./report.ts";
import { shown } from "./table.ts";

/** Lengths below which a plain loop is done sooner; nothing if nothing was swept. */
export function whenNotTo(results: readonly Result[]): string[] {
  const found = breakEvens(results);
  if (found.length === 0) return [];
  const sizes = Object.entries(PAYLOADS);
  const contenders = [...new Set(found.map(({ contender }) => contender))];
  const cell = (contender: string, lengthBytes: number) => {
    const one = found.find((each) => each.contender === contender && each.lengthBytes === lengthBytes);
    return one === undefined ? "" : said(one);
  };
  return [
    "## When not to use threads",
    "",
    "When a task is shorter than this. On two threads such tasks are done sooner by a plain loop; at this length both are as fast, and longer ones gain up to",
    "twice. Many tasks wait in line here; a single one, awaited alone, never gains. Interpolated between the lengths that were swept; the payload is copied to",
    "the thread (but for the bare Workers, which have their share before the clock starts: the floor of all).",
    "",
    `| | ${sizes.map(([, name]) => name).join(" | ")} |`,
    `|---|${sizes.map(() => "---:|").join("")}`,
    ...contenders.map(
      (contender) => `| ${contender} | ${sizes.map(([lengthBytes]) => cell(contender, Number(lengthBytes))).join(" | ")} |`,
    ),
    "",
    "Nor when the work waits instead of computing (the event loop waits for thousands at once), when the results are larger than what computing them costs, or",
    "when every core is busy already.",
    "",
  ];
}

function said({ us, side }: BreakEven): string {
  const length = us < 1_000 ? `${shown(us)} µs` : `${shown(us / 1_000)} ms`;
  return side === "at" ? length : side === "below" ? `under ${length}` : `over ${length}`;
}

/** How many times as fast as the plain loop, by the number of threads; nothing if that was not measured. */
export function speedUps(results: readonly Result[]): string[] {
  const rows = scalingRows(results);
  if (rows.size === 0) return [];
  const contenders = [...new Set([...rows.values()].flatMap((row) => [...row.keys()]))].filter((name) => name !== "plain");
  const cell = (row: ReadonlyMap<string, number>, contender: string) => {
    const [plain, ms] = [row.get("plain"), row.get(contender)];
    return plain === undefined || ms === undefined ? "" : `${(plain / ms).toFixed(2)} ×`;
  };
  return [
    "## How far threads help",
    "",
    "One fixed job, against the plain loop. *Split beforehand* is the ceiling.",
    "",
    `| | ${contenders.join(" | ")} |`,
    `|---|${contenders.map(() => "---:|").join("")}`,
    ...[...rows].map(([title, row]) => `| ${title} | ${contenders.map((contender) => cell(row, contender)).join(" | ")} |`),
    "",
  ];
}

/** The medians of the rows of the scaling suite, by scenario and contender. */
function scalingRows(results: readonly Result[]): Map<string, Map<string, number>> {
  const rows = new Map<string, Map<string, number>>();
  for (const { id, scenario, contender, median } of results) {
    if (id !== "scaling") continue;
    const row = rows.get(scenario) ?? new Map<string, number>();
    rows.set(scenario, row.set(contender, median));
  }
  return rows;
}
