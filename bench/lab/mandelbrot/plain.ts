/**
 * Mandelbrot, plain: a loop over the rows on one thread.
 */
import type { OnShare } from "../job.ts";
import { encodePng } from "../png.ts";
import { BYTES_PER_PIXEL, drawRow, type View } from "./mandelbrot.ts";

export function plainMandelbrot(view: View, onShare: OnShare): Uint8Array {
  const rowBytes = view.width * BYTES_PER_PIXEL;
  const pixels = new Uint8Array(view.height * rowBytes);
  for (let y = 0; y < view.height; y++) {
    drawRow(view, y, pixels, y * rowBytes);
    onShare((y + 1) / view.height);
  }
  return encodePng({ ...view, pixels });
}
