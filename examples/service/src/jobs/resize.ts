// A PNG picture made smaller, in JavaScript alone: each new pixel is the mean of the old ones it stands for.

import { PNG } from "pngjs";
import { BadInput } from "./bad-input.ts";

/** A few bytes of PNG can stand for gigabytes of pixels. */
const MOST_PIXELS = 16_000_000;
const SIGNATURE = "89504e470d0a1a0a";
const CHANNELS = 4;

/** `width` pixels wide, and as high as fits. Throws: ERR_BAD_INPUT for what is no PNG, is too large, or is not as wide as that. */
export function resize(bytes: Uint8Array, width: number): Uint8Array {
  const old = decode(bytes);
  if (width > old.width) throw new BadInput(`expected a width of at most the picture's ${old.width} pixels, got ${width}`);
  const height = Math.max(1, Math.round((old.height * width) / old.width));
  const made = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * old.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * old.height) / height));
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * old.width) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * old.width) / width));
      mean(old, left, top, right, bottom, made.data, (y * width + x) * CHANNELS);
    }
  }
  return PNG.sync.write(made);
}

function decode(bytes: Uint8Array): PNG {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 24 || file.toString("hex", 0, 8) !== SIGNATURE) throw new BadInput("expected a PNG picture");
  const pixels = file.readUInt32BE(16) * file.readUInt32BE(20);
  if (pixels > MOST_PIXELS) throw new BadInput(`expected a picture of at most ${MOST_PIXELS} pixels, got ${pixels}`);
  try {
    return PNG.sync.read(file);
  } catch (cause) {
    throw new BadInput("expected a PNG picture, got a damaged one", { cause });
  }
}

function mean({ data, width }: PNG, left: number, top: number, right: number, bottom: number, into: Uint8Array, at: number): void {
  let [red, green, blue, alpha] = [0, 0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let from = (y * width + left) * CHANNELS, end = (y * width + right) * CHANNELS; from < end; from += CHANNELS) {
      red += data[from]!;
      green += data[from + 1]!;
      blue += data[from + 2]!;
      alpha += data[from + 3]!;
    }
  }
  const count = (right - left) * (bottom - top);
  into[at] = red / count;
  into[at + 1] = green / count;
  into[at + 2] = blue / count;
  into[at + 3] = alpha / count;
}
