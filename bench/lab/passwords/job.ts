/**
 * Passwords job: an audit of bcrypt hashes with a list of guesses.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { type AuditSize, makeAudit } from "./accounts.ts";
import type { auditAccounts } from "./audit.ts";
import { heddleAudit } from "./heddle.ts";
import { plainAudit } from "./plain.ts";
import { auditReport, describeReport } from "./report.ts";

const SIZES: Readonly<Record<Size, AuditSize>> = {
  full: { accounts: 80, guesses: 8, cost: 4 },
  quick: { accounts: 20, guesses: 8, cost: 4 },
};
const FILE = "passwords.json";

export function passwordsJob(settings: JobSettings): Job {
  return passwordsOf(SIZES[settings.size], settings.threads);
}

/** An audit of any size. */
export function passwordsOf(size: AuditSize, threads: number): Job {
  const { accounts, guesses, tries, sha256 } = makeAudit(size);
  return {
    name: "passwords",
    pattern: "fan-out",
    title: `${accounts.length} bcrypt hashes of cost ${size.cost}, up to ${guesses.length} guesses each, sha256 ${sha256}`,
    facts: { ...size, sha256 },
    variants: variantsOf<typeof auditAccounts>(
      {
        plain: (onShare) => plainAudit({ accounts, guesses }, onShare),
        heddle: (rt, onShare) => heddleAudit(rt, { accounts, guesses }, onShare),
        ceiling: {
          module: sibling("audit", import.meta.url),
          task: "auditAccounts",
          parts: shares(accounts, threads, (account) => tries.get(account)!).map((share) => ({ accounts: share, guesses })),
          join: (results) => auditReport(results.flat()),
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => describeReport(output.toString()),
  };
}
