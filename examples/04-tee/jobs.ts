import type { Receiver } from "../../src/index.ts";

/** Indexes words: which word occurs on how many lines. Answers how many words there are, and the five most frequent long ones. */
export async function index(lines: Receiver<string>): Promise<{ words: number; most: [string, number][] }> {
  const counts = new Map<string, number>();
  for await (const line of lines) {
    for (const word of new Set(line.match(/[A-Za-z]{8,}/g))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const most = [...counts].sort(([wordA, a], [wordB, b]) => b - a || (wordA < wordB ? -1 : 1)).slice(0, 5);
  return { words: counts.size, most };
}
