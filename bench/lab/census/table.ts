/**
 * Census table: the merged census as one sorted table, the output that the variants of the job must agree on.
 */
import { type Census, emptyCensus, mergeCensus } from "./census.ts";

/** The parts as one census, most frequent node type first, as JSON text. */
export function censusTable(parts: Iterable<Census>): string {
  const whole = emptyCensus();
  for (const part of parts) mergeCensus(whole, part);
  const { counts, ...facts } = whole;
  return `${JSON.stringify({ ...facts, types: sortedCounts(counts) }, null, 1)}\n`;
}

/** The table in one line: how much of everything, and the three most frequent types. */
export function describeTable(table: string): string {
  const { files, lines, nodes, types } = JSON.parse(table) as Omit<Census, "counts"> & { types: [string, number][] };
  const top = types.slice(0, 3).map(([type, count]) => `${type} ${count.toLocaleString("en")}`);
  return (
    `${files.toLocaleString("en")} files, ${lines.toLocaleString("en")} lines, ${nodes.toLocaleString("en")} nodes of ` +
    `${types.length} types; most frequent: ${top.join(", ")}`
  );
}

function sortedCounts(counts: Census["counts"]): [string, number][] {
  return Object.entries(counts).sort(([typeA, a], [typeB, b]) => b - a || (typeA < typeB ? -1 : 1));
}
