/**
 * Mandelbrot job: a small copy of the set deep in the Seahorse Valley, as a PNG file.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { encodePng } from "../png.ts";
import { variantsOf } from "../variants.ts";
import { heddleMandelbrot } from "./heddle.ts";
import { BYTES_PER_PIXEL, type drawRows, type Rows, type View } from "./mandelbrot.ts";
import { plainMandelbrot } from "./plain.ts";

const PLACE = { centerX: -0.743643135, centerY: 0.131825963, span: 0.000014628 };
const VIEWS: Readonly<Record<Size, View>> = {
  full: { ...PLACE, width: 960, height: 600, maxIterations: 3_000 },
  quick: { ...PLACE, width: 640, height: 400, maxIterations: 2_000 },
};
const FILE = "mandelbrot.png";

export function mandelbrotJob(settings: JobSettings): Job {
  return mandelbrotOf(VIEWS[settings.size], settings.threads);
}

/** The picture of any view. */
export function mandelbrotOf(view: View, threads: number): Job {
  const parts = everyNthRow(view, threads);
  return {
    name: "mandelbrot",
    pattern: "pipeline",
    title: `${view.width} x ${view.height} pixels, up to ${view.maxIterations} steps a pixel, encoded as PNG`,
    facts: { ...view },
    variants: variantsOf<typeof drawRows>(
      {
        plain: (onShare) => plainMandelbrot(view, onShare),
        heddle: (rt, onShare) => heddleMandelbrot(rt, view, onShare),
        ceiling: {
          module: sibling("mandelbrot", import.meta.url),
          task: "drawRows",
          parts,
          join: (results) => encodePng({ ...view, pixels: interleaved(view, parts, results) }),
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => `a picture of ${output.length.toLocaleString("en")} bytes`,
  };
}

/** Rows dealt out in turn. Neighbouring rows cost nearly the same, so every Worker gets the same amount of work. */
function everyNthRow(view: View, workers: number): Rows[] {
  return Array.from({ length: Math.min(workers, view.height) }, (_, first) => ({
    view,
    first,
    step: workers,
    count: Math.ceil((view.height - first) / workers),
  }));
}

function interleaved(view: View, parts: readonly Rows[], results: readonly Uint8Array[]): Uint8Array {
  const rowBytes = view.width * BYTES_PER_PIXEL;
  const pixels = new Uint8Array(view.height * rowBytes);
  parts.forEach(({ first, step, count }, part) => {
    for (let row = 0; row < count; row++) {
      pixels.set(results[part]!.subarray(row * rowBytes, (row + 1) * rowBytes), (first + row * step) * rowBytes);
    }
  });
  return pixels;
}
