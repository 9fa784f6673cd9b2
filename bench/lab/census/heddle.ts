/**
 * Census, with Heddle: a task for every batch of files. Threads take the next batch when they are free, so nobody
 * has to know beforehand how long a file takes; a channel tells how far they are.
 */
import { f64, type ModuleRef, Runtime } from "../../../src/index.ts";
import type { OnShare, Variant } from "../job.ts";
import type { Sources } from "../sources.ts";
import { batches } from "../split.ts";
import { censusTable } from "./table.ts";

/** About 10 ms of parsing: a task costs much less, and little is left over when the first thread runs dry. */
const BATCH_BYTES = 96 * 1024;

export function heddleCensus(name: "inline" | "threads", sources: Sources, threads: number): Variant {
  let rt: Runtime;
  let tasks: ModuleRef<typeof import("./tasks.ts")>;
  const work = batches(sources.files, BATCH_BYTES).map((files) => files.map((file) => file.path));
  return {
    name,
    async open() {
      rt = await Runtime.start({ threads });
      tasks = rt.module<typeof import("./tasks.ts")>(new URL("./tasks.js", import.meta.url));
    },
    async run(onShare) {
      const done = rt.channel(f64, work.length);
      const counted = work.map((paths) => rt.go(tasks.countBatch, sources.root, paths, done.sender));
      const shown = showShare(done, sources.totalBytes, onShare);
      const parts = await Promise.all(counted);
      done.close();
      await shown;
      return censusTable(parts);
    },
    async close() {
      await rt.close();
    },
  };
}

async function showShare(done: AsyncIterable<number>, totalBytes: number, onShare: OnShare): Promise<void> {
  let doneBytes = 0;
  for await (const bytes of done) {
    doneBytes += bytes;
    onShare(doneBytes / totalBytes);
  }
}
