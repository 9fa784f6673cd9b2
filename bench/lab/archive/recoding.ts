/**
 * Recoding: a file of the archive, unpacked and packed again by brotli, as one prepares what is to be sent to browsers.
 *
 * Nearly all of it is native code. What a death costs is then a thread's start; of work in JavaScript a fresh thread must also compile every hot function anew.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gunzipSync } from "node:zlib";

/** Files to recode, by their names in `folder`. */
export interface RecodePart {
  readonly folder: string;
  readonly names: readonly string[];
}

export interface Recoded {
  readonly name: string;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly sha256: string;
}

/** What was recoded, and the names of what could not be. */
export interface Recodings {
  readonly recoded: Recoded[];
  readonly setAside: string[];
}

const OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } };
/** zlib's code for what is spoilt. */
const SPOILT = "Z_DATA_ERROR";

/** Throws Z_DATA_ERROR for what is spoilt. */
export function recode(folder: string, name: string): Recoded {
  const bytes = gunzipSync(readFileSync(join(folder, name)));
  const packed = brotliCompressSync(bytes, OPTIONS);
  return { name, bytes: bytes.length, packedBytes: packed.length, sha256: createHash("sha256").update(packed).digest("hex") };
}

/** Several files, where what is spoilt is told by its code: what a bare Worker is given to do. `onFile` is told how many are done. */
export function recodeAll({ folder, names }: RecodePart, onFile: (done: number) => void = () => undefined): Recodings {
  const [recoded, setAside]: [Recoded[], string[]] = [[], []];
  for (const name of names) {
    try {
      recoded.push(recode(folder, name));
    } catch (error) {
      if ((error as { code?: unknown }).code !== SPOILT) throw error;
      setAside.push(name);
    }
    onFile(recoded.length + setAside.length);
  }
  return { recoded, setAside };
}
