/**
 * Glossary: the most frequent names of all that was indexed, and what was refused: the output that the variants of the job must agree on.
 */
import { Index, type Indexed } from "./indexing.ts";

interface Glossary {
  readonly documents: number;
  readonly names: number;
  readonly most: readonly (readonly [name: string, count: number])[];
  readonly refused: readonly string[];
}

const MOST = 50;

export function glossaryOf(parts: readonly Indexed[]): string {
  const index = new Index();
  for (const { counts } of parts) index.merge(counts);
  const most = [...index.counts].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1));
  const glossary: Glossary = {
    documents: parts.reduce((sum, { documents }) => sum + documents, 0),
    names: most.length,
    most: most.slice(0, MOST),
    refused: parts.flatMap(({ refused }) => refused).sort(),
  };
  return `${JSON.stringify(glossary, null, 1)}\n`;
}

export function describeGlossary(text: string): string {
  const { documents, names, refused } = JSON.parse(text) as Glossary;
  return `${documents} documents with ${names.toLocaleString("en")} names indexed, ${refused.length} refused`;
}
