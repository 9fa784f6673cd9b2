/**
 * Gathering: the input of the archive: source files, packed by gzip, and some of them spoilt on the way: their checksum is that of something else.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Sources } from "../sources.ts";

/** Packed files in a folder. */
export interface Archive {
  readonly folder: string;
  /** `lengthBytes`: of the text. */
  readonly files: readonly { readonly name: string; readonly lengthBytes: number }[];
  readonly spoilt: number;
  /** Over the names and the bytes of all files. */
  readonly sha256: string;
}

/** From its end, gzip's checksum stands so many bytes. */
const CHECKSUM = 8;

/** Packs the sources into `folder`; `spoilt` of them, evenly spread, are spoilt. */
export function gather({ root, files }: Sources, folder: string, spoilt: number): Archive {
  mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256");
  const every = Math.ceil(files.length / spoilt);
  const packed = files.map(({ path, lengthBytes }, i) => {
    const name = `${path.replaceAll("/", "-")}.gz`;
    const bytes = gzipSync(readFileSync(join(root, path)));
    if (i % every === every >> 1) bytes.writeUInt32LE(~bytes.readUInt32LE(bytes.length - CHECKSUM) >>> 0, bytes.length - CHECKSUM);
    hash.update(name).update("\0").update(bytes).update("\0");
    writeFileSync(join(folder, name), bytes);
    return { name, lengthBytes };
  });
  return { folder, files: packed, spoilt: files.filter((_, i) => i % every === every >> 1).length, sha256: hash.digest("hex") };
}
