/**
 * Backup, with Heddle: tasks on all threads take files as they are free, within one budget of bytes a second, and trace blocks within another.
 *
 * The first is above what these threads can read, as a disk's should be, so it costs what asking costs. The second is far below what they would trace; how well all threads
 * together keep to it is measured, by the bucket's clock.
 */
import { errorGroup, type Limiter, type Runtime, structured } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Notes } from "../notes.ts";
import { lengthBytes, type SourceFile, type Sources } from "../sources.ts";
import { batches } from "../split.ts";
import { catalogueOf } from "./catalogue.ts";
import { type PackedWithin, totalBytes } from "./limited.ts";

/** Bytes a second for each thread. */
const DISK_BYTES = 500e6;
/** Blocks a second, and at once what a minute brings: the bucket is emptied first and never full again, so whatever it is off is an error of the rate. */
const TRACE = { perSecond: 500, burst: 30_000 };
/** Files that are read together, at least: about 2 ms of packing. */
const LEAST_BYTES = 65_536;
/** Batches that are on offer: whoever is free takes one. */
const AHEAD = 16;

export async function heddleBackup(rt: Runtime, { root, files }: Sources, notes: Notes, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./limited.ts")>(new URL("./limited.js", import.meta.url));
  const threads = Math.max(1, rt.threads ?? 1);
  const cut = batches(files, LEAST_BYTES, lengthBytes, threads);
  const disk = rt.sync.limiter({ perSecond: DISK_BYTES * threads, burst: Math.max(...cut.map(totalBytes)) });
  const trace = rt.sync.limiter(TRACE);
  const offered = rt.channel(structured<SourceFile[]>(), AHEAD);
  const group = errorGroup(rt, { dedicated: true });
  const given = meter(trace);
  for (let i = 0; i < threads; i++) group.go(jobs.packWithin, root, offered.receiver, { disk, trace });
  for (const [i, batch] of cut.entries()) {
    await offered.send(batch);
    onShare(i / cut.length);
  }
  offered.close();
  const parts = await group.wait<PackedWithin>();
  const traced = parts.reduce((sum, part) => sum + part.traced, 0);
  notes.take(rt, {
    traced,
    untraced: parts.reduce((sum, part) => sum + part.blocks, 0) - traced,
    tracesPerSecond: TRACE.perSecond,
    rateErrorPercent: Number((100 * given(traced)).toFixed(3)),
    waitedMs: Math.round(parts.reduce((sum, part) => sum + part.waitedMs, 0)),
  });
  for (const limiter of [disk, trace]) limiter.close();
  return catalogueOf(parts.flatMap(({ packed }) => packed));
}

/** Empties a bucket. The answer tells by how much, of 1, what was taken since is off the bucket's rate. */
function meter(limiter: Limiter): (taken: number) => number {
  const { burst, perSecond } = limiter;
  if (!limiter.allow(burst)) throw new Error("expected a full bucket");
  const startMs = performance.now();
  return (taken) => {
    const left = limiter.tokens;
    const due = (perSecond * (performance.now() - startMs)) / 1_000;
    return Math.abs(taken + left - due) / due;
  };
}
