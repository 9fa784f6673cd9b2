/**
 * Passwords, with Heddle: an account is audited by whichever thread is free. One hash is long enough to be worth handing
 * over, so there is no need for batches.
 */
import { fanOut, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { AuditPart, Finding } from "./audit.ts";
import { auditReport } from "./report.ts";

export async function heddleAudit(rt: Runtime, { accounts, guesses }: AuditPart, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./audit.ts")>(new URL("./audit.js", import.meta.url));
  const parts = accounts.map((account) => ({ accounts: [account], guesses }));
  const findings: Finding[] = [];
  for await (const found of fanOut(rt, parts, jobs.auditAccounts)) {
    findings.push(...found);
    onShare(findings.length / accounts.length);
  }
  return auditReport(findings);
}
