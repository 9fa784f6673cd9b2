/**
 * Accounts: the input of the audit, the same on every machine. The guesses are names of the modules of `three` with a
 * year; a seed decides which of them an account took, if any, and its salt.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { encodeBase64, hashSync } from "bcryptjs";
import { type Random, randomFrom, shuffled } from "../random.ts";
import { readSources, threeRoot } from "../sources.ts";
import type { Account, AuditPart } from "./audit.ts";

/** How large an audit to make. */
export interface AuditSize {
  readonly accounts: number;
  readonly guesses: number;
  /** 2 ** cost rounds a hash. */
  readonly cost: number;
}

/** Accounts to audit. */
export interface Audit extends AuditPart {
  /** How many guesses each account takes. An auditor does not know that: only the split made beforehand may look. */
  readonly tries: ReadonlyMap<Account, number>;
  /** Over the names and hashes of all accounts and the guesses. */
  readonly sha256: string;
}

const SEED = 20_190_519;
const SALT_BYTES = 16;
/** One account in so many has a password that is none of the guesses. */
const STRONG_ONE_IN = 5;

export function makeAudit(size: AuditSize): Audit {
  const random = randomFrom(SEED);
  const words = readSources(threeRoot(), ["src"]).files.map((file) => basename(file.path, ".js"));
  const guesses = shuffled([...new Set(words)], random)
    .slice(0, size.guesses)
    .map((word) => `${word}${1970 + random(50)}`);
  const tries = new Map<Account, number>();
  const accounts = Array.from({ length: size.accounts }, (_, number) => {
    const guess = random(STRONG_ONE_IN) === 0 ? undefined : random(guesses.length);
    const password = guess === undefined ? `none of them: ${random(1_000_000)}` : guesses[guess]!;
    const account = { name: `account ${String(number + 1).padStart(3, "0")}`, hash: hashSync(password, salt(size.cost, random)) };
    tries.set(account, guess === undefined ? guesses.length : guess + 1);
    return account;
  });
  const sha256 = createHash("sha256").update(JSON.stringify({ accounts, guesses })).digest("hex");
  return { accounts, guesses, tries, sha256 };
}

/** What bcrypt expects before the hash. */
function salt(cost: number, random: Random): string {
  const bytes = Array.from({ length: SALT_BYTES }, () => random(256));
  return `$2b$${String(cost).padStart(2, "0")}$${encodeBase64(bytes, SALT_BYTES)}`;
}
