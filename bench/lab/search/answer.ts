/**
 * Answer: the first hits of a search, and why it ended: the output that the variants of the job must agree on.
 */
import type { Hit } from "./fuzzy.ts";

export type Ended = "enough" | "deadline" | "shutdown" | "the last file";

export function answerOf(hits: readonly Hit[], ended: Ended): string {
  return `${JSON.stringify({ ended, hits }, null, 1)}\n`;
}

export function describeAnswer(answer: string): string {
  const { ended, hits } = JSON.parse(answer) as { ended: Ended; hits: Hit[] };
  const last = hits.at(-1);
  return `${hits.length} hits, the last at ${last ? `${last.path}:${last.line}` : "nowhere"}; ended by: ${ended}`;
}
