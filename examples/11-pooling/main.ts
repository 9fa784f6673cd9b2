// Thumbnails: a pool of threads shrinks pictures, a call at a time each, and every thread uses one canvas again and again.

import { PNG } from "pngjs";
import type { Runtime } from "../../src/index.ts";

export const about = "thumbnails by a pool of threads, each with a canvas from a pool of objects";

const SIDE = 160;
const PICTURES = 16;

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const pool = rt.pool(jobs, { threads: 2, maxQueue: 4, whenFull: "block" });
  await pool.ready();
  const pictures = Array.from({ length: PICTURES }, (_, i) => julia(i / PICTURES));
  const thumbnails = await Promise.all(pictures.map((picture) => pool.call.shrink(picture)));

  yield `${PICTURES} pictures became ${thumbnails.length} thumbnails, all of them PNG: ${thumbnails.every(({ png }) => png[1] === 0x50)}`;
  yield `ink: ${thumbnails.map(({ ink }) => ink).join(" ")}`;
  yield `canvases for each thread: ${Math.max(...thumbnails.map(({ made }) => made))}; used again: ${thumbnails.some(({ use }) => use > 1)}`;

  const spoilt = await pool.call.shrink(new Uint8Array(64)).then(String, (error: Error) => error.message);
  const next = await pool.call.shrink(pictures[0]!);
  yield `a file that is no picture: ${spoilt}; the next one is as before: ${next.ink === thumbnails[0]!.ink}`;
  await pool.close();
}

/** A picture of a Julia set. */
function julia(turn: number): Uint8Array {
  const picture = new PNG({ width: SIDE, height: SIDE });
  const [cx, cy] = [0.7885 * Math.cos(2 * Math.PI * turn), 0.7885 * Math.sin(2 * Math.PI * turn)];
  for (let i = 0; i < SIDE * SIDE; i++) {
    let [x, y, steps] = [(3 * (i % SIDE)) / SIDE - 1.5, (3 * Math.floor(i / SIDE)) / SIDE - 1.5, 0];
    for (; steps < 255 && x * x + y * y < 4; steps++) [x, y] = [x * x - y * y + cx, 2 * x * y + cy];
    picture.data.set([steps, steps, steps, 255], 4 * i);
  }
  return PNG.sync.write(picture);
}
