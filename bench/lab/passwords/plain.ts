/**
 * Passwords, plain: a loop over the accounts on one thread.
 */
import type { OnShare } from "../job.ts";
import { type AuditPart, auditAccount, type Finding } from "./audit.ts";
import { auditReport } from "./report.ts";

export function plainAudit({ accounts, guesses }: AuditPart, onShare: OnShare): string {
  const findings: Finding[] = [];
  for (const account of accounts) {
    findings.push(auditAccount(account, guesses));
    onShare(findings.length / accounts.length);
  }
  return auditReport(findings);
}
