/**
 * Pooled: a picture's likeness, worked out in room that is lent: what a thread of the pool is called for.
 */
import { objectPool } from "../../../src/index.ts";
import { type Likeness, likenessOf, makeScratch } from "./likeness.ts";

/** This thread's. */
const scratches = objectPool({ create: makeScratch, max: 1, min: 1, idleMs: Number.POSITIVE_INFINITY });

export interface PooledLikeness extends Likeness {
  /** Scratches that this thread has made so far, and how often this one was lent. */
  readonly made: number;
  readonly use: number;
}

export async function likeness(folder: string, name: string): Promise<PooledLikeness> {
  const loan = await scratches.get();
  try {
    return { ...likenessOf(folder, name, loan.value), made: scratches.stats.created, use: loan.use };
  } finally {
    loan.put();
  }
}
