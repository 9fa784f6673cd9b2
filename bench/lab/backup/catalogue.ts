/**
 * Catalogue: what is in a backup, in the order of the paths: the output that the variants of the job must agree on.
 */
import type { Packed } from "./packing.ts";

export function catalogueOf(packed: readonly Packed[]): string {
  const sorted = [...packed].sort((a, b) => (a.path < b.path ? -1 : 1));
  return `${JSON.stringify(sorted, null, 1)}\n`;
}

export function describeCatalogue(catalogue: string): string {
  const files = JSON.parse(catalogue) as Packed[];
  const sum = (of: (file: Packed) => number) => files.reduce((total, file) => total + of(file), 0);
  const [bytes, packedBytes] = [sum((file) => file.bytes), sum((file) => file.packedBytes)];
  return `${files.length} files in ${sum(({ blocks }) => blocks.length).toLocaleString("en")} blocks, ${((100 * packedBytes) / bytes).toFixed(0)} % of their bytes`;
}
