/**
 * Png: pixels as the bytes of a PNG file, and back, by pngjs.
 */
import { PNG } from "pngjs";

/** Pixels row by row, `channels` bytes each: red, green, blue and, where there are four, how opaque. */
export interface Picture<Channels extends 3 | 4 = 3> {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly pixels: Uint8Array;
}

/** pngjs: colour type 2 is RGB without alpha, filter 4 (Paeth) packs smooth colours best. */
const RGB = 2;
const PAETH = 4;

export function encodePng({ width, height, pixels }: Omit<Picture, "channels">): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return PNG.sync.write(png, { colorType: RGB, inputColorType: RGB, inputHasAlpha: false, filterType: PAETH });
}

export function decodePng(bytes: Uint8Array): Picture<4> {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { width, height, channels: 4, pixels: data };
}
