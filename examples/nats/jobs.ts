import { PNG } from "pngjs";

const SIDE = 32;

/** A picture made small: a square of 32 pixels, each the mean of what it stands for. Throws: what is no PNG. */
export function thumbnail(bytes: Uint8Array): Uint8Array {
  const picture = PNG.sync.read(Buffer.from(bytes));
  const small = new PNG({ width: SIDE, height: SIDE });
  const [stepX, stepY] = [picture.width / SIDE, picture.height / SIDE];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) small.data.set(meanOf(picture, x * stepX, y * stepY, stepX, stepY), 4 * (y * SIDE + x));
  }
  return PNG.sync.write(small);
}

function meanOf({ data, width }: PNG, left: number, top: number, stepX: number, stepY: number): number[] {
  const sums = [0, 0, 0, 0];
  let pixels = 0;
  for (let y = Math.floor(top); y < top + stepY; y++) {
    for (let x = Math.floor(left); x < left + stepX; x++, pixels++) {
      for (let part = 0; part < 4; part++) sums[part]! += data[4 * (y * width + x) + part] ?? 0;
    }
  }
  return sums.map((sum) => Math.round(sum / pixels));
}
