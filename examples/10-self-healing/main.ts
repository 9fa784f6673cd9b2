// A parser that crashes on one file and gets stuck on another: its steward starts it again, and whoever reads sees one list without a gap.

import { queue, type Runtime, steward } from "../../src/index.ts";
import { shortName, sources } from "../sources.ts";
import type { Source } from "./jobs.ts";

export const about = "a parser that crashes and gets stuck, healed with its output unbroken";

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const paths = sources("src/math");
  const files = queue<Source>(rt, { capacity: 64, attempts: 2 });
  for (const [i, path] of paths.entries()) await files.put({ path, poison: i === 10 ? "nested" : i === 20 ? "locked" : undefined });
  files.close();

  const ends: string[] = [];
  const boss = steward(rt, {
    everyMs: 200,
    missed: 5,
    blockedMs: 0, // this ward is never to wait for long
    restarts: 5,
    backOff: { minMs: 1 },
    onEvent: (event) => {
      if (event.type === "exited") ends.push(event.exit.error ? nameOf(event.exit.error) : event.exit.kind);
    },
  });
  const counts = boss.ward(jobs.parser, files.handle);
  let statements = 0;
  let parsed = 0;
  for await (const count of counts) {
    statements += count;
    parsed++;
  }
  yield `${parsed} of ${paths.length} files, ${statements} statements, in ${counts.runs} runs`;
  yield `they ended: ${ends.join(", ")}`;
  for await (const letter of files.dead()) {
    yield `set aside: ${shortName(letter.value.path)} after ${letter.attempt + 1} attempts`;
    letter.ack();
  }
  await boss.stop();
  files[Symbol.dispose]();
}

function nameOf(error: unknown): string {
  const { name, code } = error as Error & { code?: string };
  return code ?? name;
}
