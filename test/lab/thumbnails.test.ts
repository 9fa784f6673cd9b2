/** Thumbnails: pictures that read back, and a filter that keeps what is even and removes what is too fine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePng, encodePng, type Picture } from "../../bench/lab/png.ts";
import { readSources, threeRoot } from "../../bench/lab/sources.ts";
import { describePage, thumbnailPage } from "../../bench/lab/thumbnails/page.ts";
import { drawPictures, drawSource } from "../../bench/lab/thumbnails/pictures.ts";
import { scale } from "../../bench/lab/thumbnails/scale.ts";
import { makeThumbnails } from "../../bench/lab/thumbnails/thumbnail.ts";
import { temporaryFolder } from "./support.ts";

/** A picture whose grey at each place `grey` tells. */
function pictureOf(width: number, height: number, grey: (x: number, y: number) => number): Picture<4> {
  const pixels = new Uint8Array(width * height * 4);
  for (let at = 0; at < pixels.length; at += 4) {
    const value = grey((at / 4) % width, Math.floor(at / 4 / width));
    pixels.set([value, value, value, 255], at);
  }
  return { width, height, channels: 4, pixels };
}

/** Every third byte: one of the three colours, which are the same in a grey picture. */
function greys(picture: Picture): number[] {
  return [...picture.pixels].filter((_, index) => index % 3 === 0);
}

const side = fc.integer({ min: 1, max: 40 });

test("one colour stays that colour at any size", () => {
  fc.assert(
    fc.property(side, side, side, side, fc.integer({ min: 0, max: 255 }), (width, height, newWidth, newHeight, value) => {
      const scaled = scale(
        pictureOf(width, height, () => value),
        newWidth,
        newHeight,
      );
      expect(greys(scaled)).toEqual(Array(newWidth * newHeight).fill(value));
    }),
  );
});

test("the same size is the same picture", () => {
  const picture = pictureOf(9, 7, (x, y) => (x * 31 + y * 57) % 256);
  expect(greys(scale(picture, 9, 7))).toEqual([...picture.pixels].filter((_, index) => index % 4 === 0));
});

test("stripes finer than a new pixel become their mean", () => {
  const scaled = greys(
    scale(
      pictureOf(96, 6, (x) => (x % 2) * 200),
      24,
      6,
    ),
  );
  for (const grey of scaled.slice(4, 20)) expect(Math.abs(grey - 100)).toBeLessThanOrEqual(2);
});

test("left stays left, above stays above", () => {
  const [leftTop, rightTop, leftBottom, rightBottom] = greys(
    scale(
      pictureOf(40, 40, (x, y) => (x < 20 ? 50 : 150) + (y < 20 ? 0 : 60)),
      2,
      2,
    ),
  );
  expect(leftTop).toBeLessThan(leftBottom!);
  expect(leftBottom).toBeLessThan(rightTop!);
  expect(rightTop).toBeLessThan(rightBottom!);
});

test("PNG there and back", () => {
  const pixels = Uint8Array.from({ length: 5 * 4 * 3 }, (_, index) => (index * 37) % 256);
  const read = decodePng(encodePng({ width: 5, height: 4, pixels }));
  expect([read.width, read.height]).toEqual([5, 4]);
  expect([...read.pixels].filter((_, index) => index % 4 !== 3)).toEqual([...pixels]);
});

test("source text is drawn where it stands, in the colours of its tokens", () => {
  const { width, height, pixels } = drawSource("var a; // b\n\n\tx");
  expect([width, height]).toEqual([240, 9]);
  const at = (column: number, row: number) => pixels.subarray((row * 3 * width + column * 2) * 3).slice(0, 3);
  const [keyword, name, comment, background] = [at(0, 0), at(4, 0), at(8, 0), at(3, 0)];
  expect(at(2, 0)).toEqual(keyword);
  expect(at(2, 2)).toEqual(name);
  for (const [column, row] of [
    [11, 0],
    [0, 1],
    [0, 2],
    [3, 2],
  ] as const) {
    expect(at(column, row)).toEqual(background);
  }
  expect(new Set([keyword, name, comment, background].map(String)).size).toBe(4);
});

test("thumbnails of drawn sources: their sizes, their order, the same bytes again", () => {
  const folder = temporaryFolder();
  const sources = readSources(threeRoot(), ["src/core"]);
  const pictures = drawPictures(sources, folder, 3);
  expect(pictures.files).toHaveLength(3);
  expect(drawPictures(sources, folder, 3)).toEqual(pictures);
  const names = pictures.files.map(({ name }) => name);
  const thumbnails = makeThumbnails({ folder, names, factor: 4 });
  expect(thumbnails.map(({ name }) => name)).toEqual(names);
  for (const { name, width, height, png } of thumbnails) {
    const full = decodePng(readFileSync(join(folder, name)));
    expect([width, height]).toEqual([Math.ceil(full.width / 4), Math.ceil(full.height / 4)]);
    expect(decodePng(png)).toMatchObject({ width, height });
  }
  const page = thumbnailPage(thumbnails);
  expect(thumbnailPage([...thumbnails].reverse())).toBe(page);
  expect(describePage(page)).toMatch(/^3 thumbnails in a page of [\d,]+ bytes$/);
});
