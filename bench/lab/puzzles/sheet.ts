/**
 * Sheet: the solutions in the order of their puzzles: the output that the variants of the job must agree on.
 */
import type { Puzzle } from "./sudoku.ts";

export function sheetOf(solutions: readonly Puzzle[]): string {
  return `${solutions.join("\n")}\n`;
}
