/**
 * Album: the likenesses by name, and the pictures that look most alike: the output that the variants of the job must agree on.
 */
import type { Likeness } from "./likeness.ts";

interface Twins {
  readonly names: readonly [string, string];
  /** Bits that differ, of 64. */
  readonly apart: number;
}

const MOST = 10;

export function albumOf(likenesses: readonly Likeness[]): string {
  const sorted = likenesses.map(({ name, bits }) => ({ name, bits })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const pairs = sorted.flatMap((one, i) =>
    sorted.slice(i + 1).map((other): Twins => ({ names: [one.name, other.name], apart: apart(one.bits, other.bits) })),
  );
  const twins = pairs.sort((a, b) => a.apart - b.apart).slice(0, MOST); // sorting keeps the order of equals
  return `${JSON.stringify({ twins, likenesses: sorted }, null, 1)}\n`;
}

export function describeAlbum(album: string): string {
  const { twins, likenesses } = JSON.parse(album) as { twins: Twins[]; likenesses: Likeness[] };
  const [first] = twins;
  const closest = first ? `${first.names.join(" and ")} look most alike, ${first.apart} of 64 bits apart` : "one alone";
  return `${likenesses.length} pictures, ${closest}`;
}

function apart(one: string, other: string): number {
  let differing = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  let count = 0;
  for (; differing > 0n; differing &= differing - 1n) count++;
  return count;
}
