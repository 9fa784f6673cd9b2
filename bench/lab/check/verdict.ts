/**
 * Verdict: the sound parts' characters, and the refusal of the damaged set: the output that the variants of the job must agree on.
 */
import type { Refusal } from "./checking.ts";

export function verdictOf(characters: readonly number[], { code, path }: Refusal): string {
  return `${JSON.stringify({ characters, refusal: { code, path } }, null, 1)}\n`;
}

export function describeVerdict(verdict: string): string {
  const { characters, refusal } = JSON.parse(verdict) as { characters: number[]; refusal: Refusal };
  const total = characters.reduce((sum, each) => sum + each, 0);
  return `${characters.length} parts, ${total.toLocaleString("en")} characters, sound; with damage: ${refusal.code} in ${refusal.path}`;
}
