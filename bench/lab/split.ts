/**
 * Split: two ways to cut a list of things of known sizes into pieces.
 *
 * `batches` makes many small pieces for threads that take the next one when they are free; the largest come
 * first, so that what is left for the end is small. `shares` makes one piece for each thread, as equal as sizes
 * can tell beforehand.
 */

export type SizeOf<T> = (thing: T) => number;

/** Pieces of about `targetSize`, largest things first. A thing larger than that is a piece of its own. */
export function batches<T>(things: readonly T[], targetSize: number, sizeOf: SizeOf<T>): T[][] {
  const result: T[][] = [];
  let batch: T[] = [];
  let batchSize = 0;
  for (const thing of largestFirst(things, sizeOf)) {
    if (batch.length > 0 && batchSize + sizeOf(thing) > targetSize) {
      result.push(batch);
      batch = [];
      batchSize = 0;
    }
    batch.push(thing);
    batchSize += sizeOf(thing);
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
