/** The picture: rows independent of each other, and a PNG that reads back as what was drawn. */
import { PNG } from "pngjs";
import { expect, test } from "vitest";
import { drawRow, drawRows, type View } from "../../bench/lab/mandelbrot/mandelbrot.ts";
import { encodePng } from "../../bench/lab/png.ts";

const VIEW: View = { width: 32, height: 20, centerX: -0.5, centerY: 0, span: 3, maxIterations: 200 };

test("the set is black, the outside is not", () => {
  const middle = drawRows({ view: VIEW, first: 10, step: 1, count: 1 });
  const pixel = (x: number) => [...middle.subarray(x * 3, x * 3 + 3)];
  expect(pixel(16)).toEqual([0, 0, 0]);
  expect(pixel(31)).not.toEqual([0, 0, 0]);
});

test("every second row and every row give the same colours", () => {
  const all = drawRows({ view: VIEW, first: 0, step: 1, count: VIEW.height });
  const odd = drawRows({ view: VIEW, first: 1, step: 2, count: VIEW.height / 2 });
  const rowBytes = VIEW.width * 3;
  expect(odd.subarray(0, rowBytes)).toEqual(all.subarray(rowBytes, 2 * rowBytes));
  const single = new Uint8Array(rowBytes + 5);
  drawRow(VIEW, 3, single, 5);
  expect(single.subarray(5)).toEqual(all.subarray(3 * rowBytes, 4 * rowBytes));
});

test("the PNG holds the pixels drawn", () => {
  const pixels = drawRows({ view: VIEW, first: 0, step: 1, count: VIEW.height });
  const read = PNG.sync.read(Buffer.from(encodePng({ ...VIEW, pixels })));
  expect([read.width, read.height]).toEqual([VIEW.width, VIEW.height]);
  const rgb = [...read.data].filter((_, index) => index % 4 !== 3);
  expect(rgb).toEqual([...pixels]);
});
