/**
 * Mandelbrot, with Heddle: bands of rows, drawn by whichever thread is free and put together in their order.
 */
import type { Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { encodePng } from "../png.ts";
import { BYTES_PER_PIXEL, type View } from "./mandelbrot.ts";

/** Rows of a band: some 10 ms of work. */
const BAND_ROWS = 8;

export async function heddleMandelbrot(rt: Runtime, view: View, onShare: OnShare): Promise<Uint8Array> {
  const jobs = rt.module<typeof import("./mandelbrot.ts")>(new URL("./mandelbrot.js", import.meta.url));
  const pixels = new Uint8Array(view.height * view.width * BYTES_PER_PIXEL);
  let byteOffset = 0;
  for (const drawing of bands(view).map((band) => rt.go(jobs.drawRows, band))) {
    const rows = await drawing;
    pixels.set(rows, byteOffset);
    byteOffset += rows.length;
    onShare(byteOffset / pixels.length);
  }
  return encodePng({ ...view, pixels });
}

function bands(view: View) {
  return Array.from({ length: Math.ceil(view.height / BAND_ROWS) }, (_, band) => {
    const first = band * BAND_ROWS;
    return { view, first, step: 1, count: Math.min(BAND_ROWS, view.height - first) };
  });
}
