/**
 * Sources: the real input of the census, the JavaScript files of the installed `three` package.
 *
 * The lab reads every file once before the timed runs, to say what was read and to have it in the page cache;
 * each run then reads its files itself, so that only names travel between threads.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";

/** A file below the root of its package, with `/` between the folders on every system. */
export interface SourceFile {
  readonly path: string;
  readonly lengthBytes: number;
}

/** The size of what has one, for `split.ts`. */
export function lengthBytes(thing: { readonly lengthBytes: number }): number {
  return thing.lengthBytes;
}

export interface Sources {
  readonly root: string;
  readonly files: readonly SourceFile[];
  readonly totalBytes: number;
  /** Over the paths and the bytes of all files, in order of their paths. */
  readonly sha256: string;
}

/** Where `three` is installed. */
export function threeRoot(): string {
  const entry = createRequire(import.meta.url).resolve("three/src/Three.js");
  return dirname(dirname(entry));
}

/** The JavaScript files in `folders` of `root`, read, measured and hashed. */
export function readSources(root: string, folders: readonly string[]): Sources {
  const hash = createHash("sha256");
  let totalBytes = 0;
  const paths = folders.flatMap((folder) => javaScriptFiles(join(root, folder))).map((file) => relative(root, file).split(sep).join("/"));
  paths.sort();
  const files = paths.map((path) => {
    const bytes = readFileSync(join(root, path));
    hash.update(path).update("\0").update(bytes).update("\0");
    totalBytes += bytes.length;
    return { path, lengthBytes: bytes.length };
  });
  return { root, files, totalBytes, sha256: hash.digest("hex") };
}

function javaScriptFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return javaScriptFiles(path);
    return entry.isFile() && entry.name.endsWith(".js") ? [path] : [];
  });
}
