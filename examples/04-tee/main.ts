// One stream of lines, read once: a thread indexes every line, and this one looks for those that call for attention.

import { readFileSync } from "node:fs";
import { pipeline, type Runtime, tee, utf8 } from "../../src/index.ts";
import { shortName, sources } from "../sources.ts";

export const about = "one stream of lines, to an index and to alarms";

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const lines = pipeline(rt, sources("src/math")).flatMap((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .map((text, i) => ({ at: `${shortName(path)}:${i + 1}`, text })),
  );
  const split = tee(lines);
  const toIndex = split.tap({ policy: "buffer", size: 256 }); // the index gets every line, and may be a while behind
  const alarms = split.tap(); // so do the alarms, one at a time

  const channel = rt.channel(utf8, 256);
  const indexing = rt.go(jobs.index, channel.receiver);
  const feeding = pipeline(rt, toIndex)
    .map(({ text }) => text)
    .into(channel.sender);

  const found: string[] = [];
  for await (const { at, text } of alarms) if (/\b(TODO|FIXME|deprecated)\b/i.test(text)) found.push(at);

  const { words, most } = await indexing;
  yield `index: ${await feeding} lines, ${words} long words; ${most.map(([word, n]) => `${word} ${n}`).join(", ")}`;
  yield `alarms: ${found.length}, the first at ${found[0]}`;
  yield `dropped: ${toIndex.dropped} and ${alarms.dropped}`;
}
