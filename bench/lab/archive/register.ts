/**
 * Register: what was recoded and what was set aside, by name: the output that the variants of the job must agree on.
 */
import type { Recodings } from "./recoding.ts";

export function registerOf(parts: readonly Recodings[]): string {
  const recoded = parts.flatMap((part) => part.recoded).sort((a, b) => (a.name < b.name ? -1 : 1));
  const setAside = parts.flatMap((part) => part.setAside).sort();
  return `${JSON.stringify({ recoded, setAside }, null, 1)}\n`;
}

export function describeRegister(register: string): string {
  const { recoded, setAside } = JSON.parse(register) as Recodings;
  const sum = (key: "bytes" | "packedBytes") => recoded.reduce((total, file) => total + file[key], 0);
  return `${recoded.length} files in ${((100 * sum("packedBytes")) / sum("bytes")).toFixed(0)} % of their bytes, ${setAside.length} set aside`;
}
