import { readFileSync } from "node:fs";
import { type Node, parse } from "acorn";

/** Reads and parses a file; answers the type of each of its syntax nodes with how often it occurs. */
export function census(path: string): Map<string, number> {
  const counts = new Map<string, number>();
  const left: unknown[] = [parse(readFileSync(path, "utf8"), { ecmaVersion: "latest", sourceType: "module" })];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    const { type } = value as Partial<Node>;
    if (typeof type === "string") counts.set(type, (counts.get(type) ?? 0) + 1);
    left.push(...Object.values(value));
  }
  return counts;
}

/** Many counts as one. */
export function merge(parts: Map<string, number>[]): Map<string, number> {
  const whole = new Map<string, number>();
  for (const part of parts) for (const [type, n] of part) whole.set(type, (whole.get(type) ?? 0) + n);
  return whole;
}
