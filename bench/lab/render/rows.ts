/**
 * Rows: a picture cut into rows dealt out in turn, and put together again. Neighbouring rows cost nearly the same, so every part is the same amount of work.
 */
import { encodePng } from "../png.ts";
import { BYTES_PER_PIXEL, type Rows, type Scene } from "./julia.ts";

export function everyNthRow(scene: Scene, parts: number): Rows[] {
  return Array.from({ length: Math.min(parts, scene.height) }, (_, first) => ({
    scene,
    first,
    step: parts,
    count: Math.ceil((scene.height - first) / parts),
  }));
}

/** The picture, as a PNG file. */
export function pictureOf(scene: Scene, parts: readonly Rows[], bands: readonly Uint8Array[]): Uint8Array {
  const rowBytes = scene.width * BYTES_PER_PIXEL;
  const pixels = new Uint8Array(scene.height * rowBytes);
  for (const [part, { first, step, count }] of parts.entries()) {
    for (let row = 0; row < count; row++) {
      pixels.set(bands[part]!.subarray(row * rowBytes, (row + 1) * rowBytes), (first + row * step) * rowBytes);
    }
  }
  return encodePng({ ...scene, pixels });
}
