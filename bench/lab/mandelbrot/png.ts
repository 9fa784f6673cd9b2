/**
 * Png: pixels as the bytes of a PNG file, by pngjs. Part of the timed job, on one thread in every variant.
 */
import { PNG } from "pngjs";
import type { View } from "./mandelbrot.ts";

/** pngjs: colour type 2 is RGB without alpha, filter 4 (Paeth) packs smooth colours best. */
const RGB = 2;
const PAETH = 4;

export function encodePng(view: View, pixels: Uint8Array): Uint8Array {
  const png = new PNG({ width: view.width, height: view.height });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return PNG.sync.write(png, { colorType: RGB, inputColorType: RGB, inputHasAlpha: false, filterType: PAETH });
}
