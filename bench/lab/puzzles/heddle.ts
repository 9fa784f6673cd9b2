/**
 * Puzzles, with Heddle: replicas of one request, each its own way; the first that has the solution wins, and the others stop.
 */
import { type Runtime, replicated } from "../../../src/index.ts";
import type { OnShare } from "../job.ts";
import type { Notes } from "../notes.ts";
import { sheetOf } from "./sheet.ts";
import { type Puzzle, WAYS } from "./sudoku.ts";

export async function heddlePuzzles(rt: Runtime, puzzles: readonly Puzzle[], notes: Notes, onShare: OnShare): Promise<string> {
  const jobs = rt.module<typeof import("./replica.ts")>(new URL("./replica.js", import.meta.url));
  const replicas = Math.min(WAYS, Math.max(1, rt.threads ?? 1));
  const solver = replicated(rt, jobs.solveAsReplica, { replicas, dedicated: true });
  const solutions: Puzzle[] = [];
  let stopped = 0;
  for (const puzzle of puzzles) {
    const asked = solver.request(puzzle);
    void asked.ended.then((reports) => {
      for (const { place } of reports) if (place === "lost") stopped++;
    });
    solutions.push(await asked.result);
    onShare(solutions.length / puzzles.length);
  }
  await solver.close();
  const { won, lostMs } = solver.stats;
  notes.take(rt, { won: won.join(" "), losersStopped: stopped, losersMs: Math.round(lostMs) });
  return sheetOf(solutions);
}
