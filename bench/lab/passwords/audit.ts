/**
 * Audit: which accounts have a password that everybody would guess. A hash cannot be turned back, so every guess is
 * hashed with the account's salt, most common guess first, until one fits: how long that takes nobody knows beforehand.
 */
import { compareSync } from "bcryptjs";

export interface Account {
  readonly name: string;
  /** As bcrypt writes it: version, cost, salt and hash. */
  readonly hash: string;
}

export interface AuditPart {
  readonly accounts: readonly Account[];
  /** Most common first. */
  readonly guesses: readonly string[];
}

export interface Finding {
  readonly name: string;
  /** `null`: none of the guesses. */
  readonly password: string | null;
  /** How many guesses were hashed. */
  readonly tries: number;
}

/** Audits the accounts one by one: what a thread is given to do. */
export function auditAccounts({ accounts, guesses }: AuditPart): Finding[] {
  return accounts.map((account) => auditAccount(account, guesses));
}

export function auditAccount({ name, hash }: Account, guesses: readonly string[]): Finding {
  const index = guesses.findIndex((guess) => compareSync(guess, hash));
  return index < 0 ? { name, password: null, tries: guesses.length } : { name, password: guesses[index]!, tries: index + 1 };
}
