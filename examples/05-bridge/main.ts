// A query whose result comes in pages, each page a channel that another thread makes and fills: read as one list, the next page begun in time.

import { bridge, channelOf, type Runtime, utf8 } from "../../src/index.ts";
import { sources } from "../sources.ts";

export const about = "a result in pages, made on another thread, read as one list";

const PAGE = 20;

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const paths = sources("src");
  const pages = rt.channel(channelOf(utf8), 2);
  const query = rt.go(jobs.classesOf, paths, PAGE, pages.sender);

  let rows = 0;
  let longest = "";
  const firsts: string[] = [];
  for await (const name of bridge(pages, { prefetch: 1 })) {
    rows++;
    if (firsts.length < 3) firsts.push(name);
    if (name.length > longest.length) longest = name;
  }
  await query;
  yield `${rows} classes in ${Math.ceil(paths.length / PAGE)} pages of ${PAGE} files: ${firsts.join(", ")} …`;
  yield `the longest name: ${longest}`;
}
