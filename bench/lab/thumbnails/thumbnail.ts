/**
 * Thumbnail: a PNG file decoded, scaled down and encoded again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodePng, encodePng } from "../png.ts";
import { scale } from "./scale.ts";

/** Files to make thumbnails of, by their names in `folder`. */
export interface ThumbnailPart {
  readonly folder: string;
  readonly names: readonly string[];
  /** How many times smaller each side gets. */
  readonly factor: number;
}

export interface Thumbnail {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

/** Makes thumbnails one by one: what a thread is given to do. */
export function makeThumbnails({ folder, names, factor }: ThumbnailPart): Thumbnail[] {
  return names.map((name) => makeThumbnail(folder, name, factor));
}

export function makeThumbnail(folder: string, name: string, factor: number): Thumbnail {
  const picture = decodePng(readFileSync(join(folder, name)));
  const width = Math.ceil(picture.width / factor);
  const height = Math.ceil(picture.height / factor);
  return { name, width, height, png: encodePng(scale(picture, width, height)) };
}
