/**
 * Mandelbrot, with Heddle: bands of rows, drawn by whichever thread is free and put together in their order.
 */
import { pipeline, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import { encodePng } from "../png.ts";
import { batches } from "../split.ts";
import { BYTES_PER_PIXEL, type View } from "./mandelbrot.ts";

/** About 5 ms of drawing. */
const LEAST_ROWS = 4;

export async function heddleMandelbrot(rt: Runtime, view: View, onShare: OnShare): Promise<Uint8Array> {
  const jobs = rt.module<typeof import("./mandelbrot.ts")>(new URL("./mandelbrot.js", import.meta.url));
  const rows = Array.from({ length: view.height }, (_, y) => y);
  const bands = batches(rows, LEAST_ROWS, () => 1, rt.threads).map((band) => ({ view, first: band[0]!, step: 1, count: band.length }));
  const pixels = new Uint8Array(view.height * view.width * BYTES_PER_PIXEL);
  let byteOffset = 0;
  for await (const band of pipeline(rt, bands).map(jobs.drawRows, { width: "auto", ordered: true })) {
    pixels.set(band, byteOffset);
    byteOffset += band.length;
    onShare(byteOffset / pixels.length);
  }
  return encodePng({ ...view, pixels });
}
