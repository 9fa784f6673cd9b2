// A census of a code base: what kinds of syntax it is made of. Files are read and parsed on all threads, their counts merged in lots.

import { from, pipeline, type Runtime } from "../../src/index.ts";
import { sources } from "../sources.ts";
import { merge } from "./jobs.ts";

export const about = "what kinds of syntax a code base is made of";

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const paths = sources("src");
  const lots = pipeline(rt, from(paths))
    .map(jobs.census, { width: "auto", batch: 4 }) // read and parse, in any order
    .batch(50) // lists of 50 counts
    .map(jobs.merge); // each list on a thread
  let counts = new Map<string, number>();
  for await (const lot of lots) counts = merge([counts, lot]);
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  yield `${paths.length} files, ${total.toLocaleString("en")} nodes of ${counts.size} types`;
  const most = [...counts].sort(([typeA, a], [typeB, b]) => b - a || (typeA < typeB ? -1 : 1)).slice(0, 5);
  for (const [type, n] of most) yield `${type.padEnd(20)} ${n.toLocaleString("en").padStart(8)}`;
  for (const { name, received, delivered, failed } of lots.stats) yield `stage ${name}: ${received} in, ${delivered} out, ${failed} failed`;
}
