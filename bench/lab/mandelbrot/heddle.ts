/**
 * Mandelbrot, with Heddle: one task for each core, all receiving from one channel which rows to draw next. A task that
 * meets expensive rows simply receives fewer of them. The tasks compute all the time, so each asks for its own thread.
 */
import { f64, type ModuleRef, Runtime } from "../../../src/index.ts";
import type { Variant } from "../job.ts";
import { BYTES_PER_PIXEL, type View } from "./mandelbrot.ts";
import { encodePng } from "./png.ts";

/** Rows a task draws between two looks at the channel: some 10 ms of work. */
const BAND_ROWS = 8;
/** Bands waiting to be drawn, for each thread, so that none waits for the sender. */
const AHEAD = 4;

export function heddleMandelbrot(name: "inline" | "threads", view: View, threads: number): Variant {
  let rt: Runtime;
  let tasks: ModuleRef<typeof import("./tasks.ts")>;
  const width = Math.max(threads, 1);
  return {
    name,
    async open() {
      rt = await Runtime.start({ threads, maxDedicated: width });
      tasks = rt.module<typeof import("./tasks.ts")>(new URL("./tasks.js", import.meta.url));
    },
    async run(onShare) {
      const drawers = rt.with({ dedicated: true });
      const firstRows = rt.channel(f64, width * AHEAD);
      const drawing = Array.from({ length: width }, () => drawers.go(tasks.drawBands, view, BAND_ROWS, firstRows.receiver));
      for (let first = 0; first < view.height; first += BAND_ROWS) {
        await firstRows.send(first);
        onShare(first / view.height);
      }
      firstRows.close();
      const pixels = new Uint8Array(view.height * view.width * BYTES_PER_PIXEL);
      for (const task of drawing) {
        for (const band of await task) pixels.set(band.pixels, band.first * view.width * BYTES_PER_PIXEL);
      }
      return encodePng(view, pixels);
    },
    async close() {
      await rt.close();
    },
  };
}
