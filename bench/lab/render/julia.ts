/**
 * Julia: a solid cut of a Julia set of quaternions, lit from one side, row by row.
 *
 * From the eye a ray goes on in steps as long as the distance to the set is at least, until it is as good as there. The surface's slope, and so its light,
 * is how that distance changes around the place. (Hart, Sandin and Kauffman, Ray Tracing Deterministic 3-D Fractals, 1989.)
 *
 * Invariant: a pixel depends on its scene and its place only. Rows can be drawn in any order on any thread.
 */

export type Quaternion = readonly [real: number, i: number, j: number, k: number];

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Which set: of q → q² + c. */
  readonly c: Quaternion;
  /** Rounds of that, at most. */
  readonly rounds: number;
}

/** Rows of a scene: `first`, `first + step`, ..., `count` of them. */
export interface Rows {
  readonly scene: Scene;
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

export const BYTES_PER_PIXEL = 3;

const EYE = 2.6;
/** Half of what is seen at the distance of the set. */
const REACH = 1.35;
const NEAR = 0.001;
const FAR = 5;
const MOST_STEPS = 160;
const ESCAPE_SQUARED = 16;
const LIGHT = [-0.48, 0.64, -0.6] as const;
const BACKGROUND = [18, 20, 28] as const;
const SURFACE = [230, 176, 112] as const;

/** Draws row `y` of the scene into `pixels`, from byte `byteOffset` on. */
export function drawRow(scene: Scene, y: number, pixels: Uint8Array, byteOffset: number): void {
  const { width, height } = scene;
  const up = (0.5 - (y + 0.5) / height) * 2 * REACH;
  for (let x = 0; x < width; x++) {
    const right = (((x + 0.5) / width - 0.5) * 2 * REACH * width) / height;
    const length = Math.hypot(right, up, EYE);
    const ray = [right / length, up / length, EYE / length] as const;
    const along = march(scene, ray);
    const light = along < FAR ? lightAt(scene, ray[0] * along, ray[1] * along, ray[2] * along - EYE) : -1;
    for (let channel = 0; channel < BYTES_PER_PIXEL; channel++) {
      pixels[byteOffset + x * BYTES_PER_PIXEL + channel] = light < 0 ? BACKGROUND[channel]! : Math.round(SURFACE[channel]! * light);
    }
  }
}

/** The pixels of the rows asked for, one row after the other: what a thread is given to do. */
export function drawRows({ scene, first, step, count }: Rows, onRow: (done: number) => void = () => undefined): Uint8Array {
  const rowBytes = scene.width * BYTES_PER_PIXEL;
  const pixels = new Uint8Array(count * rowBytes);
  for (let row = 0; row < count; row++) {
    drawRow(scene, first + row * step, pixels, row * rowBytes);
    onRow(row + 1);
  }
  return pixels;
}

/** How far the ray goes until it is at the set; FAR: it misses it. */
function march(scene: Scene, [x, y, z]: readonly [number, number, number]): number {
  let along = EYE - 2;
  for (let step = 0; step < MOST_STEPS && along < FAR; step++) {
    const distance = distanceAt(scene, x * along, y * along, z * along - EYE);
    if (distance < NEAR) return along;
    along += distance;
  }
  return FAR;
}

/** From 0.1 in the shade to 1. */
function lightAt(scene: Scene, x: number, y: number, z: number): number {
  const slopeX = distanceAt(scene, x + NEAR, y, z) - distanceAt(scene, x - NEAR, y, z);
  const slopeY = distanceAt(scene, x, y + NEAR, z) - distanceAt(scene, x, y - NEAR, z);
  const slopeZ = distanceAt(scene, x, y, z + NEAR) - distanceAt(scene, x, y, z - NEAR);
  const facing = (slopeX * LIGHT[0] + slopeY * LIGHT[1] + slopeZ * LIGHT[2]) / (Math.hypot(slopeX, slopeY, slopeZ) || 1);
  return 0.1 + 0.9 * Math.max(0, facing);
}

/** At least so far is the set from a point of the cut; 0 in it. */
function distanceAt({ c, rounds }: Scene, x: number, y: number, z: number): number {
  let [a, i, j, k] = [x, y, z, 0];
  let squared = a * a + i * i + j * j;
  let slope = 1;
  for (let round = 0; round < rounds && squared < ESCAPE_SQUARED; round++) {
    slope *= 2 * Math.sqrt(squared);
    const twice = 2 * a;
    a = a * a - i * i - j * j - k * k + c[0];
    i = twice * i + c[1];
    j = twice * j + c[2];
    k = twice * k + c[3];
    squared = a * a + i * i + j * j + k * k;
  }
  if (squared < ESCAPE_SQUARED) return 0;
  const size = Math.sqrt(squared);
  return (0.5 * size * Math.log(size)) / slope;
}
