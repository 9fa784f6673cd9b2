// Findings as text.

import type { Finding } from "./finding.ts";

const INDENT = " ".repeat(15);

export function findingText({ name, verdict, seen, means, todo }: Finding): string {
  const lines = [`${verdict.padEnd(5)} ${name.padEnd(8)} ${seen}`, INDENT + means];
  if (todo) lines.push(`${INDENT}→ ${todo}`);
  return lines.join("\n");
}

export function summaryText(findings: readonly Finding[]): string {
  const count = (verdict: Finding["verdict"]) => findings.filter((finding) => finding.verdict === verdict).length;
  const [fails, warns] = [count("fail"), count("warn")];
  if (fails > 0) return `${fails} of ${findings.length} checks failed: Heddle does not work here as it promises.`;
  return warns > 0 ? `Heddle works here, with ${warns} limit${warns > 1 ? "s" : ""} worth knowing.` : "Heddle works here.";
}
