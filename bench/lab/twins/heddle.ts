/**
 * Twins, with Heddle: a pool of threads is called for each picture, and every thread works in room from a pool of objects.
 */
import type { Pool, Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Notes } from "../notes.ts";
import { lengthBytes } from "../sources.ts";
import type { Pictures } from "../thumbnails/pictures.ts";
import { albumOf } from "./album.ts";

type Jobs = typeof import("./pooled.ts");

/** A pool lasts as long as its runtime: it is there to be used again. */
const pools = new WeakMap<Runtime, Pool<Jobs>>();

export async function heddleTwins(rt: Runtime, { folder, files }: Pictures, notes: Notes, onShare: OnShare): Promise<string> {
  const pool =
    pools.get(rt) ?? rt.pool(rt.module<Jobs>(new URL("./pooled.js", import.meta.url)), { threads: Math.max(1, rt.threads ?? 1) });
  pools.set(rt, pool);
  let done = 0;
  const calls = [...files]
    .sort((a, b) => lengthBytes(b) - lengthBytes(a))
    .map(async ({ name }) => {
      const likeness = await pool.call.likeness(folder, name);
      onShare(++done / files.length);
      return likeness;
    });
  const likenesses = await Promise.all(calls);
  notes.take(rt, {
    calls: pool.stats().succeeded,
    scratchesAThread: Math.max(...likenesses.map(({ made }) => made)),
    usesOfOne: Math.max(...likenesses.map(({ use }) => use)),
  });
  return albumOf(likenesses);
}
