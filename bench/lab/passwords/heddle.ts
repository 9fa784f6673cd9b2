/**
 * Passwords, with Heddle: accounts are audited by whichever thread is free, the last ones one by one: how many guesses
 * each takes is known only afterwards.
 */
import { fanOut, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { batches } from "../split.ts";
import type { AuditPart, Finding } from "./audit.ts";
import { auditReport } from "./report.ts";

export async function heddleAudit(rt: Runtime, { accounts, guesses }: AuditPart, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./audit.ts")>(new URL("./audit.js", import.meta.url));
  const parts = batches(accounts, 1, () => 1, rt.threads).map((batch) => ({ accounts: batch, guesses }));
  const findings: Finding[] = [];
  for await (const found of fanOut(rt, parts, jobs.auditAccounts)) {
    findings.push(...found);
    onShare(findings.length / accounts.length);
  }
  return auditReport(findings);
}
