/**
 * Making: puzzles with one solution, the same from the same seed: a full square is shuffled, and as many of its digits are taken away as can be.
 */
import { type Random, randomFrom, shuffled } from "../random.ts";
import { type Puzzle, SIDE } from "./sudoku.ts";

const SEED = 20_040_925;
const THREE = [0, 1, 2];

export function makePuzzles(count: number): Puzzle[] {
  const random = randomFrom(SEED);
  return Array.from({ length: count }, () => makePuzzle(random));
}

function makePuzzle(random: Random): Puzzle {
  const cells = fullSquare(random);
  for (const cell of shuffled([...cells.keys()], random)) {
    const digit = cells[cell]!;
    cells[cell] = 0;
    if (solutions([...cells], 2) > 1) cells[cell] = digit;
  }
  return cells.map((digit) => digit || ".").join("");
}

function fullSquare(random: Random): number[] {
  const order = () => shuffled(THREE, random).flatMap((band) => shuffled(THREE, random).map((line) => 3 * band + line));
  const digits = shuffled([1, 2, 3, 4, 5, 6, 7, 8, 9], random);
  const [rows, columns] = [order(), order()];
  return rows.flatMap((row) => columns.map((column) => digits[(3 * (row % 3) + Math.floor(row / 3) + column) % SIDE]!));
}

/** How many solutions there are, counted up to `most`; the cell with the fewest possible digits is tried first. */
function solutions(cells: number[], most: number): number {
  let fewest: { cell: number; digits: number[] } | undefined;
  for (const [cell, digit] of cells.entries()) {
    if (digit !== 0) continue;
    const digits = possible(cells, cell);
    if (fewest === undefined || digits.length < fewest.digits.length) fewest = { cell, digits };
    if (digits.length < 2) break;
  }
  if (fewest === undefined) return 1;
  let found = 0;
  for (const digit of fewest.digits) {
    cells[fewest.cell] = digit;
    found += solutions(cells, most - found);
    if (found >= most) break;
  }
  cells[fewest.cell] = 0;
  return found;
}

function possible(cells: readonly number[], cell: number): number[] {
  const [row, column] = [Math.floor(cell / SIDE), cell % SIDE];
  const box = SIDE * 3 * Math.floor(row / 3) + 3 * Math.floor(column / 3);
  let taken = 0;
  for (let i = 0; i < SIDE; i++) {
    taken |= (1 << cells[SIDE * row + i]!) | (1 << cells[SIDE * i + column]!) | (1 << cells[box + SIDE * Math.floor(i / 3) + (i % 3)]!);
  }
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((digit) => (taken & (1 << digit)) === 0);
}
