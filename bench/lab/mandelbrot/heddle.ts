/**
 * Mandelbrot, with Heddle: bands of rows, drawn by whichever thread is free and put together in their order.
 */
import { pipeline, type Runtime, range } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { encodePng } from "../png.ts";
import { BYTES_PER_PIXEL, type Rows, type View } from "./mandelbrot.ts";

/** Rows of a band: some 10 ms of work. */
const BAND_ROWS = 8;

export async function heddleMandelbrot(rt: Runtime, view: View, onShare: OnShare): Promise<Uint8Array> {
  const jobs = rt.module<typeof import("./mandelbrot.ts")>(new URL("./mandelbrot.js", import.meta.url));
  const bandFrom = (first: number): Rows => ({ view, first, step: 1, count: Math.min(BAND_ROWS, view.height - first) });
  const bands = pipeline(rt, range(0, view.height, BAND_ROWS))
    .map(bandFrom)
    .map(jobs.drawRows, { width: "auto", ordered: true });
  const pixels = new Uint8Array(view.height * view.width * BYTES_PER_PIXEL);
  let byteOffset = 0;
  for await (const band of bands) {
    pixels.set(band, byteOffset);
    byteOffset += band.length;
    onShare(byteOffset / pixels.length);
  }
  return encodePng({ ...view, pixels });
}
