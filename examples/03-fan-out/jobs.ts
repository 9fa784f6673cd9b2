import { pbkdf2Sync } from "node:crypto";
import { WORDS } from "./words.ts";

/** A line of a password file. */
export interface Account {
  readonly name: string;
  readonly salt: string;
  readonly hash: string;
}

export const ITERATIONS = 600;

export function hashOf(word: string, salt: string): string {
  return pbkdf2Sync(word, salt, ITERATIONS, 32, "sha256").toString("hex");
}

/** Tries every word, and every word with a digit behind it. */
export function crack({ name, salt, hash }: Account): { name: string; password: string | undefined } {
  for (const word of WORDS) {
    for (const guess of [word, ...Array.from({ length: 10 }, (_, digit) => `${word}${digit}`)]) {
      if (hashOf(guess, salt) === hash) return { name, password: guess };
    }
  }
  return { name, password: undefined };
}
