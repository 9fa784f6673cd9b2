/**
 * Pictures: the input of the thumbnails, source files as one sees them from afar: every character a spot, coloured as an
 * editor colours the token it belongs to.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Comment, tokenizer } from "acorn";
import { encodePng } from "../png.ts";
import type { SourceFile, Sources } from "../sources.ts";

/** PNG files in a folder. */
export interface Pictures {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly lengthBytes: number }[];
  readonly totalPixels: number;
  /** Over the names and the bytes of all files. */
  readonly sha256: string;
}

const RGB = 3;
const COLUMNS = 120;
const MOST_LINES = 240;
/** A character's spot, in pixels; the rest of its cell is background. */
const SPOT = { width: 2, height: 2 };
const CELL = { width: 2, height: 3 };

type Colour = readonly [red: number, green: number, blue: number];
const BACKGROUND: Colour = [30, 32, 40];
const COLOURS = {
  comment: [98, 114, 100],
  keyword: [198, 120, 221],
  name: [190, 200, 215],
  string: [152, 195, 121],
  number: [229, 160, 80],
  other: [110, 130, 160],
} as const satisfies Record<string, Colour>;

/** Draws the `count` largest of the sources into `folder`. */
export function drawPictures({ root, files }: Sources, folder: string, count: number): Pictures {
  const hash = createHash("sha256");
  let totalPixels = 0;
  const largest = [...files].sort((a, b) => b.lengthBytes - a.lengthBytes).slice(0, count);
  const drawn = largest.map(({ path }: SourceFile) => {
    const name = `${path.replaceAll("/", "-")}.png`;
    const picture = drawSource(readFileSync(join(root, path), "utf8"));
    const png = encodePng(picture);
    hash.update(name).update("\0").update(png).update("\0");
    totalPixels += picture.width * picture.height;
    writeFileSync(join(folder, name), png);
    return { name, lengthBytes: png.length };
  });
  return { folder, files: drawn, totalPixels, sha256: hash.digest("hex") };
}

/** The first lines of a JavaScript text as a picture. */
export function drawSource(text: string): { width: number; height: number; pixels: Uint8Array } {
  const lines = text.split("\n").slice(0, MOST_LINES);
  const colours = coloursOf(text);
  const width = COLUMNS * CELL.width;
  const height = lines.length * CELL.height;
  const pixels = new Uint8Array(width * height * RGB);
  for (let at = 0; at < pixels.length; at += RGB) pixels.set(BACKGROUND, at);
  let lineStart = 0;
  lines.forEach((line, row) => {
    let column = 0;
    for (let index = 0; index < line.length && column < COLUMNS; index++) {
      if (line[index] === "\t") {
        column += 2;
        continue;
      }
      if (line[index] !== " ") drawSpot(pixels, width, column, row, colours.get(lineStart + index) ?? COLOURS.other);
      column++;
    }
    lineStart += line.length + 1;
  });
  return { width, height, pixels };
}

function drawSpot(pixels: Uint8Array, width: number, column: number, row: number, colour: Colour): void {
  if (column >= COLUMNS) return;
  for (let y = 0; y < SPOT.height; y++) {
    for (let x = 0; x < SPOT.width; x++) pixels.set(colour, ((row * CELL.height + y) * width + column * CELL.width + x) * RGB);
  }
}

/** The colour of each character of the tokens and comments in a text. */
function coloursOf(text: string): Map<number, Colour> {
  const colours = new Map<number, Colour>();
  const paint = (start: number, end: number, colour: Colour) => {
    for (let at = start; at < end; at++) colours.set(at, colour);
  };
  const comments: Comment[] = [];
  for (const { type, start, end } of tokenizer(text, { ecmaVersion: "latest", sourceType: "module", onComment: comments })) {
    if (type.keyword !== undefined) paint(start, end, COLOURS.keyword);
    else if (type.label in COLOUR_OF_LABEL) paint(start, end, COLOUR_OF_LABEL[type.label]!);
  }
  for (const { start, end } of comments) paint(start, end, COLOURS.comment);
  return colours;
}

/** By the names that acorn gives its types of tokens. */
const COLOUR_OF_LABEL: Readonly<Record<string, Colour>> = {
  name: COLOURS.name,
  privateId: COLOURS.name,
  string: COLOURS.string,
  template: COLOURS.string,
  num: COLOURS.number,
  bigint: COLOURS.number,
  regexp: COLOURS.number,
};
