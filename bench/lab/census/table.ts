/**
 * Census table: a census as one sorted table, the output that the variants of the job must agree on.
 */
import type { Census } from "./census.ts";

/** The census, most frequent node type first, as JSON text. */
export function censusTable({ counts, ...facts }: Census): string {
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
  return [...counts].sort(([typeA, a], [typeB, b]) => b - a || (typeA < typeB ? -1 : 1));
}
