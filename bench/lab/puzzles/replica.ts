/**
 * Replica: one of several that solve the same puzzle, each in its own way.
 */
import type { Context } from "../../../src/index.ts";
import { type Puzzle, solve } from "./sudoku.ts";

/** Throws what its context ended with, if another was first. */
export function solveAsReplica(puzzle: Puzzle, ctx: Context): Puzzle {
  const solution = solve(puzzle, ctx.value("replica") as number, () => ctx.cancelled);
  if (solution === undefined) throw ctx.error;
  return solution;
}
