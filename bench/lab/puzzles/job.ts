/**
 * Puzzles job: sudoku by trial, where nobody can tell which way is the fast one.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { Notes } from "../notes.ts";
import { variantsOf } from "../variants.ts";
import { heddlePuzzles } from "./heddle.ts";
import { makePuzzles } from "./making.ts";
import { plainPuzzles } from "./plain.ts";
import { sheetOf } from "./sheet.ts";
import type { Puzzle, solveAll } from "./sudoku.ts";

const COUNTS: Readonly<Record<Size, number>> = { full: 60, quick: 12 };
const FILE = "puzzles.txt";

export function puzzlesJob({ size, threads }: JobSettings): Job {
  return puzzlesOf(makePuzzles(COUNTS[size]), threads);
}

/**
 * Any puzzles. Bare Workers get one after another in turn, for nobody knows beforehand which are the hard ones, and each goes the first way. So replicas may well
 * be faster than that ceiling: they share no work, they cut the tail.
 */
export function puzzlesOf(puzzles: readonly Puzzle[], threads: number): Job {
  const sha256 = createHash("sha256").update(puzzles.join("\n")).digest("hex");
  const parts = Array.from({ length: threads }, (_, part) => puzzles.filter((_, i) => i % threads === part));
  const notes = new Notes({ puzzles: puzzles.length, sha256 });
  return {
    name: "puzzles",
    pattern: "replicated",
    title: `${puzzles.length} sudokus by trial, some of them hard one way and some another, sha256 ${sha256}`,
    facts: notes.facts,
    variants: variantsOf<typeof solveAll>(
      {
        plain: (onShare) => plainPuzzles(puzzles, onShare),
        heddle: (rt, onShare) => heddlePuzzles(rt, puzzles, notes, onShare),
        ceiling: {
          module: sibling("sudoku", import.meta.url),
          task: "solveAll",
          parts,
          join: (results) => sheetOf(puzzles.map((_, i) => results[i % threads]![Math.floor(i / threads)]!)),
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) =>
      notes.behind(
        `${output.toString().trim().split("\n").length} solutions`,
        ({ won, losersStopped, losersMs }) =>
          `replicas were first ${won} times, ${losersStopped} losers stopped after ${losersMs} ms in all`,
        "won",
      ),
  };
}
