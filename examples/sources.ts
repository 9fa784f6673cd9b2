// The real input of several examples: the JavaScript sources of the installed `three` package.

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = dirname(dirname(createRequire(import.meta.url).resolve("three/src/Three.js")));

/** The JavaScript files below a folder of three, in order of their paths. */
export function sources(folder = "src"): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".js"))
    .sort()
    .map((name) => join(root, folder, name));
}

/** The path as three calls it. */
export function shortName(path: string): string {
  return path.slice(root.length + 1).replaceAll("\\", "/");
}
