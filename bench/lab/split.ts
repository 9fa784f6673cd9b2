/**
 * Split: two ways to cut a list of things of known sizes into pieces.
 *
 * `batches` makes pieces for threads that take the next one when they are free: large ones while there is much to do,
 * small ones for the end, so that there are few pieces and no thread is left with a large one when the others are done.
 * (Polychronopoulos and Kuck, Guided Self-Scheduling, 1987.) `shares` makes one piece for each thread, as equal as sizes
 * can tell beforehand.
 */

export type SizeOf<T> = (thing: T) => number;

/** A batch is one part in so many, for each thread, of what is left. */
const PARTS = 4;

/** Pieces of at least about `leastSize`, largest things first, for `threads` threads. */
export function batches<T>(things: readonly T[], leastSize: number, sizeOf: SizeOf<T>, threads = 1): T[][] {
  const result: T[][] = [];
  let batch: T[] = [];
  let batchSize = 0;
  let leftSize = things.reduce((sum, thing) => sum + sizeOf(thing), 0);
  for (const thing of largestFirst(things, sizeOf)) {
    const size = sizeOf(thing);
    if (batch.length > 0 && batchSize + size > Math.max(leastSize, leftSize / (PARTS * Math.max(threads, 1)))) {
      result.push(batch);
      leftSize -= batchSize;
      batch = [];
      batchSize = 0;
    }
    batch.push(thing);
    batchSize += size;
  }
  if (batch.length > 0) result.push(batch);
  return result;
}

/** `count` pieces of nearly equal size: each thing, largest first, goes to the piece that is smallest so far. */
export function shares<T>(things: readonly T[], count: number, sizeOf: SizeOf<T>): T[][] {
  const result = Array.from({ length: count }, (): { things: T[]; size: number } => ({ things: [], size: 0 }));
  for (const thing of largestFirst(things, sizeOf)) {
    const smallest = result.reduce((least, share) => (share.size < least.size ? share : least));
    smallest.things.push(thing);
    smallest.size += sizeOf(thing);
  }
  return result.map((share) => share.things);
}

function largestFirst<T>(things: readonly T[], sizeOf: SizeOf<T>): T[] {
  return [...things].sort((a, b) => sizeOf(b) - sizeOf(a));
}
