/**
 * Search job: looks for misspelt words in the sources of `three`, until there are enough.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { lengthBytes, readSources, type Sources, threeRoot } from "../sources.ts";
import { shares } from "../split.ts";
import { variantsOf } from "../variants.ts";
import { answerOf, describeAnswer } from "./answer.ts";
import type { Query, searchFiles } from "./fuzzy.ts";
import { heddleSearch } from "./heddle.ts";
import { plainSearch } from "./plain.ts";

const FOLDERS: Readonly<Record<Size, readonly string[]>> = { full: ["src"], quick: ["src/math"] };
const ENOUGH: Readonly<Record<Size, number>> = { full: 2_500, quick: 100 };
const QUERY: Query = { words: ["quaterion", "geomtry", "materail", "atribute", "intersecion", "frustrum"], mistakes: 2 };
const FILE = "search.json";

export function searchJob({ size, threads }: JobSettings): Job {
  return searchOf(readSources(threeRoot(), FOLDERS[size]), QUERY, ENOUGH[size], threads);
}

/** A search of any sources. Bare Workers get the files up to that of the last hit, for they cannot know when there is enough. */
export function searchOf(sources: Sources, query: Query, enough: number, threads: number): Job {
  const { root, files, totalBytes, sha256 } = sources;
  const { hits } = JSON.parse(plainSearch(sources, query, enough, () => undefined)) as { hits: { path: string }[] };
  const needed = hits.length < enough ? files : files.filter(({ path }) => path <= hits.at(-1)!.path);
  return {
    name: "search",
    pattern: "or-channel",
    title: `${query.words.length} misspelt words in ${files.length} files, until there are ${enough}; sha256 ${sha256}`,
    facts: { files: files.length, bytes: totalBytes, words: query.words.join(" "), enough, sha256 },
    variants: variantsOf<typeof searchFiles>(
      {
        plain: (onShare) => plainSearch(sources, query, enough, onShare),
        heddle: (rt, onShare) => heddleSearch(rt, sources, query, enough, onShare),
        ceiling: {
          module: sibling("fuzzy", import.meta.url),
          task: "searchFiles",
          parts: shares(needed, threads, lengthBytes).map((share) => share.map(({ path }) => ({ root, path, query }))),
          join(results) {
            const found = results.flat().sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
            return answerOf(found.slice(0, enough), found.length < enough ? "the last file" : "enough");
          },
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) => describeAnswer(output.toString()),
  };
}
