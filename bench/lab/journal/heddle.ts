/**
 * Journal, with Heddle: read once, and given to two readers on threads of their own by a tee, each of which may be a little behind.
 */
import { pipeline, type Runtime, structured, tee } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Sources } from "../sources.ts";
import { findingsOf } from "./findings.ts";
import { type Entry, entryAt } from "./reading.ts";

/** Entries a reader may be behind. */
const BEHIND = 32;

export async function heddleJournal(rt: Runtime, { root, files }: Sources, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./reading.ts")>(new URL("./reading.js", import.meta.url));
  let read = 0;
  const split = tee(
    pipeline(rt, files).map(({ path }) => {
      onShare(++read / files.length);
      return entryAt(root, path);
    }),
  );
  const toIndex = rt.channel(structured<Entry>(), BEHIND);
  const toWatch = rt.channel(structured<Entry>(), BEHIND);
  const own = rt.with({ dedicated: true });
  const index = own.go(jobs.indexAll, toIndex.receiver);
  const alarms = own.go(jobs.watchAll, toWatch.receiver);
  const tap = () => split.tap({ policy: "buffer", size: BEHIND });
  await Promise.all([pipeline(rt, tap()).into(toIndex.sender), pipeline(rt, tap()).into(toWatch.sender)]);
  return findingsOf(await index, await alarms);
}
