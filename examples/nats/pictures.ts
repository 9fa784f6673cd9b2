import { PNG } from "pngjs";

/** A picture of a Julia set, as PNG. */
export function julia(turn: number, side: number): Uint8Array {
  const picture = new PNG({ width: side, height: side });
  const [cx, cy] = [0.7885 * Math.cos(2 * Math.PI * turn), 0.7885 * Math.sin(2 * Math.PI * turn)];
  for (let i = 0; i < side * side; i++) {
    let [x, y, steps] = [(3 * (i % side)) / side - 1.5, (3 * Math.floor(i / side)) / side - 1.5, 0];
    for (; steps < 255 && x * x + y * y < 4; steps++) [x, y] = [x * x - y * y + cx, 2 * x * y + cy];
    picture.data.set([steps, steps, 255 - steps, 255], 4 * i);
  }
  return PNG.sync.write(picture);
}
