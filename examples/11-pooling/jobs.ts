import { PNG } from "pngjs";
import { objectPool } from "../../src/index.ts";

export interface Thumbnail {
  readonly png: Uint8Array;
  /** The sum of its pixels. */
  readonly ink: number;
  /** How often this thread's canvas has been used, and how many this thread has made. */
  readonly use: number;
  readonly made: number;
}

const SIDE = 16;
/** What a thread draws on: made once, used again for every picture. */
const canvases = objectPool({ create: () => new PNG({ width: SIDE, height: SIDE }), max: 1 });

/** Shrinks a picture to a square of 16 pixels, each the mean of what it stands for. */
export async function shrink(bytes: Uint8Array): Promise<Thumbnail> {
  const picture = PNG.sync.read(Buffer.from(bytes));
  const loan = await canvases.get();
  const { data } = loan.value;
  const [stepX, stepY] = [picture.width / SIDE, picture.height / SIDE];
  let ink = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const mean = meanOf(picture, x * stepX, y * stepY, stepX, stepY);
      data.set([mean, mean, mean, 255], 4 * (y * SIDE + x));
      ink += mean;
    }
  }
  const png = PNG.sync.write(loan.value);
  loan.put();
  return { png, ink, use: loan.use, made: canvases.stats.created };
}

function meanOf({ data, width }: PNG, left: number, top: number, stepX: number, stepY: number): number {
  let sum = 0;
  for (let y = top; y < top + stepY; y++) for (let x = left; x < left + stepX; x++) sum += data[4 * (y * width + x)]!;
  return Math.round(sum / (stepX * stepY));
}
