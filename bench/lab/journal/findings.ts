/**
 * Findings: index and alarms as one text: the output that the variants of the job must agree on.
 */
import type { Alarms, Index } from "./reading.ts";

export function findingsOf(index: Index, alarms: Alarms): string {
  return `${JSON.stringify({ index, alarms }, null, 1)}\n`;
}

export function describeFindings(findings: string): string {
  const { index, alarms } = JSON.parse(findings) as { index: Index; alarms: Alarms };
  const [word, lines] = index.most[0] ?? ["none", 0];
  return `${index.words.toLocaleString("en")} words, most of all '${word}' on ${lines.toLocaleString("en")} lines; ${alarms.count} alarms, the first at ${alarms.first}`;
}
