/**
 * Mandelbrot: the colours of a view of the set, row by row.
 *
 * A point's colour follows from the (smoothed) number of steps it takes to leave the circle, so rows cost very
 * different amounts of time: those through the set itself run to the limit.
 *
 * Invariant: a pixel depends on its view and its place only. Rows can be drawn in any order on any thread.
 */

export interface View {
  readonly width: number;
  readonly height: number;
  readonly centerX: number;
  readonly centerY: number;
  /** Width of the view on the complex plane. */
  readonly span: number;
  readonly maxIterations: number;
}

/** Rows of a view: `first`, `first + step`, ..., `count` of them. */
export interface Rows {
  readonly view: View;
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

export const BYTES_PER_PIXEL = 3;

/** Far outside the circle of radius 2, so that the smoothing has no visible steps. */
const ESCAPE_SQUARED = 65_536;
/** Colours a doubling of the number of steps walks through. */
const COLOURS_PER_DOUBLING = 512;
const PALETTE_LENGTH = 2_048;
const PALETTE = makePalette();

/** Draws row `y` of the view into `pixels`, from byte `byteOffset` on. */
export function drawRow(view: View, y: number, pixels: Uint8Array, byteOffset: number): void {
  const { width, height, centerX, centerY, span, maxIterations } = view;
  const ci = centerY - ((y / height - 0.5) * span * height) / width;
  for (let x = 0; x < width; x++) {
    const cr = centerX + (x / width - 0.5) * span;
    let zr = 0;
    let zi = 0;
    let zr2 = 0;
    let zi2 = 0;
    let steps = 0;
    while (steps < maxIterations && zr2 + zi2 < ESCAPE_SQUARED) {
      zi = 2 * zr * zi + ci;
      zr = zr2 - zi2 + cr;
      zr2 = zr * zr;
      zi2 = zi * zi;
      steps++;
    }
    const at = byteOffset + x * BYTES_PER_PIXEL;
    const colour = steps < maxIterations ? colourOf(steps, zr2 + zi2) : -1;
    pixels[at] = colour < 0 ? 0 : PALETTE[colour]!;
    pixels[at + 1] = colour < 0 ? 0 : PALETTE[colour + 1]!;
    pixels[at + 2] = colour < 0 ? 0 : PALETTE[colour + 2]!;
  }
}

/** The pixels of the rows asked for, one row after the other: what a thread is given to do. */
export function drawRows({ view, first, step, count }: Rows): Uint8Array {
  const rowBytes = view.width * BYTES_PER_PIXEL;
  const pixels = new Uint8Array(count * rowBytes);
  for (let row = 0; row < count; row++) drawRow(view, first + row * step, pixels, row * rowBytes);
  return pixels;
}

/** Where the colour of a point that left after `steps` begins in the palette. */
function colourOf(steps: number, radiusSquared: number): number {
  const smooth = Math.max(1, steps + 1 - Math.log2(Math.log2(radiusSquared) / 2));
  return (Math.floor(Math.log2(smooth) * COLOURS_PER_DOUBLING) % PALETTE_LENGTH) * BYTES_PER_PIXEL;
}

function makePalette(): Uint8Array {
  const palette = new Uint8Array(PALETTE_LENGTH * BYTES_PER_PIXEL);
  const channels = [
    { phase: 0.55, strength: 1 },
    { phase: 0.62, strength: 0.95 },
    { phase: 0.75, strength: 0.9 },
  ];
  for (let index = 0; index < PALETTE_LENGTH; index++) {
    channels.forEach(({ phase, strength }, channel) => {
      const wave = 0.5 + 0.5 * Math.cos(2 * Math.PI * (index / PALETTE_LENGTH + phase));
      palette[index * BYTES_PER_PIXEL + channel] = Math.round(255 * wave * strength);
    });
  }
  return palette;
}
