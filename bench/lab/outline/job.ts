/**
 * Outline job: what the modules of `three` declare, a page of files at a time.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { heddleOutline } from "./heddle.ts";
import { describeList, listOf } from "./list.ts";
import type { outlinePages, Page } from "./outlining.ts";
import { plainOutline } from "./plain.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src"], quick: ["src/math"] };
const FILES_PER_PAGE: Readonly<Record<Size, number>> = { full: 8, quick: 4 };
const FILE = "outline.txt";

export function outlineJob({ size, threads }: JobSettings): Job {
  return outlineOf(readSources(threeRoot(), FOLDERS[size]), FILES_PER_PAGE[size], threads);
}

/** The outline of any sources, `perPage` files at a time. */
export function outlineOf({ root, files, totalBytes, sha256 }: Sources, perPage: number, threads: number): Job {
  const pages: Page[] = [];
  const sizes: { index: number; lengthBytes: number }[] = [];
  for (let from = 0; from < files.length; from += perPage) {
    const page = files.slice(from, from + perPage);
    sizes.push({ index: pages.length, lengthBytes: page.reduce((sum, file) => sum + file.lengthBytes, 0) });
    pages.push({ root, paths: page.map(({ path }) => path) });
  }
  const cut = shares(sizes, threads, lengthBytes);
  return {
    name: "outline",
    pattern: "bridge",
    title: `declarations of ${files.length} files, ${pages.length} pages, ${totalBytes.toLocaleString("en")} bytes, sha256 ${sha256}`,
    facts: { files: files.length, pages: pages.length, bytes: totalBytes, sha256 },
    variants: variantsOf<typeof outlinePages>(
      {
        plain: (onShare) => plainOutline(pages, onShare),
        heddle: (rt, onShare) => heddleOutline(rt, pages, onShare),
        ceiling: {
          module: sibling("outlining", import.meta.url),
          task: "outlinePages",
          parts: cut.map((share) => share.map(({ index }) => pages[index]!)),
          join(results) {
            const lines = new Array<string[]>(pages.length);
            for (const [member, share] of cut.entries()) {
              for (const [i, { index }] of share.entries()) lines[index] = results[member]![i]!;
            }
            return listOf(lines.flat());
          },
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => describeList(output.toString()),
  };
}
