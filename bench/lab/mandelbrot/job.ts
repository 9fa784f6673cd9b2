/**
 * Mandelbrot job: a small copy of the set deep in the Seahorse Valley, as a PNG file.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job, JobSettings, Size } from "../job.ts";
import { bareMandelbrot } from "./ceiling.ts";
import { heddleMandelbrot } from "./heddle.ts";
import type { View } from "./mandelbrot.ts";
import { plainMandelbrot } from "./plain.ts";

const PLACE = { centerX: -0.743643135, centerY: 0.131825963, span: 0.000014628 };
const VIEWS: Readonly<Record<Size, View>> = {
  full: { ...PLACE, width: 1280, height: 800, maxIterations: 3_000 },
  quick: { ...PLACE, width: 640, height: 400, maxIterations: 2_000 },
};
const FILE = "mandelbrot.png";

export function mandelbrotJob(settings: JobSettings): Job {
  return mandelbrotOf(VIEWS[settings.size], settings.threads);
}

/** The picture of any view. */
export function mandelbrotOf(view: View, threads: number): Job {
  return {
    name: "mandelbrot",
    title: `${view.width} x ${view.height} pixels, up to ${view.maxIterations} steps a pixel, encoded as PNG`,
    facts: { ...view },
    variants: [
      plainMandelbrot(view),
      heddleMandelbrot("inline", view, 0),
      heddleMandelbrot("threads", view, threads),
      bareMandelbrot(view, threads),
    ],
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => `a picture of ${output.length.toLocaleString("en")} bytes`,
  };
}
