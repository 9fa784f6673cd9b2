/** Splits: nothing lost, nothing twice, sizes as promised. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { batches, shares } from "../../bench/lab/split.ts";

const lengthBytes = (thing: { lengthBytes: number }) => thing.lengthBytes;
const things = fc.array(fc.integer({ min: 0, max: 1_000 }).map((lengthBytes) => ({ lengthBytes })));

function totalOf(list: readonly { lengthBytes: number }[]): number {
  return list.reduce((sum, thing) => sum + thing.lengthBytes, 0);
}

test("batches hold everything once, and only a lone thing exceeds what a batch may be", () => {
  fc.assert(
    fc.property(things, fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 0, max: 8 }), (list, least, threads) => {
      const cut = batches(list, least, lengthBytes, threads);
      expect(new Set(cut.flat())).toEqual(new Set(list));
      expect(cut.flat()).toHaveLength(list.length);
      let left = totalOf(list);
      for (const batch of cut) {
        const most = Math.max(least, left / (4 * Math.max(threads, 1)));
        expect(batch.length === 1 || totalOf(batch) <= most).toBe(true);
        left -= totalOf(batch);
      }
    }),
  );
});

test("batches get smaller towards the end", () => {
  const sizes = batches(Array(200).fill({ lengthBytes: 1 }), 2, lengthBytes, 2).map(totalOf);
  expect(sizes[0]).toBe(25);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(sizes.slice(-4, -1)).toEqual([2, 2, 2]);
});

test("shares hold everything once and differ by no more than the largest thing", () => {
  fc.assert(
    fc.property(things, fc.integer({ min: 1, max: 9 }), (list, count) => {
      const cut = shares(list, count, lengthBytes);
      expect(cut).toHaveLength(count);
      expect(cut.flat()).toHaveLength(list.length);
      expect(new Set(cut.flat())).toEqual(new Set(list));
      const totals = cut.map(totalOf);
      const largest = Math.max(0, ...list.map((thing) => thing.lengthBytes));
      expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(largest);
    }),
  );
});
