/**
 * Sudoku: solved by trying, cell by cell, in a way that a number picks. How long that takes depends on the way and the puzzle, and hardly anybody can tell beforehand:
 * most puzzles take little, a few take very long, and those few are others for each way. The solution is the same.
 * (Gomes and Selman, Algorithm Portfolios, 2001.)
 */

/** Row by row, 81 characters: digits, and dots for what is to be found. */
export type Puzzle = string;

export const SIDE = 9;
const CELLS = SIDE * SIDE;
/** Ways to go: the square turned and mirrored, and the digits from below or from above. */
export const WAYS = 16;
/** Tries between two looks at whether to go on. */
const TRIES_A_LOOK = 2_048;

/** The solution; undefined when it was over before. Throws if there is none. */
export function solve(puzzle: Puzzle, way: number, isOver: () => boolean = () => false): Puzzle | undefined {
  const digits = Int8Array.from(puzzle, (character) => (character === "." ? 0 : Number(character)));
  const open = orderOf(way).filter((cell) => digits[cell] === 0);
  const isFromAbove = way >= WAYS / 2;
  const [rows, columns, boxes] = [new Uint16Array(SIDE), new Uint16Array(SIDE), new Uint16Array(SIDE)];
  const flip = (cell: number, bit: number) => {
    rows[rowOf[cell]!]! ^= bit;
    columns[columnOf[cell]!]! ^= bit;
    boxes[boxOf[cell]!]! ^= bit;
  };
  for (let cell = 0; cell < CELLS; cell++) if (digits[cell] !== 0) flip(cell, 1 << digits[cell]!);
  for (let at = 0, tries = 1; at < open.length; tries++) {
    if (tries % TRIES_A_LOOK === 0 && isOver()) return undefined;
    const cell = open[at]!;
    const last = digits[cell]!;
    if (last !== 0) flip(cell, 1 << last);
    const taken = rows[rowOf[cell]!]! | columns[columnOf[cell]!]! | boxes[boxOf[cell]!]!;
    const next = isFromAbove ? below(taken, last) : above(taken, last);
    digits[cell] = next;
    if (next !== 0) flip(cell, 1 << next);
    at += next === 0 ? -1 : 1;
    if (at < 0) throw new Error(`expected a puzzle with a solution, got ${puzzle}`);
  }
  return digits.join("");
}

/** Several puzzles, the first way: what a bare Worker is given to do. */
export function solveAll(puzzles: readonly Puzzle[]): Puzzle[] {
  return puzzles.map((puzzle) => solve(puzzle, 0)!);
}

/** The next digit above `last` that is not taken; 0: none. */
function above(taken: number, last: number): number {
  for (let digit = last + 1; digit <= SIDE; digit++) if ((taken & (1 << digit)) === 0) return digit;
  return 0;
}

function below(taken: number, last: number): number {
  for (let digit = (last || SIDE + 1) - 1; digit > 0; digit--) if ((taken & (1 << digit)) === 0) return digit;
  return 0;
}

const cells = Array.from({ length: CELLS }, (_, cell) => cell);
const rowOf = Uint8Array.from(cells, (cell) => Math.floor(cell / SIDE));
const columnOf = Uint8Array.from(cells, (cell) => cell % SIDE);
const boxOf = Uint8Array.from(cells, (cell) => 3 * Math.floor(cell / (3 * SIDE)) + Math.floor((cell % SIDE) / 3));

/** The cells in the order of a way. Way 0 goes as one reads, way 1 the other way round. */
function orderOf(way: number): number[] {
  return cells.map((cell) => {
    const [row, column] = way & 1 ? [SIDE - 1 - rowOf[cell]!, SIDE - 1 - columnOf[cell]!] : [rowOf[cell]!, columnOf[cell]!];
    const [across, down] = way & 2 ? [row, column] : [column, row];
    return SIDE * down + (way & 4 ? SIDE - 1 - across : across);
  });
}
