/**
 * Packing: a file as a backup keeps it: cut into blocks, each packed by itself and known by its hash.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";

/** Files to pack, by their paths in `root`. */
export interface PackPart {
  readonly root: string;
  readonly paths: readonly string[];
}

export interface Packed {
  readonly path: string;
  readonly bytes: number;
  readonly packedBytes: number;
  /** SHA-256 of each packed block, as far as it takes to tell them apart. */
  readonly blocks: readonly string[];
}

const BLOCK_BYTES = 8_192;
const HASH_DIGITS = 16;

/** Packs one file. `onBlock` is told of each block. */
export function packFile(root: string, path: string, onBlock: (hash: string) => void = () => undefined): Packed {
  const bytes = readFileSync(join(root, path));
  const blocks: string[] = [];
  let packedBytes = 0;
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const packed = deflateRawSync(bytes.subarray(at, at + BLOCK_BYTES));
    const hash = createHash("sha256").update(packed).digest("hex").slice(0, HASH_DIGITS);
    packedBytes += packed.length;
    blocks.push(hash);
    onBlock(hash);
  }
  return { path, bytes: bytes.length, packedBytes, blocks };
}

/** Several files: what a bare Worker is given to do. */
export function packFiles({ root, paths }: PackPart): Packed[] {
  return paths.map((path) => packFile(root, path));
}
