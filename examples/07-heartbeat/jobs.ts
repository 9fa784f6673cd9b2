import type { Context, Pulse, Receiver } from "../../src/index.ts";

export interface Picture {
  readonly width: number;
  readonly height: number;
}

export interface Progress {
  readonly row: number;
  readonly of: number;
}

/** Renders the Mandelbrot set, a pulse a row, and answers how many steps that took. In the middle it needs its palette. */
export async function render({ width, height }: Picture, palette: Receiver<number>, pulse: Pulse<Progress>, ctx: Context): Promise<number> {
  let steps = 0;
  for (let row = 0; row < height; row++) {
    if (ctx.error) throw ctx.error;
    if (row === height / 2) await palette.recv({ ctx });
    for (let column = 0; column < width; column++) steps += escapeTime((3 * column) / width - 2, (2 * row) / height - 1);
    pulse.beat({ row: row + 1, of: height });
  }
  return steps;
}

function escapeTime(x0: number, y0: number): number {
  let [x, y, steps] = [0, 0, 0];
  for (; steps < 500 && x * x + y * y < 4; steps++) [x, y] = [x * x - y * y + x0, 2 * x * y + y0];
  return steps;
}
