/**
 * Check job: are all sources of `three` modules? Part by part; then once more with a file that was damaged on the way.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import type { CheckPart, checkParts, Refusal } from "./checking.ts";
import { heddleCheck } from "./heddle.ts";
import { plainCheck } from "./plain.ts";
import { describeVerdict, verdictOf } from "./verdict.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src"], quick: ["src/math"] };
const PARTS = 24;
const FILE = "check.json";

export function checkJob({ size, threads }: JobSettings): Job {
  return checkOf(readSources(threeRoot(), FOLDERS[size]), PARTS, threads);
}

/** The check of any sources. The damaged file is the first of the first part, so that whoever stops at a failure has little to do. */
export function checkOf({ root, files, totalBytes, sha256 }: Sources, count: number, threads: number): Job {
  const cut = shares(files, count, lengthBytes).map((share) => share.map(({ path }) => path));
  const sound: CheckPart[] = cut.map((paths) => ({ root, paths }));
  const damagedFile = cut[0]![0]!;
  const damaged: CheckPart[] = sound.map((part) => ({ ...part, damaged: damagedFile }));
  const members = shares(
    sound.map((part, index) => ({ part, index, lengthBytes: 1 })),
    threads,
    lengthBytes,
  );
  return {
    name: "check",
    pattern: "error group",
    title: `${files.length} files in ${count} parts, are they modules? ${totalBytes.toLocaleString("en")} bytes, sha256 ${sha256}`,
    facts: { files: files.length, parts: count, bytes: totalBytes, damaged: damagedFile, sha256 },
    variants: variantsOf<typeof checkParts>(
      {
        plain: (onShare) => plainCheck(sound, damaged, onShare),
        heddle: (rt, onShare) => heddleCheck(rt, sound, damaged, onShare),
        ceiling: {
          module: sibling("checking", import.meta.url),
          task: "checkParts",
          parts: members.map((share, member) => [
            ...share.map(({ part }) => part),
            ...(member === 0 ? [{ root, paths: [damagedFile], damaged: damagedFile }] : []),
          ]),
          join(results) {
            const characters = new Array<number>(count);
            for (const [member, share] of members.entries()) {
              for (const [i, { index }] of share.entries()) characters[index] = results[member]![i] as number;
            }
            return verdictOf(characters, results[0]!.at(-1) as Refusal);
          },
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => describeVerdict(output.toString()),
  };
}
