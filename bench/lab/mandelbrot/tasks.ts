/**
 * Mandelbrot tasks: what a thread of the Heddle variants runs.
 */
import type { Receiver } from "../../../src/index.ts";
import { drawRows, type View } from "./mandelbrot.ts";

/** Rows of the picture that lie one below the other. */
export interface Band {
  readonly first: number;
  readonly pixels: Uint8Array;
}

/** Draws bands of `height` rows as long as the channel names their first rows, and gives back what it has drawn. */
export async function drawBands(view: View, height: number, firstRows: Receiver<number>): Promise<Band[]> {
  const bands: Band[] = [];
  for await (const first of firstRows) {
    bands.push({ first, pixels: drawRows(view, first, 1, Math.min(height, view.height - first)) });
  }
  return bands;
}
