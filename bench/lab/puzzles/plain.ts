/**
 * Puzzles, plain: a loop over the puzzles on one thread, each solved the first way, however long that takes.
 */
import type { OnShare } from "../job.ts";
import { sheetOf } from "./sheet.ts";
import { type Puzzle, solve } from "./sudoku.ts";

export function plainPuzzles(puzzles: readonly Puzzle[], onShare: OnShare): string {
  return sheetOf(
    puzzles.map((puzzle, i) => {
      onShare(i / puzzles.length);
      return solve(puzzle, 0)!;
    }),
  );
}
