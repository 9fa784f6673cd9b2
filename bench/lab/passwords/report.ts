/**
 * Report: what the audit found, as JSON text: the output that the variants of the job must agree on.
 */
import type { Finding } from "./audit.ts";

/** The findings by account, whatever their order. */
export function auditReport(findings: readonly Finding[]): string {
  const sorted = [...findings].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${JSON.stringify(sorted, null, 1)}\n`;
}

export function describeReport(report: string): string {
  const findings = JSON.parse(report) as Finding[];
  const guessed = findings.filter(({ password }) => password !== null).length;
  const tries = findings.reduce((sum, finding) => sum + finding.tries, 0);
  return `${guessed} of ${findings.length} passwords guessed, ${tries} guesses hashed`;
}
