import { readFileSync } from "node:fs";

export interface Hit {
  readonly path: string;
  readonly line: number;
}

/** The lines of a file that match, as a search without an index finds them. */
export function search({ path, pattern }: { path: string; pattern: string }): Hit[] {
  const regex = new RegExp(pattern, "i");
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((text, i) => (regex.test(text) ? [{ path, line: i + 1 }] : []));
}
