/** The audit: finds what the guesses hold, says so of what they do not, and has the same input every time. */
import { getRounds, hashSync } from "bcryptjs";
import { expect, test } from "vitest";
import { makeAudit } from "../../bench/lab/passwords/accounts.ts";
import { auditAccount, auditAccounts } from "../../bench/lab/passwords/audit.ts";
import { auditReport, describeReport } from "../../bench/lab/passwords/report.ts";

const SIZE = { accounts: 12, guesses: 5, cost: 4 };

test("the first guess that fits is the password", () => {
  const account = { name: "a", hash: hashSync("heddle", 4) };
  expect(auditAccount(account, ["loom", "heddle", "weft"])).toEqual({ name: "a", password: "heddle", tries: 2 });
});

test("a password that is no guess takes all of them", () => {
  expect(auditAccount({ name: "a", hash: hashSync("shuttle", 4) }, ["loom", "heddle"])).toEqual({ name: "a", password: null, tries: 2 });
});

test("what was hidden is found, with as many tries as it was made for", () => {
  const { accounts, guesses, tries } = makeAudit(SIZE);
  const findings = auditAccounts({ accounts, guesses });
  expect(findings.map((finding) => finding.tries)).toEqual(accounts.map((account) => tries.get(account)));
  expect(findings.some(({ password }) => password === null)).toBe(true);
  expect(new Set(findings.map(({ password }) => password)).size).toBeGreaterThan(2);
});

test("the same audit every time, with hashes of the cost asked for and no salt twice", () => {
  const { accounts, guesses, sha256 } = makeAudit(SIZE);
  expect(makeAudit(SIZE)).toMatchObject({ accounts, guesses, sha256 });
  expect(new Set(guesses).size).toBe(SIZE.guesses);
  expect(accounts.map(({ hash }) => getRounds(hash))).toEqual(accounts.map(() => SIZE.cost));
  expect(new Set(accounts.map(({ hash }) => hash.slice(0, 29))).size).toBe(SIZE.accounts);
});

test("the report does not care in which order accounts were audited", () => {
  const found = { name: "a", password: "loom", tries: 1 };
  const strong = { name: "b", password: null, tries: 2 };
  expect(auditReport([strong, found])).toBe(auditReport([found, strong]));
  expect(describeReport(auditReport([found, strong]))).toBe("1 of 2 passwords guessed, 3 guesses hashed");
});
