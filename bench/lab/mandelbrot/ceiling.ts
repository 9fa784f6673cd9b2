/**
 * Mandelbrot, ceiling: the rows are dealt out in turn to bare Workers beforehand. Neighbouring rows cost nearly the
 * same, so every Worker gets the same amount of work.
 */
import { Crew } from "../bare/crew.ts";
import { sibling } from "../bare/sibling.ts";
import type { Variant } from "../job.ts";
import type { RowShare } from "./bare.ts";
import { BYTES_PER_PIXEL, type View } from "./mandelbrot.ts";
import { encodePng } from "./png.ts";

export function bareMandelbrot(view: View, workers: number): Variant {
  let crew: Crew<RowShare, Uint8Array>;
  const rowBytes = view.width * BYTES_PER_PIXEL;
  const parts = Array.from({ length: Math.min(workers, view.height) }, (_, first) => ({
    view,
    first,
    step: workers,
    count: Math.ceil((view.height - first) / workers),
  }));
  return {
    name: "ceiling",
    async open() {
      crew = await Crew.start(sibling("bare", import.meta.url), workers);
    },
    async run(onShare) {
      const pixels = new Uint8Array(view.height * rowBytes);
      const results = await crew.run(parts);
      results.forEach((rows, index) => {
        const { first, step, count } = parts[index]!;
        for (let row = 0; row < count; row++) {
          pixels.set(rows.subarray(row * rowBytes, (row + 1) * rowBytes), (first + row * step) * rowBytes);
        }
      });
      onShare(1);
      return encodePng(view, pixels);
    },
    close: () => crew.close(),
  };
}
