/**
 * Likeness: 64 bits that say what a picture looks like. Pictures that look alike have nearly the same.
 *
 * The picture in grey, shrunk to a square of 32 pixels; of its waves (a discrete cosine transform) the 64 slowest; a bit for each that is above their middle.
 * (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010.)
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodePng } from "../png.ts";

/** Pictures by their names in `folder`. */
export interface LikenessPart {
  readonly folder: string;
  readonly names: readonly string[];
}

export interface Likeness {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly bits: string;
}

const SIDE = 32;
const WAVES = 8;
const CHANNELS = 4;

/** What it takes to work one out, made once and used again: room for the steps, and a table of cosines. */
export interface Scratch {
  readonly square: Float64Array;
  readonly rows: Float64Array;
  readonly waves: Float64Array;
  /** Of wave w at place x: w × SIDE + x. */
  readonly cosines: Float64Array;
}

export function makeScratch(): Scratch {
  const cosines = new Float64Array(WAVES * SIDE);
  for (let w = 0; w < WAVES; w++) for (let x = 0; x < SIDE; x++) cosines[w * SIDE + x] = Math.cos((Math.PI * w * (2 * x + 1)) / (2 * SIDE));
  return { square: new Float64Array(SIDE * SIDE), rows: new Float64Array(SIDE * WAVES), waves: new Float64Array(WAVES * WAVES), cosines };
}

export function likenessOf(folder: string, name: string, scratch: Scratch): Likeness {
  shrink(decodePng(readFileSync(join(folder, name))), scratch.square);
  transform(scratch);
  const middle = [...scratch.waves].sort((a, b) => a - b)[scratch.waves.length >> 1]!;
  let bits = 0n;
  for (const wave of scratch.waves) bits = (bits << 1n) | (wave > middle ? 1n : 0n);
  return { name, bits: bits.toString(16).padStart(16, "0") };
}

/** One by one: what a bare Worker is given to do. */
export function likenesses({ folder, names }: LikenessPart): Likeness[] {
  const scratch = makeScratch();
  return names.map((name) => likenessOf(folder, name, scratch));
}

/** Each pixel of the square is the mean of the grey of what it stands for. */
function shrink({ width, height, pixels }: ReturnType<typeof decodePng>, square: Float64Array): void {
  for (let y = 0; y < SIDE; y++) {
    const [top, bottom] = [
      Math.floor((y * height) / SIDE),
      Math.max(Math.floor((y * height) / SIDE) + 1, Math.floor(((y + 1) * height) / SIDE)),
    ];
    for (let x = 0; x < SIDE; x++) {
      const [left, right] = [
        Math.floor((x * width) / SIDE),
        Math.max(Math.floor((x * width) / SIDE) + 1, Math.floor(((x + 1) * width) / SIDE)),
      ];
      let grey = 0;
      for (let row = top; row < bottom; row++) {
        for (let at = (row * width + left) * CHANNELS; at < (row * width + right) * CHANNELS; at += CHANNELS) {
          grey += 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
        }
      }
      square[y * SIDE + x] = grey / ((bottom - top) * (right - left));
    }
  }
}

/** First along the rows, then along the columns. */
function transform({ square, rows, waves, cosines }: Scratch): void {
  for (let y = 0; y < SIDE; y++) {
    for (let w = 0; w < WAVES; w++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += square[y * SIDE + x]! * cosines[w * SIDE + x]!;
      rows[y * WAVES + w] = sum;
    }
  }
  for (let v = 0; v < WAVES; v++) {
    for (let w = 0; w < WAVES; w++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += rows[y * WAVES + w]! * cosines[v * SIDE + y]!;
      waves[v * WAVES + w] = sum;
    }
  }
}
