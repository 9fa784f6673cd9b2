/**
 * Random: numbers that a seed decides, for inputs that are the same on every machine. (Marsaglia's xorshift, 32 bits.)
 */

/** Gives whole numbers from 0 up to but not including the number asked for. */
export type Random = (below: number) => number;

/** Random numbers from a seed other than 0. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

/** A shuffled copy. */
export function shuffled<T>(things: readonly T[], random: Random): T[] {
  const result = [...things];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
