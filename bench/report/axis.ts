/**
 * Axis: the round numbers along a scale.
 */

/** Round steps from nothing to `most`: about `wanted` of them. */
export function ticks(most: number, wanted = 6): number[] {
  if (!(most > 0)) return [0];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** Powers of ten around what lies between `least` and `most`, both above nothing. */
export function decades(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(Math.ceil(Math.log10(most) - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}
