/**
 * Table: the groups, sorted, as JSON text: the output that the variants of the job must agree on.
 */
import type { Group, Groups } from "./aggregate.ts";

/** The groups, most frequent first. */
export function groupTable(groups: Groups): string {
  const sorted = [...groups].sort(([keyA, a], [keyB, b]) => b.count - a.count || (keyA < keyB ? -1 : 1));
  return `[\n${sorted.map(([, group]) => JSON.stringify(group)).join(",\n")}\n]\n`;
}

export function describeGroups(table: string): string {
  const groups = JSON.parse(table) as Group[];
  const records = groups.reduce((sum, group) => sum + group.count, 0);
  const [most] = groups;
  return `${records.toLocaleString("en")} records in ${groups.length} groups, most in ${most?.folder}: ${most?.count.toLocaleString("en")} of type ${most?.type}`;
}
