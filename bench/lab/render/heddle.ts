/**
 * Render, with Heddle: a long task a thread, each with a heartbeat. How far the picture is, is read off their pulses, which cost the tasks an increment a row.
 */
import { type Beating, heartbeat, type Runtime } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Notes } from "../notes.ts";
import type { Scene } from "./julia.ts";
import { everyNthRow, pictureOf } from "./rows.ts";

/** Four looks in it. */
const INTERVAL_MS = 40;

/** What was read off the pulses of all tasks. */
interface Readings {
  beats: number;
  looks: number;
  /** Looks that saw less done than the one before. */
  back: number;
}

export async function heddleRender(rt: Runtime, scene: Scene, notes: Notes, onShare: OnShare): Promise<Uint8Array> {
  const jobs = rt.module<typeof import("./beating.ts")>(new URL("./beating.js", import.meta.url));
  const beat = heartbeat(rt, { everyMs: INTERVAL_MS });
  const parts = everyNthRow(scene, Math.max(1, rt.threads ?? 1));
  const tasks = parts.map((part) => beat.go(jobs.drawBeating, part));
  const done = tasks.map(() => 0);
  const readings: Readings = { beats: 0, looks: 0, back: 0 };
  const watched = tasks.map((task, i) =>
    watch(task, readings, (rows) => {
      done[i] = rows;
      onShare(done.reduce((sum, each) => sum + each, 0) / scene.height);
    }),
  );
  const bands = await Promise.all(tasks.map(({ result }) => result));
  await Promise.all(watched);
  notes.take(rt, { ...readings });
  return pictureOf(scene, parts, bands);
}

async function watch(task: Beating<Uint8Array, number>, readings: Readings, onRows: (rows: number) => void): Promise<void> {
  let rows = 0;
  for await (const { state, beats, progress } of task.pulses()) {
    if (state === "ended") readings.beats += beats;
    if (progress === undefined) continue;
    readings.looks++;
    if (progress < rows) readings.back++;
    rows = progress;
    onRows(rows);
  }
}
