/**
 * Table: the groups, sorted, as JSON text: the output that the variants of the job must agree on.
 */
import type { Group, Groups } from "./aggregate.ts";

/** The groups, most frequent first. */
export function groupTable(groups: Groups): string {
  const sorted = [...groups.values()].sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
  return `[\n${sorted.map((group) => JSON.stringify(group)).join(",\n")}\n]\n`;
}

export function describeGroups(table: string): string {
  const groups = JSON.parse(table) as Group[];
  const records = groups.reduce((sum, group) => sum + group.count, 0);
  const top = groups.slice(0, 3).map(({ type, count }) => `${type} ${count.toLocaleString("en")}`);
  return `${records.toLocaleString("en")} records of ${groups.length} types; most frequent: ${top.join(", ")}`;
}
