/**
 * Scale: a picture made smaller with Lanczos' filter: each new pixel is a weighted mean of the old ones around its place,
 * first along the rows, then along the columns. (Turkowski, Filters for Common Resampling Tasks, 1990.)
 */
import type { Picture } from "../png.ts";

/** Lobes of the filter on either side. */
const LOBES = 3;
const RGB = 3;

/** Old pixels, from `first` on, and what each contributes to one new pixel. The weights add up to 1. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The picture in `width` x `height` pixels. How opaque it is gets lost. */
export function scale(picture: Picture<4>, width: number, height: number): Picture {
  const rows = scaleRows(picture, width);
  return { width, height, channels: RGB, pixels: scaleColumns(rows, width, picture.height, height) };
}

function scaleRows({ width: oldWidth, height, channels, pixels }: Picture<4>, width: number): Float32Array {
  const taps = tapsOf(oldWidth, width);
  const scaled = new Float32Array(width * height * RGB);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const rowOffset = y * oldWidth * channels;
    for (const { first, weights } of taps) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = 0, from = rowOffset + first * channels; tap < weights.length; tap++, from += channels) {
        const weight = weights[tap]!;
        red += weight * pixels[from]!;
        green += weight * pixels[from + 1]!;
        blue += weight * pixels[from + 2]!;
      }
      scaled[at++] = red;
      scaled[at++] = green;
      scaled[at++] = blue;
    }
  }
  return scaled;
}

function scaleColumns(rows: Float32Array, width: number, oldHeight: number, height: number): Uint8Array {
  const rowLength = width * RGB;
  const scaled = new Uint8ClampedArray(rowLength * height);
  let at = 0;
  for (const { first, weights } of tapsOf(oldHeight, height)) {
    for (let x = 0; x < rowLength; x++) {
      let sum = 0;
      for (let tap = 0, from = first * rowLength + x; tap < weights.length; tap++, from += rowLength) sum += weights[tap]! * rows[from]!;
      scaled[at++] = sum;
    }
  }
  return new Uint8Array(scaled.buffer);
}

/** For each of `count` new pixels the old ones it is made of. */
function tapsOf(oldCount: number, count: number): Taps[] {
  const step = oldCount / count;
  const stretch = Math.max(step, 1);
  return Array.from({ length: count }, (_, index) => {
    const centre = (index + 0.5) * step - 0.5;
    const first = Math.max(0, Math.ceil(centre - LOBES * stretch));
    const last = Math.min(oldCount - 1, Math.floor(centre + LOBES * stretch));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, tap) => lanczos((first + tap - centre) / stretch));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}
