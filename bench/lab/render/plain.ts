/**
 * Render, plain: a loop over the rows on one thread.
 */
import type { OnShare } from "../job.ts";
import { encodePng } from "../png.ts";
import { drawRows, type Scene } from "./julia.ts";

export function plainRender(scene: Scene, onShare: OnShare): Uint8Array {
  const pixels = drawRows({ scene, first: 0, step: 1, count: scene.height }, (done) => onShare(done / scene.height));
  return encodePng({ ...scene, pixels });
}
