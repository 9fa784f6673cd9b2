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

/** 1, 2, 5, 10, 20, … from the last that is not above `least` to the first that is not below `most`, both above nothing; powers of ten alone where these are many. */
export function logTicks(least: number, most: number, wanted = 9): number[] {
  const powers = range(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))).map((exponent) => 10 ** exponent);
  const steps = powers.flatMap((power) => [1, 2, 5].map((factor) => Number((factor * power).toPrecision(3))));
  const around = (list: readonly number[]) => {
    const first = list.findLastIndex((step) => step <= least * (1 + 1e-9));
    const last = list.findIndex((step) => step >= most * (1 - 1e-9));
    return list.slice(first, Math.max(last, first + 1) + 1);
  };
  const fine = around(steps);
  return fine.length <= wanted ? fine : around(powers);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
