/**
 * Split: two ways to cut a list of sized things into pieces.
 *
 * `batches` makes many small pieces for threads that take the next one when they are free; the largest come
 * first, so that what is left for the end is small. `shares` makes one piece for each thread, as equal as sizes
 * can tell beforehand.
 */

export interface Sized {
  readonly lengthBytes: number;
}

/** Pieces of about `targetBytes`, largest things first. A thing larger than that is a piece of its own. */
export function batches<T extends Sized>(things: readonly T[], targetBytes: number): T[][] {
  const result: T[][] = [];
  let batch: T[] = [];
  let batchBytes = 0;
  for (const thing of largestFirst(things)) {
    if (batch.length > 0 && batchBytes + thing.lengthBytes > targetBytes) {
      result.push(batch);
      batch = [];
      batchBytes = 0;
    }
    batch.push(thing);
    batchBytes += thing.lengthBytes;
  }
  if (batch.length > 0) result.push(batch);
  return result;
}

/** `count` pieces of nearly equal size: each thing, largest first, goes to the piece that is smallest so far. */
export function shares<T extends Sized>(things: readonly T[], count: number): T[][] {
  const result = Array.from({ length: count }, (): { things: T[]; bytes: number } => ({ things: [], bytes: 0 }));
  for (const thing of largestFirst(things)) {
    const smallest = result.reduce((least, share) => (share.bytes < least.bytes ? share : least));
    smallest.things.push(thing);
    smallest.bytes += thing.lengthBytes;
  }
  return result.map((share) => share.things);
}

function largestFirst<T extends Sized>(things: readonly T[]): T[] {
  return [...things].sort((a, b) => b.lengthBytes - a.lengthBytes);
}
